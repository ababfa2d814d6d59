// A plan → one statement, whose single row is the whole answer.
import type { Page } from '../api-request/values';
import { SOURCE } from '../plan/read-plan';
import type { CallPlan, MutatePlan, Plan, ReadPlan } from '../plan/types';
import { bodyExpression, ROWS } from './body';
import { boundedRows, boundedValues } from './bounded';
import { callSql } from './call';
import { countsInserted, INSERTED, mutationSql } from './mutate';
import { choosesKeys, countSql, isGrouped, pageCountSql, type Reading, readByKeysSql, readSql } from './read';
import { type CompiledSql, compile, constant, nothing, type Sql, sql } from './sql';

/** Columns of the answer's row. */
export const ANSWER = {
  total: 0,
  pageTotal: 1,
  location: 2,
  body: 3,
  headers: 4,
  status: 5,
  inserted: 6,
} as const;

export interface StatementOptions {
  /** Count all rows, not only the page's. */
  counted: boolean;
  /** Every level of a read is limited (`db-max-rows`). */
  maxRows: number | undefined;
  /** An estimate is enough, so counting stops after so many rows. */
  estimateAbove: number | undefined;
  /** Levels that the request limits. */
  rangedLevels: ReadonlySet<string>;
  /** The rows of lists are measured, and refused as they become too many or too large. */
  bounded: boolean;
  /** The root's rows need not be measured. */
  small: boolean;
  page: Page;
}

export interface BuiltStatement {
  main: CompiledSql;
  /** `EXPLAIN` of the count, for `count=planned|estimated`. */
  plannedCount?: CompiledSql;
}

export function buildStatement(plan: Plan, options: StatementOptions): BuiltStatement {
  const main = compile(explained(plan, mainSql(plan, options)));
  if (plan.kind !== 'read') return { main };
  return { main, plannedCount: compile(sql`explain (format json) ${countSql(plan.root)}`) };
}

function mainSql(plan: Plan, options: StatementOptions): Sql {
  switch (plan.kind) {
    case 'read':
      return readStatement(plan, options);
    case 'mutate':
      return mutateStatement(plan, options);
    case 'call':
      return callStatement(plan, options);
  }
}

function explained({ handler }: Plan, statement: Sql): Sql {
  const { plan } = handler.type;
  if (!plan) return statement;
  const chosen = [`format ${plan.format}`, ...plan.options];
  return sql`explain (${chosen.join(', ')}) ${statement}`;
}

const responseHeaders = "nullif(current_setting('response.headers', true), '')";
const responseStatus = "nullif(current_setting('response.status', true), '')";

interface Answer {
  total: string;
  pageTotal: string;
  location?: Sql;
  body: string;
  inserted?: string;
}

function answerSql({ total, pageTotal, location, body, inserted }: Answer): Sql {
  return sql`${total}, ${pageTotal}, ${location ?? 'null'}, ${body}, ${responseHeaders}, ${responseStatus}, ${inserted ?? 'null'}`;
}

/** For EXPLAIN: the columns of PostgREST's own statement, so that costs and widths are comparable. */
function explainedAnswerSql(plan: Plan, { total, pageTotal, location, body, inserted }: Answer): Sql {
  const counted = plan.kind === 'mutate' ? "''" : total.replace(/^null$/, 'null::bigint');
  const located = plan.kind === 'mutate' ? sql`${location ?? 'array[]::text[]'}, ` : nothing;
  return sql`${counted}, ${pageTotal}, ${located}${body}, ${responseHeaders}, ${responseStatus}, ${inserted ?? "''"}`;
}

function selectAnswer(plan: Plan, answer: Omit<Answer, 'body'>): Sql {
  const explain = plan.handler.type.plan !== undefined;
  const routine = plan.kind === 'call' ? plan.routine : undefined;
  const body = bodyExpression(plan.handler.handler, routine, { explain });
  return explain ? explainedAnswerSql(plan, { ...answer, body }) : answerSql({ ...answer, body });
}

function reading({ maxRows, rangedLevels, bounded, page }: StatementOptions): Reading {
  return {
    ranged: (level) => maxRows !== undefined || (level !== undefined && rangedLevels.has(level)),
    bounded,
    page,
  };
}

/** The rows that become the body, under their alias. */
function rowsSql(plan: Plan, rows: Sql, { bounded, small }: StatementOptions): Sql {
  const { kind } = plan.handler.handler;
  if (!bounded || small || kind === 'none' || kind === 'custom') return sql`(${rows}) ${ROWS}`;
  if (plan.kind === 'call' && !plan.routine.result.composite) {
    // A single value is there already; of several the body names their column.
    return sql`(${plan.routine.result.setOf ? boundedRows(rows) : rows}) ${ROWS}`;
  }
  const values = boundedValues(rows, kind === 'csv' || kind === 'geojson' ? 'record' : 'json');
  return sql`(select value from (${values}) bounded) measured(${ROWS})`;
}

/** Without a limit the page's count is the total. */
function totals(
  plan: ReadPlan | CallPlan,
  pageTotal: string,
  { counted, estimateAbove, maxRows, rangedLevels }: StatementOptions,
): { common: Sql; total: string } {
  if (!counted) return { common: nothing, total: 'null' };
  if (maxRows === undefined && !rangedLevels.has('')) return { common: nothing, total: pageTotal };
  const limit = estimateAbove !== undefined && plan.kind === 'read' ? ` limit ${estimateAbove + 1}` : '';
  return {
    common: sql`, pgrst_source_count as (${countSql(plan.root)}${limit})`,
    total: '(select pg_catalog.count(*) from pgrst_source_count)',
  };
}

function readStatement(plan: ReadPlan, options: StatementOptions): Sql {
  if (plan.handler.handler.kind === 'none' && !isGrouped(plan.root)) return headStatement(plan, options);
  const pageTotal = `pg_catalog.count(${ROWS})`;
  const { common, total } = totals(plan, pageTotal, options);
  const rows = choosesKeys(plan, options.page)
    ? readByKeysSql(plan, reading(options))
    : readSql(plan.root, reading(options));
  return sql`with ${SOURCE} as (${rows})${common} select ${selectAnswer(plan, { total, pageTotal })} from ${rowsSql(plan, [`select * from ${SOURCE}`], options)}`;
}

/** Rows that are not returned are counted without what they would show: that is checked, but not run. */
function headStatement(plan: ReadPlan, options: StatementOptions): Sql {
  const pageTotal = '(select rows from pgrst_page)';
  const { common, total } = totals(plan, pageTotal, options);
  const checked = `(select pg_catalog.count(*) from (select * from ${SOURCE} limit 0) checked)`;
  return sql`with ${SOURCE} as (${readSql(plan.root, reading(options))}), pgrst_page as (${pageCountSql(plan.root, reading(options))})${common} select ${selectAnswer(plan, { total, pageTotal: `${pageTotal} + ${checked}` })}`;
}

function callStatement(plan: CallPlan, options: StatementOptions): Sql {
  const { routine } = plan;
  const pageTotal = routine.result.setOf ? `pg_catalog.count(${ROWS})` : '1';
  const { common, total } = totals(plan, pageTotal, options);
  return sql`with ${SOURCE} as (${callSql(plan)})${common} select ${selectAnswer(plan, { total, pageTotal })} from ${rowsSql(plan, readSql(plan.root, reading(options)), options)}`;
}

function mutateStatement(plan: MutatePlan, options: StatementOptions): Sql {
  // Rows that are not returned need not be readable.
  const rows: Sql =
    plan.handler.handler.kind === 'none'
      ? [`select * from ${SOURCE}`]
      : readSql(plan.root, { ...reading(options), ranged: () => false });
  const answer: Omit<Answer, 'body'> = {
    total: 'null',
    pageTotal: `pg_catalog.count(${ROWS})`,
    ...(plan.location && { location: locationSql(plan.primaryKey) }),
    ...(countsInserted(plan) && { inserted: `nullif(current_setting('${INSERTED}', true), '')` }),
  };
  return sql`with ${SOURCE} as (${mutationSql(plan)}) select ${selectAnswer(plan, answer)} from ${rowsSql(plan, rows, options)}`;
}

/** `[["id","eq.1"]]` of a single inserted row. */
function locationSql(primaryKey: readonly string[]): Sql {
  const keys = primaryKey.flatMap((column) => sql`, ${constant(column)}`);
  return sql`case when pg_catalog.count(${ROWS}) = 1 then (select json_agg(json_build_array(pair.key, coalesce('eq.' || pair.value, 'is.null'))) from (select row_to_json(source) as fields from ${SOURCE} as source limit 1) first cross join json_each_text(first.fields) as pair where pair.key in (null${keys})) end`;
}
