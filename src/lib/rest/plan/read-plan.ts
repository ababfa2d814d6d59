// Resolves the tree of levels: relationships, columns, aliases, and what each level selects of its embedded levels.
import type { QueryParameters } from '../api-request/types';
import { notEmbeddedError, relatedOrderError } from '../errors';
import { isToOne, type QualifiedName, type Relationship, type SchemaCache } from '../schema-cache';
import { aggregatesChecked, hoistAggregates, orderSpreads } from './aggregates';
import { FieldResolver } from './fields';
import { findRelationship } from './find-relationship';
import { fixedColumns, isFixedJoin } from './fixed';
import { type RequestedLevel, requestedTree, type TreeOptions } from './read-tree';
import type {
  EmbeddedSelect,
  JoinCondition,
  PlannedCondition,
  PlannedSelect,
  ReadNode,
  RelationColumn,
  SpreadField,
} from './types';

/** The common table expression that a write's or a call's rows come from. */
export const SOURCE = 'pgrst_source';

export interface ReadPlanOptions extends TreeOptions {
  aggregatesEnabled: boolean;
  /** The rows come from a write or a call. */
  fromSource: boolean;
  /** Of the request's fixed filter. */
  fixedColumn: string | undefined;
}

/** @throws EngineError PGRST108, PGRST118, PGRST123, PGRST127, PGRST200, PGRST201 */
export function planRead(
  cache: SchemaCache,
  target: QualifiedName,
  parameters: QueryParameters,
  options: ReadPlanOptions,
): ReadNode {
  const requested = requestedTree(target, parameters, options);
  const root = requested.node;
  if (options.fromSource) {
    root.fromAlias = target.name;
    root.from = { schema: '', name: SOURCE };
  } else root.fixed = fixedColumns(cache, options.fixedColumn, target);
  relate(cache, target.schema, requested, options.fixedColumn);
  resolve(cache, target, requested, false);
  relateOrders(root);
  findNullFilters(root);
  showEmbedded(root);
  aggregatesChecked(root, options.aggregatesEnabled);
  hoistAggregates(root);
  orderSpreads(root);
  return root;
}

function relate(
  cache: SchemaCache,
  schema: string,
  parent: RequestedLevel,
  fixedColumn: string | undefined,
): void {
  for (const child of parent.children) {
    const { node } = child;
    const above = parent.node;
    const origin = above.depth === 0 ? (above.fromAlias ?? above.from.name) : above.from.name;
    const relationship = findRelationship(cache, schema, origin, node, fixedColumn);
    node.relationship = relationship;
    node.from = relationship.target;
    node.aggregateAlias = `${relationship.origin.name}_${node.alias ?? node.name}_${node.depth}`;
    if (relationship.kind !== 'junction') node.fromAlias = `${relationship.target.name}_${node.depth}`;
    if (relationship.kind === 'computed') {
      node.argument = { alias: above.fromAlias ?? relationship.origin.name, type: relationship.origin };
    }
    node.fixed = fixedOf(cache, relationship, node, fixedColumn);
    node.joinConditions = joinConditions(relationship, node, above).filter(
      (condition) => !isFixedJoin(condition, [node, above]),
    );
    if (node.spread && !isToOne(relationship)) node.spread = 'to-many';
    relate(cache, schema, child, fixedColumn);
  }
}

/** The rows of a computed relationship are what its function returns. */
function fixedOf(
  cache: SchemaCache,
  relationship: Relationship,
  { fromAlias }: ReadNode,
  column: string | undefined,
): RelationColumn[] {
  if (relationship.kind === 'computed') return [];
  const own = fixedColumns(cache, column, relationship.target, fromAlias);
  if (relationship.kind === 'foreign-key') return own;
  return [...own, ...fixedColumns(cache, column, relationship.junction.table)];
}

function joinConditions(relationship: Relationship, node: ReadNode, parent: ReadNode): JoinCondition[] {
  if (relationship.kind === 'computed') return [];
  const named = (alias: string | undefined, relation: QualifiedName): QualifiedName =>
    alias === undefined ? relation : { schema: '', name: alias };
  const origin = named(parent.fromAlias, relationship.origin);
  if (relationship.kind === 'foreign-key') {
    const target = named(node.fromAlias, relationship.target);
    return relationship.columns.map(([own, other]) => ({
      left: { table: target, column: other },
      right: { table: origin, column: own },
    }));
  }
  const { table, originColumns, targetColumns } = relationship.junction;
  return [
    ...targetColumns.map(([column, own]) => ({
      left: { table, column: own },
      right: { table: relationship.target, column },
    })),
    ...originColumns.map(([column, own]) => ({
      left: { table, column: own },
      right: { table: origin, column },
    })),
  ];
}

/** @param aggregated whether this level or one above groups its rows, so that `*` must be spelt out */
function resolve(
  cache: SchemaCache,
  relation: QualifiedName,
  requested: RequestedLevel,
  aggregated: boolean,
): void {
  const { node } = requested;
  const resolver = new FieldResolver(cache, relation);
  const grouped =
    aggregated || node.spread === 'to-many' || requested.select.some((item) => item.aggregate !== undefined);
  const selected = requested.select.map(({ field, alias, cast, aggregate, aggregateCast }) => ({
    field: resolver.output(field),
    ...(alias !== undefined && { alias }),
    ...(cast !== undefined && { cast }),
    ...(aggregate && { aggregate }),
    ...(aggregateCast !== undefined && { aggregateCast }),
  }));
  node.select = withStars(selected, resolver, node, grouped).map((select) =>
    withAlias(select, node.spread !== undefined),
  );
  node.where = [
    ...requested.logic.map((tree) => resolver.logic(tree)),
    ...requested.filters.map((filter) => resolver.filter(filter)),
  ];
  node.order = requested.order.map((term) => resolver.order(term));
  for (const child of requested.children) resolve(cache, child.node.from, child, grouped);
}

function withStars(
  selected: readonly PlannedSelect[],
  resolver: FieldResolver,
  node: ReadNode,
  grouped: boolean,
): PlannedSelect[] {
  const isStar = ({ field }: PlannedSelect) => field.name === '*' && field.path.length === 0;
  const counts = ({ aggregate }: PlannedSelect) => node.spread !== undefined && aggregate === 'count';
  const starred = selected.some((select) => isStar(select) && (!select.aggregate || counts(select)));
  if (!starred) return [...selected];
  const all = resolver.columns();
  const columns = all.filter(({ hidden }) => !hidden);
  const asTheyAre =
    columns.length === all.length && !columns.some((column) => resolver.hasOutputRepresentation(column));
  if (!grouped && asTheyAre) return [...selected];
  return selected.flatMap((select) => {
    if (!isStar(select)) return [select];
    if (!select.aggregate)
      return columns.map((column) => ({ ...select, field: resolver.outputColumn(column) }));
    return counts(select) ? [{ ...select, field: { ...select.field, wholeRow: true } }] : [select];
  });
}

/** An explicit name where PostgreSQL's default would be wrong. */
function withAlias(select: PlannedSelect, spread: boolean): PlannedSelect {
  const { field, aggregate, alias } = select;
  if (alias !== undefined) return select;
  if (aggregate) return spread ? { ...select, alias: aggregate } : select;
  const last = field.path.at(-1);
  if (last) {
    const lastKey = field.path.findLast((step) => !step.index)?.operand;
    return { ...select, alias: lastKey ?? field.name };
  }
  return field.transform === undefined ? select : { ...select, alias: field.name };
}

function relateOrders(node: ReadNode): void {
  node.order = node.order.map((term) => {
    if (term.relation === undefined) return term;
    const child = node.children.find(({ name, alias }) => term.relation === (alias ?? name));
    if (!child) throw notEmbeddedError(term.relation);
    if (!child.relationship || !isToOne(child.relationship)) {
      throw relatedOrderError(node.from.name, child.alias ?? child.name);
    }
    return { ...term, relation: child.aggregateAlias };
  });
  for (const child of node.children) relateOrders(child);
}

/** `embedded=is.null` filters by whether anything was embedded. */
function findNullFilters(node: ReadNode): void {
  const rewritten = (condition: PlannedCondition): PlannedCondition => {
    if (condition.kind === 'logic') return { ...condition, children: condition.children.map(rewritten) };
    if (condition.kind !== 'filter' || condition.field.path.length > 0) return condition;
    const { operation, field, negated } = condition;
    if (operation.kind !== 'is' || operation.value !== 'null') return condition;
    const child = node.children.find(({ name, alias }) => field.name === (alias ?? name));
    return child ? { kind: 'embed-null', negated, child } : condition;
  };
  node.where = node.where.map(rewritten);
  for (const child of node.children) findNullFilters(child);
}

function showEmbedded(node: ReadNode): void {
  for (const child of node.children) showEmbedded(child);
  node.embedded = node.children.map((child): EmbeddedSelect => {
    if (child.spread) return { kind: 'spread', fields: spreadFields(child), child };
    return {
      kind: 'json',
      name: child.alias ?? child.name,
      toOne: child.relationship !== undefined && isToOne(child.relationship),
      empty: isEmpty(child),
      child,
    };
  });
}

/** Nothing is selected at any level: the resource is embedded only for filters. */
function isEmpty(node: ReadNode): boolean {
  return node.select.length === 0 && node.children.every(isEmpty);
}

function spreadFields(node: ReadNode): SpreadField[] {
  return [
    ...node.select.map(({ field, alias }) => ({ name: alias ?? field.name })),
    ...node.embedded.flatMap((embedded) => {
      if (embedded.kind === 'spread') return embedded.fields;
      return embedded.empty ? [] : [{ name: embedded.name }];
    }),
  ];
}
