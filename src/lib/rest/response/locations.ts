// Location and Content-Location.
import { decode } from '../api-request/query-string';

/** The address of a created row: `/items?id=eq.5`; undefined where there is no key. */
export function location(relation: string, key: string | null): string | undefined {
  const pairs = key === null ? [] : (JSON.parse(key) as [string, string][] | null);
  if (!pairs || pairs.length === 0) return undefined;
  return `/${relation}?${pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
}

/** What was read, with the parameters in alphabetical order. */
export function contentLocation(relation: string, query: string): string {
  if (query === '') return `/${relation}`;
  const values = new Map<string, string[]>();
  for (const part of query.split('&')) {
    const equals = part.indexOf('=');
    const name = decode(equals < 0 ? part : part.slice(0, equals));
    const value = equals < 0 ? '' : decode(part.slice(equals + 1));
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  const sorted = [...values].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `/${relation}?${sorted.map(([name, all]) => `${encode(name)}=${all.map(encode).join(',')}`).join('&')}`;
}

function encode(text: string): string {
  if (/^[\w.~-]*$/.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
