// INSERT, UPDATE and DELETE from a JSON body.
import type { MutatePlan, PlannedField } from '../plan/types';
import type { QualifiedName } from '../schema-cache';
import { conditionSql, fixedSql } from './conditions';
import { column, identifier, joined, literal, nothing, parameter, qualified, type Sql, sql } from './sql';

const BODY: QualifiedName = { schema: '', name: 'pgrst_body' };

export function mutationSql(plan: MutatePlan): Sql {
  switch (plan.mutation) {
    case 'create':
    case 'upsert':
      return insertSql(plan);
    case 'update':
      return updateSql(plan);
    case 'delete':
      return sql`delete from ${qualified(plan.target)}${whereSql(plan, plan.target)}${returningSql(plan)}`;
  }
}

/** Counts inserted rows: up when a row is proposed, down when a conflict turns it into an update. */
export const INSERTED = 'pgrst.inserted';
const countUp = `set_config('${INSERTED}', (coalesce(nullif(current_setting('${INSERTED}', true), ''), '0')::int + 1)::text, true) <> '0'`;
const countDown = `set_config('${INSERTED}', (coalesce(nullif(current_setting('${INSERTED}', true), ''), '0')::int - 1)::text, true) <> '-1'`;

/** Whether inserted rows are distinguished from updated ones. */
export function countsInserted({ mutation, conflict }: MutatePlan): boolean {
  return mutation === 'upsert' || conflict?.resolution === 'merge-duplicates';
}

function insertSql(plan: MutatePlan): Sql {
  const { target, columns } = plan;
  const names = columns.map(({ name }) => identifier(name)).join(', ');
  const list = columns.length === 0 ? ' ' : `(${names}) `;
  const selected = columns.map(({ name }) => column(BODY, name)).join(', ');
  const conditions = plan.where.map((condition) => conditionSql(BODY, condition));
  const counted = countsInserted(plan) ? [[countUp]] : [];
  const where = joined([...counted, ...conditions], ' and ');
  return sql`insert into ${qualified(target)}${list}select ${selected} ${bodySql(plan)}${where.length > 0 ? sql` where ${where}` : nothing}${conflictSql(plan)}${returningSql(plan)}`;
}

function conflictSql(plan: MutatePlan): string {
  const { conflict, columns } = plan;
  if (!conflict || conflict.columns.length === 0) return '';
  const on = ` on conflict(${conflict.columns.map(identifier).join(', ')}) `;
  if (conflict.resolution === 'ignore-duplicates' || columns.length === 0) return `${on}do nothing`;
  const set = columns.map(({ name }) => `${identifier(name)} = excluded.${identifier(name)}`).join(', ');
  return `${on}do update set ${set}${countsInserted(plan) ? ` where ${countDown}` : ''}`;
}

function updateSql(plan: MutatePlan): Sql {
  const { target, columns, returning } = plan;
  if (columns.length === 0) {
    // Nothing to set: no rows, with the right columns.
    const own = { schema: '', name: target.name };
    const selected = returning.length === 0 ? 'null' : returning.map((name) => column(own, name)).join(', ');
    return [`select ${selected} from ${qualified(target)} where false`];
  }
  const set = columns.map(({ name }) => `${identifier(name)} = ${column(BODY, name)}`).join(', ');
  return sql`update ${qualified(target)} set ${set} ${bodySql(plan)}${whereSql(plan, target)}${returningSql(plan)}`;
}

function whereSql({ where, fixed }: MutatePlan, relation: QualifiedName): Sql {
  const conditions = [...fixed.map(fixedSql), ...where.map((condition) => conditionSql(relation, condition))];
  return conditions.length === 0 ? nothing : sql` where ${joined(conditions, ' and ')}`;
}

function returningSql({ target, returning }: MutatePlan): string {
  if (returning.length === 0) return ' returning 1';
  return ` returning ${returning.map((name) => column(target, name)).join(', ')}`;
}

export interface BodyShape {
  columns: readonly Pick<PlannedField, 'name' | 'type' | 'transform' | 'defaultExpression'>[];
  isObject: boolean;
  applyDefaults: boolean;
}

/** `from … pgrst_body`: the body's objects as rows of the columns' types. */
export function bodySql(
  { columns, isObject, applyDefaults }: BodyShape,
  { limitOne = false }: { limitOne?: boolean } = {},
): Sql {
  const json = applyDefaults ? 'jsonb' : 'json';
  const body = sql`${parameter({ kind: 'body' })}::${json}`;
  const defaults = applyDefaults ? defaultsSql(columns, isObject) : '';
  const source = applyDefaults ? 'pgrst_json_defs.val' : 'pgrst_payload.json_data';
  const parsed = columns
    .map(({ name, transform }) =>
      transform === undefined ? identifier(name) : `${transform}(${identifier(name)}) as ${identifier(name)}`,
    )
    .join(', ');
  const typed = columns.map(({ name, type }) => `${identifier(name)} ${type}`).join(', ');
  const records = isObject ? `${json}_to_record` : `${json}_to_recordset`;
  const rows =
    columns.length > 0
      ? `${records}(${source}) as _(${typed})${limitOne ? ' limit 1' : ''}`
      : isObject
        ? '(values(1)) _'
        : `${json}_array_elements(${source}) _`;
  return sql`from (select ${body} as json_data) pgrst_payload, ${defaults}lateral (select ${parsed} from ${rows}) ${BODY.name} `;
}

/** Defaults under the given values. */
function defaultsSql(columns: BodyShape['columns'], isObject: boolean): string {
  const pairs = columns.flatMap(({ name, defaultExpression }) =>
    defaultExpression === undefined ? [] : [`${literal(name)}, ${defaultExpression}`],
  );
  const defaults = `jsonb_build_object(${pairs.join(', ')})`;
  const value = isObject
    ? `select ${defaults} || pgrst_payload.json_data as val`
    : `select jsonb_agg(${defaults} || elem) as val from jsonb_array_elements(pgrst_payload.json_data) elem`;
  return `lateral (${value}) pgrst_json_defs, `;
}
