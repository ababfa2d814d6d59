// The answer's row → status, headers and body.

import type { TextRow } from '@/lib/postgres';
import { contentTypeOf } from '../api-request/media-type';
import { type Preferences, preferenceApplied } from '../api-request/preferences';
import type { RowRange } from '../api-request/ranges';
import type { EngineResponse } from '../contract';
import { type EngineError, errorContent, rangeError } from '../errors';
import type { CallPlan, MutatePlan, Plan, ReadPlan } from '../plan/types';
import type { SchemaCache } from '../schema-cache';
import { ANSWER } from '../statement/build';
import { contentRange, pageStatus } from './content-range';
import { contentLocation, location } from './locations';
import { type Header, readResponseHeaders, readResponseStatus, withOverrides } from './overrides';

export interface ResponseContext {
  plan: Plan;
  preferences: Preferences;
  range: RowRange;
  /** The planner's estimate, for `count=planned|estimated`. */
  plannedTotal: number | null;
  /** Of a deprecated use, for the client. */
  warning: string | undefined;
  /** The raw query string. */
  query: string;
  schema: string;
  /** The schema was chosen among several: the answer says which. */
  profiled: boolean;
  cache: SchemaCache;
  errorVerbosity: 'verbose' | 'minimal';
  /** Leave out the headers that only HTTP needs. */
  terse: boolean;
}

/** @throws EngineError PGRST111, PGRST112 */
export function respond(row: TextRow, context: ResponseContext): EngineResponse {
  const response = withWarning(responseOf(row, context), context);
  const headers = row[ANSWER.headers] ?? null;
  const status = readResponseStatus(row[ANSWER.status] ?? null) ?? response.status;
  if (headers === null) return { ...response, status };
  return { ...response, status, headers: withOverrides(response.headers, readResponseHeaders(headers)) };
}

function responseOf(row: TextRow, context: ResponseContext): EngineResponse {
  const { plan } = context;
  switch (plan.kind) {
    case 'read':
      return readResponse(row, plan, context);
    case 'mutate':
      return mutateResponse(row, plan, context);
    case 'call':
      return callResponse(row, plan, context);
  }
}

/** An EXPLAIN's lines. */
export function planResponse(rows: readonly TextRow[], context: ResponseContext): EngineResponse {
  const body = rows.map(([line]) => `${line ?? ''}\n`).join('');
  return withWarning(
    { status: 200, headers: [contentLength(body), ...contentHeaders(context)], body },
    context,
  );
}

/** 299 is a persistent warning of any kind (RFC 7234). */
function withWarning(response: EngineResponse, { warning }: ResponseContext): EngineResponse {
  if (warning !== undefined) response.headers.push(['Warning', `299 PostgRESTv16 "${warning}"`]);
  return response;
}

function contentHeaders({ plan, schema, profiled }: ResponseContext): Header[] {
  const type: Header = ['Content-Type', contentTypeOf(plan.handler.type)];
  return profiled ? [type, ['Content-Profile', schema]] : [type];
}

function contentLength(body: string | Uint8Array | null): Header {
  const length = body === null ? 0 : typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength;
  return ['Content-Length', String(length)];
}

function bodyOf(row: TextRow, { plan, cache }: ResponseContext): string | Uint8Array {
  const body = row.large ?? row[ANSWER.body] ?? '';
  const { handler, type } = plan.handler;
  const mayBeBinary =
    handler.kind === 'custom' &&
    (cache.binaryMediaTypes.has(type.name) ||
      (type.name === 'application/octet-stream' && cache.binaryMediaTypes.has('*/*')));
  if (!mayBeBinary) return body;
  const text = typeof body === 'string' ? body : Buffer.from(body).toString();
  return text.startsWith('\\x') ? Buffer.from(text.slice(2), 'hex') : body;
}

function totalOf(row: TextRow, { preferences, plannedTotal }: ResponseContext): number | null {
  const given = row[ANSWER.total] ?? null;
  const counted = given === null ? null : Number(given);
  if (preferences.count === 'planned') return plannedTotal;
  if (preferences.count !== 'estimated' || counted === null) return counted;
  return Math.max(counted, plannedTotal ?? 0);
}

function applied(preferences: Omit<Preferences, 'invalid'>): Header[] {
  const value = preferenceApplied(preferences);
  return value === undefined ? [] : [['Preference-Applied', value]];
}

/** The preferences that have an effect on every request. */
function general({ count, transaction, handling, timezone }: Preferences): Omit<Preferences, 'invalid'> {
  return {
    ...(count && { count }),
    ...(transaction && { transaction }),
    ...(handling && { handling }),
    ...(timezone !== undefined && { timezone }),
  };
}

function outOfRange({ offset }: RowRange, total: number | null): EngineError {
  return rangeError(`An offset of ${offset} was requested, but there are only ${total ?? 0} rows.`);
}

function readResponse(row: TextRow, plan: ReadPlan, context: ResponseContext): EngineResponse {
  const { range, preferences, query } = context;
  const total = totalOf(row, context);
  const page = pageStatus(range, Number(row[ANSWER.pageTotal]), total);
  const body =
    page.status === 416
      ? JSON.stringify(errorContent(outOfRange(range, total), context.errorVerbosity))
      : plan.headersOnly
        ? null
        : bodyOf(row, context);
  return {
    status: page.status,
    headers: [
      ['Content-Range', page.contentRange],
      ...(context.terse ? [] : httpHeaders(plan, query, body)),
      ...contentHeaders(context),
      ...applied(general(preferences)),
    ],
    body: plan.headersOnly ? null : body,
  };
}

/** Clients refuse answers whose headers are long (Node at 16 KB), and filters by many ids make long addresses. */
const LONGEST_LOCATION = 4096;

function httpHeaders(plan: ReadPlan, query: string, body: string | Uint8Array | null): Header[] {
  const location = contentLocation(plan.target.name, query);
  const headers: Header[] = location.length > LONGEST_LOCATION ? [] : [['Content-Location', location]];
  if (!plan.headersOnly) headers.push(contentLength(body));
  return headers;
}

function callResponse(row: TextRow, plan: CallPlan, context: ResponseContext): EngineResponse {
  const { range, preferences } = context;
  const total = totalOf(row, context);
  const page = pageStatus(range, Number(row[ANSWER.pageTotal]), total);
  const { maxAffected } = preferences;
  const headers: Header[] = [
    ['Content-Range', page.contentRange],
    ...applied({ ...general(preferences), ...(maxAffected !== undefined && { maxAffected }) }),
  ];
  const { setOf, composite, type } = plan.routine.result;
  if (!setOf && !composite && type.schema === 'pg_catalog' && type.name === 'void') {
    return { status: 204, headers, body: null };
  }
  const isHead = plan.how === 'head';
  const body =
    page.status === 416
      ? JSON.stringify(errorContent(outOfRange(range, total), context.errorVerbosity))
      : bodyOf(row, context);
  return {
    status: page.status,
    headers: [...headers, ...(isHead ? [] : [contentLength(body)]), ...contentHeaders(context)],
    body: isHead ? null : body,
  };
}

function mutateResponse(row: TextRow, plan: MutatePlan, context: ResponseContext): EngineResponse {
  const { preferences } = context;
  const { representation, missing, maxAffected, count, resolution } = preferences;
  const rows = Number(row[ANSWER.pageTotal]);
  const total = count === 'exact' || count === 'estimated' ? rows : null;
  const hasRows = representation === 'representation';
  const body = hasRows ? bodyOf(row, context) : null;
  const own = { ...general(preferences), ...(representation && { representation }) };
  const content = hasRows ? [contentLength(body), ...contentHeaders(context)] : [];
  const withMissing = missing ? { missing } : {};
  const withMaxAffected = maxAffected === undefined ? {} : { maxAffected };
  const inserted = row[ANSWER.inserted] ?? null;
  switch (plan.mutation) {
    case 'create': {
      const at = location(plan.target.name, row[ANSWER.location] ?? null);
      // What a conflict means was asked for only where there is something to conflict with.
      const resolved = resolution && plan.conflict?.columns.length ? { resolution } : {};
      const nothingNew = resolution === 'merge-duplicates' && Number(inserted ?? 0) <= 0;
      return {
        status: nothingNew ? 200 : 201,
        headers: [
          ...(at === undefined ? [] : ([['Location', at]] satisfies Header[])),
          ['Content-Range', contentRange(1, 0, total)],
          ...(hasRows ? content : [contentLength(null)]),
          ...applied({ ...own, ...resolved, ...withMissing }),
        ],
        body,
      };
    }
    case 'update':
      return {
        status: hasRows ? 200 : 204,
        headers: [
          ['Content-Range', contentRange(0, rows - 1, total)],
          ...content,
          ...applied({ ...own, ...withMissing, ...withMaxAffected }),
        ],
        body,
      };
    case 'upsert':
      return {
        status: hasRows ? (Number(inserted ?? 0) > 0 ? 201 : 200) : 204,
        headers: [...content, ...applied(own)],
        body,
      };
    case 'delete':
      return {
        status: hasRows ? 200 : 204,
        headers: [
          ['Content-Range', contentRange(1, 0, total)],
          ...content,
          ...applied({ ...own, ...withMaxAffected }),
        ],
        body,
      };
  }
}

/** @param verbosity `minimal` leaves out details and hint */
export function errorResponse(
  error: EngineError,
  verbosity: 'verbose' | 'minimal' = 'verbose',
): EngineResponse {
  const content = errorContent(error, verbosity);
  const body = JSON.stringify(content);
  return {
    status: error.status,
    error: content,
    ...(error.statusText !== undefined && { statusText: error.statusText }),
    headers: [
      ['Content-Type', 'application/json; charset=utf-8'],
      contentLength(body),
      ['Proxy-Status', `PostgREST; error=${error.code}`],
      ...error.headers.map(([name, value]): Header => [name, value]),
    ],
    body,
  };
}
