// A request may name its tenant by the application's id, by the id in the data source, or by an id in a former data source.
// Here every such id is replaced by the id in the data source of the attempt's route.
import { parse as parseCsv } from 'csv-parse/sync';
import { type EngineRequest, isCallPath } from '@/lib/rest';
import type { Route } from './route';

/** The parts of a route that a translation needs. */
export type NamedTenant = Pick<Route, 'tenantIdInDataSource' | 'otherIds'>;

/**
 * Replaces the tenant's ids in filters on `tenant_id`, in `tenant_id` of a body's rows (JSON, CSV or a form), and in the
 * arguments of a function, whatever their names.
 */
export function translateRequest(request: EngineRequest, tenant: NamedTenant): EngineRequest {
  if (tenant.otherIds.length === 0) return request;
  const { query, body } = request;
  const isCall = isCallPath(request.path);
  const translated = {
    query: translateQuery(query, tenant, isCall),
    body: typeof body === 'string' ? translateBody(body, request, tenant, isCall) : body,
  };
  return translated.query === query && translated.body === body ? request : { ...request, ...translated };
}

/** Kinds of count that a source answers otherwise, since the planner's numbers tell what other tenants' rows are like. */
const COUNTS = {
  /** A project estimates rows of all its tenants. */
  exact: /count=(?:planned|estimated)/g,
  /** An estimate of ours is the tenant's exact count up to a few thousand rows. */
  estimated: /count=planned/g,
};

/** Has rows counted in a way that reveals nothing about other tenants. */
export function countOwn(request: EngineRequest, how: keyof typeof COUNTS): EngineRequest {
  const { prefer } = request.headers;
  const own = prefer?.replace(COUNTS[how], `count=${how}`);
  return own === prefer ? request : { ...request, headers: { ...request.headers, prefer: own } };
}

/** Replaces the tenant's ids among a statement's values, alone or in arrays. */
export function translateValues(values: readonly unknown[], tenant: NamedTenant): readonly unknown[] {
  if (tenant.otherIds.length === 0) return values;
  let changed = false;
  const translated = values.map((value) => {
    const there = Array.isArray(value) ? translateValues(value, tenant) : idThere(value, tenant);
    changed ||= there !== value;
    return there;
  });
  return changed ? translated : values;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is this UUID, ignoring case. */
export function sameId(value: unknown, id: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === id.toLowerCase();
}

/** The parts of `JSON` that TypeScript's library does not declare yet. */
interface JsonWithSources {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source: string }) => unknown,
  ): unknown;
  rawJSON(text: string): unknown;
}

/**
 * Parses JSON so that `JSON.stringify` writes its numbers as they were, with all their digits.
 *
 * @param revive as `JSON.parse` takes it
 */
export function parseKeepingNumbers(
  text: string,
  revive: (key: string, value: unknown) => unknown = (_, value) => value,
): unknown {
  const { parse, rawJSON } = JSON as unknown as JsonWithSources;
  return parse(text, (key, value, { source }) =>
    typeof value === 'number' ? rawJSON(source) : revive(key, value),
  );
}

function idThere(value: unknown, { tenantIdInDataSource, otherIds }: NamedTenant): unknown {
  if (typeof value !== 'string' || value.length !== 36) return value;
  return otherIds.includes(value.toLowerCase()) ? tenantIdInDataSource : value;
}

const patterns = new WeakMap<NamedTenant, RegExp>();

function patternOf(tenant: NamedTenant): RegExp {
  let pattern = patterns.get(tenant);
  if (!pattern) {
    pattern = new RegExp(tenant.otherIds.join('|'), 'gi');
    patterns.set(tenant, pattern);
  }
  return pattern;
}

function names(text: string, tenant: NamedTenant): boolean {
  return text.search(patternOf(tenant)) >= 0;
}

/** The text with each of the tenant's other ids replaced by the one in its data source. */
export function replaceIds(text: string, tenant: NamedTenant): string {
  if (tenant.otherIds.length === 0) return text;
  return text.replace(patternOf(tenant), tenant.tenantIdInDataSource);
}

function translateQuery(query: string, tenant: NamedTenant, isCall: boolean): string {
  if (!names(query, tenant)) return query;
  const translated = new URLSearchParams();
  for (const [key, value] of new URLSearchParams(query)) {
    translated.append(key, translateParameter(key, value, tenant, isCall));
  }
  return translated.toString();
}

const LOGICAL = /(^|\.)(and|or)$/;
const TENANT_CONDITION =
  /(^|[(,.])"?tenant_id"?\.(?:not\.)?[a-z]+(?:\([a-z]+\))?\.(?:"(?:[^"\\]|\\.)*"|\([^)]*\)|\{[^}]*\}|[^,)]*)/g;
const TENANT_COLUMN = /(^|\.)"?tenant_id"?$/;
const ARRAY = /^\{.*\}$/;

function translateParameter(key: string, value: string, tenant: NamedTenant, isCall: boolean): string {
  if (TENANT_COLUMN.test(key)) return replaceIds(value, tenant);
  if (LOGICAL.test(key)) return value.replace(TENANT_CONDITION, (condition) => replaceIds(condition, tenant));
  if (!isCall) return value;
  return ARRAY.test(value) ? replaceIds(value, tenant) : (idThere(value, tenant) as string);
}

/** Returns the same text where there is nothing to translate, or where it does not match its content type. */
function translateBody(
  body: string,
  { headers }: EngineRequest,
  tenant: NamedTenant,
  isCall: boolean,
): string {
  if (!names(body, tenant)) return body;
  const [type = ''] = (headers['content-type'] ?? 'application/json').split(';');
  try {
    switch (type.trim().toLowerCase()) {
      case 'text/csv':
        return translateCsv(body, tenant);
      case 'application/x-www-form-urlencoded':
        return translateQuery(body, tenant, isCall);
      case 'text/plain':
      case 'text/xml':
        return body;
      default:
        return JSON.stringify(isCall ? translateArguments(body, tenant) : translateRows(body, tenant));
    }
  } catch {
    return body;
  }
}

/** Only the rows' own `tenant_id`: inside a JSON column the tenant's id is data. */
function translateRows(body: string, tenant: NamedTenant): unknown {
  const parsed = parseKeepingNumbers(body);
  for (const row of Array.isArray(parsed) ? parsed : [parsed]) {
    if (isRecord(row) && 'tenant_id' in row) row.tenant_id = idThere(row.tenant_id, tenant);
  }
  return parsed;
}

/** A function's arguments may have any names, and may contain rows. */
function translateArguments(body: string, tenant: NamedTenant): unknown {
  const parsed = parseKeepingNumbers(body, (key, value) =>
    key === 'tenant_id' ? idThere(value, tenant) : value,
  );
  if (!isRecord(parsed)) return parsed;
  for (const [name, value] of Object.entries(parsed)) {
    parsed[name] = Array.isArray(value) ? value.map((item) => idThere(item, tenant)) : idThere(value, tenant);
  }
  return parsed;
}

function translateCsv(body: string, tenant: NamedTenant): string {
  const lines: string[][] = parseCsv(body, { relax_column_count: true, bom: true, skip_empty_lines: true });
  const column = lines[0]?.indexOf('tenant_id') ?? -1;
  if (column < 0) return body;
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  return lines
    .map((line) => {
      return line
        .map((text, index) => quoted(index === column ? String(idThere(text, tenant)) : text))
        .join(',');
    })
    .join('\n');
}
