// How a request to a Supabase project is counted: its shape, and the number of rows in its answer.
import type { EngineRequest, EngineResponse } from '@/lib/rest';

/** Method, path, and the names of its parameters with their operators: `GET /events?select&status=eq`. */
export function requestShape({ method, path, query }: EngineRequest): string {
  const parameters = [...new URLSearchParams(query)].map(([name, value]) => {
    const operator = /^(?:not\.)?[a-z]+(?=[.(])/.exec(value)?.[0];
    return RESERVED.has(name) || !operator ? name : `${name}=${operator}`;
  });
  const named = [...new Set(parameters)].sort().join('&');
  return `${method} ${path}${named ? `?${named}` : ''}`;
}

const RESERVED = new Set(['select', 'order', 'limit', 'offset', 'columns', 'on_conflict']);

/** The number of rows by `Content-Range`. An answer without that header counts as one row if it has a body. */
export function rowsOfAnswer({ status, headers, body }: EngineResponse): number {
  if (status >= 400) return 0;
  const range = headers.find(([name]) => name.toLowerCase() === 'content-range')?.[1] ?? '';
  const [, first, last] = /^(\d+)-(\d+)\//.exec(range) ?? [];
  if (first !== undefined && last !== undefined) return Number(last) - Number(first) + 1;
  return range.startsWith('*') || !body || body.length === 0 ? 0 : 1;
}
