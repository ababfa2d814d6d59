// Aggregates of a spread resource are computed in its parent, so that rows are grouped by the parent's fields.
import { aggregatesError, notImplementedError } from '../errors';
import type { EmbeddedSelect, PlannedOrder, PlannedSelect, ReadNode, SpreadField } from './types';

/** @throws EngineError PGRST123 */
export function aggregatesChecked(node: ReadNode, enabled: boolean): void {
  if (enabled) return;
  if (node.select.some((select) => select.aggregate)) throw aggregatesError();
  for (const child of node.children) aggregatesChecked(child, enabled);
}

interface HoistedAggregate extends Omit<SpreadField, 'name' | 'aggregate'> {
  /** The alias of the level that the field is read from, and the field's name there. */
  from: string;
  name: string;
  aggregate: NonNullable<SpreadField['aggregate']>;
}

/** Moves aggregates of to-one spreads up to the nearest level that is not one. */
export function hoistAggregates(node: ReadNode): HoistedAggregate[] {
  const below = node.children.flatMap(hoistAggregates);
  const spreadToOne = node.spread === 'to-one';
  if (!spreadToOne) {
    node.embedded = node.embedded.map((embedded) => withHoisted(embedded, below));
    return [];
  }
  const own: HoistedAggregate[] = [];
  node.select = node.select.map((select) => {
    const { aggregate, aggregateCast, ...rest } = select;
    if (!aggregate) return select;
    own.push({
      from: node.aggregateAlias,
      name: select.alias ?? select.field.name,
      aggregate,
      ...(aggregateCast !== undefined && { aggregateCast }),
      ...(select.alias !== undefined && { alias: select.alias }),
    });
    return rest;
  });
  return [...own, ...below.map((hoisted) => ({ ...hoisted, from: node.aggregateAlias }))];
}

function withHoisted(embedded: EmbeddedSelect, hoisted: readonly HoistedAggregate[]): EmbeddedSelect {
  if (embedded.kind === 'json') return embedded;
  const fields = embedded.fields.map((field) => {
    const found = hoisted.find(
      ({ from, name }) => from === embedded.child.aggregateAlias && name === field.name,
    );
    if (!found) return field;
    const { from: _, ...aggregate } = found;
    return aggregate;
  });
  return { ...embedded, fields };
}

/**
 * A spread to-many resource is ordered where its fields become arrays, so it must also select its order columns.
 *
 * @throws EngineError PGRST127
 */
export function orderSpreads(node: ReadNode): void {
  if (node.spread === 'to-many') {
    const aggregated =
      node.select.some((select) => select.aggregate) ||
      node.embedded.some(
        (embedded) => embedded.kind === 'spread' && embedded.fields.some((field) => field.aggregate),
      );
    if (aggregated) {
      throw notImplementedError('Aggregates are not implemented for one-to-many or many-to-many spreads.');
    }
    const terms = node.order.map((term, index) => spreadTerm(node, term, index + 1));
    node.spreadOrder = { extra: terms.map(({ extra }) => extra), order: terms.map(({ order }) => order) };
    node.order = [];
  }
  for (const child of node.children) orderSpreads(child);
}

function spreadTerm(
  node: ReadNode,
  { relation, field, ...modifiers }: PlannedOrder,
  position: number,
): { extra: { relation?: string; select: PlannedSelect }; order: PlannedOrder } {
  const alias = `${node.aggregateAlias}_${field.name}_${position}`;
  return {
    extra: { ...(relation !== undefined && { relation }), select: { field, alias } },
    order: { field: { name: alias, path: [], toJson: true, type: '' }, ...modifiers },
  };
}
