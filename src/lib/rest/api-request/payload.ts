// The body of a request: what is bound to the statement, and which columns or arguments it names.

import { isUtf8 } from 'node:buffer';
import { parse as parseCsv } from 'csv-parse/sync';
import { bodyError } from '../errors';
import { isObject } from '../json-object';
import { decode } from './query-string';

export interface Payload {
  /** What is bound to the statement: JSON text, or for a function's single parameter the bytes as they came. */
  raw: string | Uint8Array;
  /** Columns or arguments; empty where nothing is named. */
  keys: ReadonlySet<string>;
  /** One JSON object rather than an array of them. */
  isObject: boolean;
  /** Arguments of a form, in the order given. */
  form?: readonly (readonly [name: string, value: string])[];
}

const EMPTY_ARRAY: Payload = { raw: '[]', keys: new Set(), isObject: false };

export interface PayloadOptions {
  /** Of the Content-Type, without parameters. */
  mediaType: string;
  isCall: boolean;
  /** The `columns` parameter: which keys count, without reading the body. */
  columns: ReadonlySet<string> | undefined;
}

/** @throws EngineError PGRST102 */
export function readPayload(
  body: string | Uint8Array | null | undefined,
  { mediaType, isCall, columns }: PayloadOptions,
): Payload {
  switch (mediaType) {
    case 'application/json': {
      const raw = textOf(body);
      if (columns) return { raw, keys: columns, isObject: looksLikeObject(raw) };
      return readJson(isCall && raw === '' ? '{}' : raw);
    }
    case 'text/csv':
      return readCsv(textOf(body));
    case 'application/x-www-form-urlencoded':
      return readForm(textOf(body));
    case 'text/plain':
    case 'text/xml':
      if (isCall) return { raw: textOf(body), keys: new Set(), isObject: false };
      break;
    case 'application/octet-stream':
      if (isCall) return { raw: Buffer.from(body ?? ''), keys: new Set(), isObject: false };
  }
  throw bodyError(`Content-Type not acceptable: ${mediaType}`);
}

function textOf(body: string | Uint8Array | null | undefined): string {
  if (body === null || body === undefined) return '';
  if (typeof body === 'string') return body;
  // Decoding would replace bytes that are not UTF-8, and so change what the client sent.
  if (!isUtf8(body)) throw bodyError('The body is not valid UTF-8');
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();
}

/** The rest is checked by PostgreSQL. */
function looksLikeObject(raw: string): boolean {
  return /^[ \t\r\n]*\{/.test(raw);
}

function readJson(raw: string): Payload {
  let json: unknown;
  try {
    json = JSON.parse(raw);
  } catch {
    throw bodyError('Empty or invalid json');
  }
  if (Array.isArray(json)) {
    const keys = commonKeys(json);
    if (!keys) throw bodyError('All object keys must match');
    return json.length === 0 ? EMPTY_ARRAY : { raw, keys, isObject: false };
  }
  return isObject(json) ? { raw, keys: new Set(Object.keys(json)), isObject: true } : EMPTY_ARRAY;
}

/** The keys that every element has; undefined where they differ or an element is no object. */
function commonKeys(elements: readonly unknown[]): Set<string> | undefined {
  const [first] = elements;
  if (elements.length === 0) return new Set();
  if (!isObject(first)) return undefined;
  const keys = new Set(Object.keys(first));
  const uniform = elements.every((element) => {
    if (!isObject(element)) return false;
    const own = Object.keys(element);
    return own.length === keys.size && own.every((key) => keys.has(key));
  });
  return uniform ? keys : undefined;
}

/** `NULL` is null; everything else is text that PostgreSQL casts. */
function readCsv(text: string): Payload {
  let lines: string[][];
  try {
    lines = parseCsv(text, { relax_column_count: true, bom: true, skip_empty_lines: true });
  } catch {
    throw bodyError('parse error (not enough input)');
  }
  const [header, ...rows] = lines;
  if (!header) throw bodyError('parse error (not enough input)');
  if (rows.some((row) => row.length !== header.length)) {
    throw bodyError('All lines must have same number of fields');
  }
  const objects = rows.map((row) =>
    Object.fromEntries(header.map((name, index) => [name, row[index] === 'NULL' ? null : row[index]])),
  );
  if (objects.length === 0) return EMPTY_ARRAY;
  return { raw: JSON.stringify(objects), keys: new Set(header), isObject: false };
}

function readForm(text: string): Payload {
  const form = text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      return equals < 0
        ? ([decode(part), ''] as const)
        : ([decode(part.slice(0, equals)), decode(part.slice(equals + 1))] as const);
    });
  const values = Object.fromEntries(form);
  return { raw: JSON.stringify(values), keys: new Set(Object.keys(values)), isObject: true, form };
}
