// Content-Range, and whether the rows are all, a part, or out of range.
import type { RowRange } from '../api-request/ranges';

/** `0-24/3573458`; `*` where there are no rows or no total. */
export function contentRange(first: number, last: number, total: number | null): string {
  const rows = total !== 0 && first <= last ? `${first}-${last}` : '*';
  return `${rows}/${total ?? '*'}`;
}

export interface PageStatus {
  status: 200 | 206 | 416;
  contentRange: string;
}

export function pageStatus({ offset }: RowRange, pageTotal: number, total: number | null): PageStatus {
  const last = offset + pageTotal - 1;
  return { status: statusOf(offset, pageTotal, total), contentRange: contentRange(offset, last, total) };
}

function statusOf(offset: number, pageTotal: number, total: number | null): PageStatus['status'] {
  if (total === null) return 200;
  if (offset > total) return 416;
  return pageTotal < total ? 206 : 200;
}
