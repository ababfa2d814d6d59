// Location and Content-Location.
import { decode } from '../api-request/query-string';

/** The address of a created row: `/items?id=eq.5`; undefined where there is no key. */
export function location(relation: string, key: string | null): string | undefined {
  const pairs = key === null ? [] : (JSON.parse(key) as [string, string][] | null);
  if (!pairs || pairs.length === 0) return undefined;
  return `/${relation}?${pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')}`;
}

/** What was read, with the parameters in alphabetical order, and those of the same name together. */
export function contentLocation(relation: string, query: string): string {
  if (query === '') return `/${relation}`;
  const parameters = query.split('&').map((part): [name: string, value: string] => {
    const equals = part.indexOf('=');
    return equals < 0 ? [decode(part), ''] : [decode(part.slice(0, equals)), decode(part.slice(equals + 1))];
  });
  parameters.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  let sorted = '';
  let last: string | undefined;
  for (const [name, value] of parameters) {
    sorted += name === last ? `,${encode(value)}` : `&${encode(name)}=${encode(value)}`;
    last = name;
  }
  return `/${relation}?${sorted.slice(1)}`;
}

const UNRESERVED = /^[\w.~-]*$/;

function encode(text: string): string {
  if (UNRESERVED.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
