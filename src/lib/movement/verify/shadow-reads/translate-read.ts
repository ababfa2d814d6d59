import type { ObservedRead } from '@/lib/data-sources';

type Statement = ObservedRead['statement'];

/** A read for a database where the tenant has another id: replaces it in the claims and in all values, also within arrays and JSON. */
export function translateRead(read: ObservedRead, from: string, to: string): ObservedRead {
  if (from === to) return read;
  const statement = (one: Statement): Statement => ({
    ...one,
    values: one.values.map((value) => translateId(value, from, to)),
  });
  return {
    ...read,
    claims: read.claims.replaceAll(from, to),
    ...(read.preRequest ? { preRequest: statement(read.preRequest) } : {}),
    statement: statement(read.statement),
  };
}

function translateId(value: unknown, from: string, to: string): unknown {
  if (typeof value === 'string') return value.replaceAll(from, to);
  if (Array.isArray(value)) return value.map((item) => translateId(item, from, to));
  const isPlain =
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
  if (!isPlain) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, translateId(item, from, to)]));
}
