// Whether PostgreSQL plans a statement for its values or once for all. Its own rule compares costs alone: it takes planning for
// far cheaper than it is (0.3 ms for one table, 6 ms for eight), and a plan made for a tenant of average size for good.
import type { Page } from '../api-request/values';
import type { Plan, PlannedCondition, ReadPlan } from '../plan/types';

/** A value of `plan_cache_mode`; undefined leaves the choice to PostgreSQL. */
export type PlanChoice = 'force_generic_plan' | 'force_custom_plan' | undefined;

/** For statements with a fixed filter: where many rows are read, planning for their number pays off. */
export function planChoice(plan: Plan, page: Page): PlanChoice {
  if (plan.kind !== 'read' || plan.handler.type.plan) return undefined;
  if (page.deep) return 'force_custom_plan';
  const { where, children } = plan.root;
  const byKey = isByKey(plan);
  if (page.few || byKey) {
    // Few rows by an index, whatever the values.
    if (where.every(byKey ? comparesEqual : comparesOneValue)) return 'force_generic_plan';
    // A plan made once for all values cannot use a partial index, such as that of the tasks in one of the open states.
    return children.length === 0 ? 'force_custom_plan' : undefined;
  }
  // How many rows there are decides how they are joined.
  return children.length > 0 && !page.short ? 'force_custom_plan' : undefined;
}

function comparesEqual(condition: PlannedCondition): boolean {
  if (condition.kind !== 'filter' || condition.negated) return false;
  const { operation } = condition;
  if (operation.kind === 'quantified') return operation.operator === 'eq' && !operation.quantifier;
  return operation.kind === 'is' || operation.kind === 'in';
}

function comparesOneValue(condition: PlannedCondition): boolean {
  return comparesEqual(condition) && !(condition.kind === 'filter' && condition.operation.kind === 'in');
}

function isByKey({ primaryKey, root }: ReadPlan): boolean {
  const known = new Set(root.fixed.map(({ column }) => column));
  for (const condition of root.where) {
    if (condition.kind !== 'filter' || !comparesEqual(condition)) continue;
    const { field, operation } = condition;
    if (operation.kind === 'quantified' && field.path.length === 0) known.add(field.name);
  }
  return primaryKey.length > 0 && primaryKey.every((name) => known.has(name));
}
