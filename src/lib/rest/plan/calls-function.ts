// Whether a plan calls functions that the database's owner has made: they may do what SQL of developers may.
import { objectKey, type SchemaCache } from '../schema-cache';
import type { Plan, PlannedCondition, PlannedField, PlannedOrder, PlannedSelect, ReadNode } from './types';

/** A call, a computed field or relationship, a data representation, a cast, or a media type's handler. */
export function callsFunction(cache: SchemaCache, plan: Plan): boolean {
  if (plan.kind === 'call' || plan.handler.handler.kind === 'custom') return true;
  if (plan.kind === 'mutate' && (plan.columns.some(isCalled) || plan.where.some(calls))) return true;
  return readsByCall(cache, plan.root);
}

function readsByCall(cache: SchemaCache, node: ReadNode): boolean {
  const { relationship, select, where, order, spreadOrder, embedded, children } = node;
  return (
    relationship?.kind === 'computed' ||
    select.some(selectsByCall) ||
    where.some(calls) ||
    order.some((term) => ordersByCall(cache, node, term)) ||
    (spreadOrder?.extra ?? []).some(({ relation, select: { field } }) =>
      ordersByCall(cache, node, { field, ...(relation !== undefined && { relation }) }),
    ) ||
    embedded.some(
      (one) => one.kind === 'spread' && one.fields.some(({ aggregateCast }) => aggregateCast !== undefined),
    ) ||
    children.some((child) => readsByCall(cache, child))
  );
}

function selectsByCall({ field, cast, aggregateCast }: PlannedSelect): boolean {
  return isCalled(field) || cast !== undefined || aggregateCast !== undefined;
}

function calls(condition: PlannedCondition): boolean {
  switch (condition.kind) {
    case 'filter':
      return isCalled(condition.field);
    case 'logic':
      return condition.children.some(calls);
    case 'embed-null':
      return false;
  }
}

/** A name that is no column: PostgreSQL takes it for a function of the row. */
function isCalled({ name, type, transform, wholeRow }: PlannedField): boolean {
  return transform !== undefined || (type === '' && name !== '*' && !wholeRow);
}

/** By a field of an embedded resource, which has the columns that are selected of it. */
function ordersByCall(cache: SchemaCache, node: ReadNode, { relation, field }: PlannedOrder): boolean {
  if (relation === undefined) return isCalled(field);
  const child = node.children.find(({ aggregateAlias }) => aggregateAlias === relation);
  const target = child?.relationship && cache.tables.get(objectKey(child.relationship.target));
  return !child?.select.some((select) =>
    select.field.name === '*'
      ? target?.columns.has(field.name)
      : (select.alias ?? select.field.name) === field.name,
  );
}
