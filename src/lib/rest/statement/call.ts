// Calling a function by name with named arguments.
import type { CallPlan } from '../plan/types';
import type { QualifiedName, RoutineParameter } from '../schema-cache';
import { bodySql } from './mutate';
import { column, identifier, joined, nothing, parameter, qualified, type Sql, sql } from './sql';

const CALL: QualifiedName = { schema: '', name: 'pgrst_call' };
/** The column of a scalar result. */
export const SCALAR = 'pgrst_scalar';

export function callSql(plan: CallPlan): Sql {
  const selected = plan.routine.result.composite ? selectedColumns(plan) : column(CALL, SCALAR);
  return sql`select ${selected} from ${sourceSql(plan)}`;
}

function sourceSql(plan: CallPlan): Sql {
  const given = plan.arguments;
  if (given.kind === 'body') {
    return invocationSql(plan, sql`${parameter({ kind: 'body' })}::${given.parameter.type}`);
  }
  if (given.parameters.length === 0) return invocationSql(plan, nothing);
  if (given.kind === 'direct') {
    return invocationSql(plan, joined(given.parameters.map(directArgumentSql), ', '));
  }
  const columns = given.parameters.map(({ name, unlimitedType }) => ({ name, type: unlimitedType }));
  const body = bodySql({ columns, isObject: plan.isObject, applyDefaults: false }, { limitOne: true });
  const named = given.parameters.map(
    ({ name, variadic }) =>
      `${variadic ? 'variadic ' : ''}${identifier(name)} := pgrst_body.${identifier(name)}`,
  );
  // `from` is the caller's; the body comes before the call that reads it.
  const [from = '', ...rest] = body;
  const withoutFrom = typeof from === 'string' ? [from.replace(/^from /, ''), ...rest] : body;
  return sql`${withoutFrom}, lateral ${invocationSql(plan, [named.join(', ')])}`;
}

function invocationSql({ routine }: CallPlan, given: Sql): Sql {
  const call = sql`${qualified(routine)}(${given})`;
  return routine.result.composite ? sql`${call} ${CALL.name}` : sql`(select ${call} ${SCALAR}) ${CALL.name}`;
}

function directArgumentSql({ name, variadic, unlimitedType }: RoutineParameter): Sql {
  const value = parameter({ kind: 'argument', name, variadic });
  return sql`${variadic ? 'variadic ' : ''}${identifier(name)} := ${value}::${unlimitedType}`;
}

function selectedColumns({ returning, filterFields }: CallPlan): string {
  if (returning.length === 0) return '*';
  if (returning.includes('*')) return column(CALL, '*');
  return [...new Set([...returning, ...filterFields])].map((name) => column(CALL, name)).join(', ');
}
