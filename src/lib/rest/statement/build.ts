// A plan → one statement, whose single row is the whole answer.
import { SOURCE } from '../plan/read-plan';
import type { CallPlan, MutatePlan, Plan, ReadPlan } from '../plan/types';
import { bodyExpression, ROWS } from './body';
import { boundedValues } from './bounded';
import { callSql } from './call';
import { countsInserted, INSERTED, mutationSql } from './mutate';
import { countSql, type Reading, readSql } from './read';
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
  /** An estimate is enough, so counting stops after `maxRows`. */
  estimated: boolean;
  /** Levels that the request limits. */
  rangedLevels: ReadonlySet<string>;
  /** The rows of lists are measured, and refused as they become too many or too large. */
  bounded: boolean;
  /** The root's rows need not be measured. */
  small: boolean;
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

function reading({ maxRows, rangedLevels, bounded }: StatementOptions): Reading {
  return {
    ranged: (level) => maxRows !== undefined || (level !== undefined && rangedLevels.has(level)),
    bounded,
  };
}

/** The rows that become the body, under their alias. */
function rowsSql(plan: Plan, rows: Sql, { bounded, small }: StatementOptions): Sql {
  const { kind } = plan.handler.handler;
  const isRecord = plan.kind !== 'call' || plan.routine.result.composite;
  const measurable =
    kind === 'json' || kind === 'array-nulls-stripped' || kind === 'object' || kind === 'csv';
  if (!bounded || small || !isRecord || !measurable) return sql`(${rows}) ${ROWS}`;
  const values = boundedValues(rows, kind === 'csv' ? 'record' : 'json');
  return sql`(${values}) measured(${ROWS})`;
}

/** Without a limit the page's count is the total. */
function totals(
  plan: ReadPlan | CallPlan,
  pageTotal: string,
  { counted, estimated, maxRows, rangedLevels }: StatementOptions,
): { common: Sql; total: string } {
  if (!counted) return { common: nothing, total: 'null' };
  if (maxRows === undefined && !rangedLevels.has('')) return { common: nothing, total: pageTotal };
  const limit = estimated && maxRows !== undefined && plan.kind === 'read' ? ` limit ${maxRows + 1}` : '';
  return {
    common: sql`, pgrst_source_count as (${countSql(plan.root)}${limit})`,
    total: '(select pg_catalog.count(*) from pgrst_source_count)',
  };
}

function readStatement(plan: ReadPlan, options: StatementOptions): Sql {
  const pageTotal = `pg_catalog.count(${ROWS})`;
  const { common, total } = totals(plan, pageTotal, options);
  return sql`with ${SOURCE} as (${readSql(plan.root, reading(options))})${common} select ${selectAnswer(plan, { total, pageTotal })} from ${rowsSql(plan, [`select * from ${SOURCE}`], options)}`;
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
      : readSql(plan.root, { ranged: () => false, bounded: options.bounded });
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
