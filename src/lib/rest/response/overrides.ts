// The database's overrides of the response: `response.headers` and `response.status`.
import { responseHeadersError, responseStatusError } from '../errors';
import { isFinalStatus, isHeader } from './http-limits';

export type Header = [name: string, value: string];

/** @throws EngineError PGRST111 */
export function readResponseHeaders(text: string | null): Header[] {
  if (text === null) return [];
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw responseHeadersError();
  }
  if (!Array.isArray(json)) throw responseHeadersError();
  return json.map((item: unknown): Header => {
    const entries = typeof item === 'object' && item !== null ? Object.entries(item) : [];
    const [entry] = entries;
    if (entries.length !== 1 || !entry || typeof entry[1] !== 'string') throw responseHeadersError();
    const [name, value] = entry;
    if (!isHeader(name, value)) throw responseHeadersError();
    return [name, value];
  });
}

/** @throws EngineError PGRST112 */
export function readResponseStatus(text: string | null): number | undefined {
  if (text === null) return undefined;
  const status = Number(/^\d+/.exec(text)?.[0]);
  if (!isFinalStatus(status)) throw responseStatusError();
  return status;
}

/** The database's headers replace ours of the same name. */
export function withOverrides(own: readonly Header[], given: readonly Header[]): Header[] {
  if (given.length === 0) return [...own];
  const names = new Set(given.map(([name]) => name.toLowerCase()));
  return [...own.filter(([name]) => !names.has(name.toLowerCase())), ...given];
}
