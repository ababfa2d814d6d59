// The requested range of rows: `limit` and `offset`, and the Range header of GET.
import { rangeError } from '../errors';
import type { RequestedRange } from './query-string';

/** Rows from `offset` (0 is the first) on; at most `limit` of them, all where it is null. */
export interface RowRange {
  offset: number;
  limit: number | null;
}

export const ALL_ROWS: RowRange = { offset: 0, limit: null };

export function isAllRows(range: RowRange): boolean {
  return range.offset === 0 && range.limit === null;
}

/** The range of `limit` and `offset`. */
export function rowRange(requested: RequestedRange | undefined): RowRange {
  return { offset: requested?.offset ?? 0, limit: requested?.limit ?? null };
}

/** At most `maxRows` of the range; `limit=0` stays empty. */
export function restricted(range: RowRange, maxRows: number | undefined): RowRange {
  if (range.limit === 0) return { offset: 0, limit: 0 };
  if (maxRows === undefined) return range;
  return { offset: range.offset, limit: range.limit === null ? maxRows : Math.min(range.limit, maxRows) };
}

/**
 * The root's range: the intersection of the Range header and the parameters.
 *
 * @param header the Range header of a GET request
 * @throws EngineError PGRST103
 */
export function topLevelRange(header: string | undefined, requested: RequestedRange | undefined): RowRange {
  const range = fromTheStart(rowRange(requested));
  const [, first, last] = header === undefined ? [] : (/^(\d+)-(\d*)$/.exec(header) ?? []);
  if (range.limit === 0) return { offset: 0, limit: 0 };
  if (range.limit !== null && range.limit < 0) throw negativeLimit();
  if (first === undefined) return range;
  const from = Number(first);
  const to = last ? Number(last) : Number.POSITIVE_INFINITY;
  if (from > to) {
    throw rangeError(
      'The lower boundary must be lower than or equal to the upper boundary in the Range header.',
    );
  }
  const offset = Math.max(from, range.offset);
  const end = Math.min(to + 1, range.limit === null ? Number.POSITIVE_INFINITY : range.offset + range.limit);
  if (end <= offset) throw negativeLimit();
  return { offset, limit: end === Number.POSITIVE_INFINITY ? null : end - offset };
}

/** There are no rows before the first: a negative offset only reduces the limit. */
function fromTheStart({ offset, limit }: RowRange): RowRange {
  if (offset >= 0 || limit === 0) return { offset: Math.max(offset, 0), limit };
  if (limit === null) return ALL_ROWS;
  if (offset + limit <= 0) throw negativeLimit();
  return { offset: 0, limit: offset + limit };
}

function negativeLimit(): Error {
  return rangeError('Limit should be greater than or equal to zero.');
}
