// Bounds the rows of an answer: the statement fails once they are too many or too large, instead of building an answer of any
// size in PostgreSQL's memory. Every level of embedding is bounded, and the lists of one row are bounded together: the same list under
// many aliases costs no more than one.
import { resultTooLargeError } from '../errors';
import { isDatabaseError } from '../postgres-error';
import { identifier, parameter, type Sql, sql } from './sql';

/** Without a function of our own in the database, a failing cast is the one way to raise an error in a query. */
const REFUSAL = 'marquee_result_too_large:';

const BYTES = identifier('marquee_bytes');
const ROWS = identifier('marquee_rows');
/** An alias that is not the name of a column: PostgreSQL would read it as the column. */
const ROW = identifier('marquee_row');

/** What lists beside this one in the same row have come to. */
const TOTAL = identifier('marquee_total');

/** A column with the bytes of a list and of those before it, for the next list of the row. @param before alias of the one before */
export function totalSql(before: string | undefined): string {
  const own = `coalesce(max(${BYTES}), 0)`;
  return `${before === undefined ? own : `${own} + ${totalOf(before)}`} as ${TOTAL}`;
}

function totalOf(list: string): string {
  return `${identifier(list)}.${TOTAL}`;
}

/** Each row of a query as JSON, or as the record it is, in column `value`. @param before alias of the list before it in the row */
export function boundedValues(query: Sql, as: 'json' | 'record', before?: string): Sql {
  // `offset 0` keeps the value from being computed once for its size and once more for itself.
  const valued = sql`select ${as === 'json' ? `row_to_json(${ROW})` : ROW} as value from (${query}) as ${ROW} offset 0`;
  return sql`select value, ${BYTES} from (${measured('value', 'value', valued)}) as measured where ${withinLimits(before)}`;
}

/** The rows of a query, with columns of our own behind theirs. */
export function boundedRows(query: Sql, before?: string): Sql {
  return sql`select * from (${measured(`${ROW}.*`, ROW, query)}) as measured where ${withinLimits(before)}`;
}

function measured(columns: string, value: string, query: Sql): Sql {
  return sql`select ${columns}, sum(octet_length(${value}::text)) over so_far as ${BYTES}, count(*) over so_far as ${ROWS} from (${query}) as ${ROW} window so_far as (rows unbounded preceding)`;
}

function withinLimits(before: string | undefined): Sql {
  const bytes = before === undefined ? BYTES : `${BYTES} + ${totalOf(before)}`;
  return sql`case when ${bytes} > ${parameter({ kind: 'max-bytes' })}::bigint or ${ROWS} > ${parameter({ kind: 'max-rows' })}::bigint then ('${REFUSAL}' || ${BYTES})::int > 0 else true end`;
}

/** The refusal, where an error of PostgreSQL's is one. */
export function refusedByBounds(error: unknown) {
  if (!isDatabaseError(error) || error.code !== '22P02' || !error.message.includes(`"${REFUSAL}`)) return;
  return resultTooLargeError();
}
