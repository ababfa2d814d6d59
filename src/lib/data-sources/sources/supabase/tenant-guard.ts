// Keeps a request to a Supabase project inside one tenant. The project's service key can read every tenant's rows, so each
// request is rewritten to filter by the tenant, or refused.

import { type EngineRequest, isCatalogType } from '@/lib/rest';
import { DataSourceError } from '../../errors';
import { isRecord, parseKeepingNumbers, sameId } from '../../routing/translation';
import { embeddedPaths } from './embedded-paths';

export interface GuardedTenant {
  tenantIdInDataSource: string;
  /** Functions of the project that may be called. They must restrict themselves to the tenant that they are given. */
  allowedFunctions: ReadonlySet<string>;
}

const TABLE = /^\/([A-Za-z_][A-Za-z0-9_]*)$/;
const FUNCTION = /^\/rpc\/([A-Za-z_][A-Za-z0-9_]*)$/;

/**
 * Pins a PostgREST request to a tenant: a filter on the table and on every embedded resource, `tenant_id` in every row written,
 * conflicts only within the tenant. The request names the tenant by its id in the data source.
 *
 * @throws DataSourceError `data_source_request_refused` for a request that cannot be pinned, `tenant_mismatch` for a row that
 *   names another tenant
 */
export function pinToTenant(request: EngineRequest, tenant: GuardedTenant): EngineRequest {
  const { tenantIdInDataSource: id } = tenant;
  for (const header of ['accept-profile', 'content-profile']) {
    if ((request.headers[header] ?? 'public') !== 'public') refuse(`the schema named in ${header}`);
  }
  const query = new URLSearchParams(request.query);
  for (const select of query.getAll('select')) refuseCatalogTypes(select);
  const called = FUNCTION.exec(request.path)?.[1];
  if (called !== undefined) {
    if (!tenant.allowedFunctions.has(called)) refuse(`calls of the function ${called}`);
    return request;
  }
  if (!TABLE.test(request.path)) refuse('this path');
  for (const path of embeddedPaths(query.getAll('select'))) query.append(`${path}.tenant_id`, `eq.${id}`);
  switch (request.method) {
    case 'GET':
    case 'HEAD':
    case 'DELETE':
      query.append('tenant_id', `eq.${id}`);
      return { ...request, query: query.toString(), body: null };
    case 'PATCH':
      query.append('tenant_id', `eq.${id}`);
      return { ...request, query: query.toString(), body: rowsOf(request, tenant, false) };
    case 'PUT':
      if (!query.getAll('tenant_id').includes(`eq.${id}`)) query.append('tenant_id', `eq.${id}`);
      return { ...request, query: query.toString(), body: rowsOf(request, tenant, true) };
    case 'POST':
      pinInsert(request, query);
      return { ...request, query: query.toString(), body: rowsOf(request, tenant, true) };
    default:
      return refuse(`the method ${request.method}`);
  }
}

/** Such a cast would show names of the project's roles, tables and functions. */
function refuseCatalogTypes(select: string): void {
  const unquoted = select.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
  for (const [, type = ''] of unquoted.matchAll(/::([\w$ ]+)/g)) {
    if (isCatalogType(type.trim())) refuse(`casts to ${type.trim()}`);
  }
}

/** An upsert whose conflict target lacks the tenant could rewrite another tenant's row. */
function pinInsert(request: EngineRequest, query: URLSearchParams): void {
  const columns = query.get('columns');
  if (columns !== null && !names(columns).includes('tenant_id'))
    query.set('columns', `${columns},"tenant_id"`);
  if (!/resolution=/.test(request.headers.prefer ?? '')) return;
  const target = query.get('on_conflict');
  if (target === null) query.set('on_conflict', 'tenant_id,id');
  else if (!names(target).includes('tenant_id')) query.set('on_conflict', `tenant_id,${target}`);
}

function names(list: string): string[] {
  return list.split(',').map((name) => name.trim().replaceAll('"', ''));
}

function rowsOf(request: EngineRequest, tenant: GuardedTenant, complete: boolean): string | null {
  const type = request.headers['content-type'] ?? 'application/json';
  if (!/^application\/(json|vnd\.pgrst\.(object|array))/.test(type)) refuse(`a body of ${type}`);
  if (!request.body) return null;
  const text = typeof request.body === 'string' ? request.body : Buffer.from(request.body).toString();
  let parsed: unknown;
  try {
    parsed = parseKeepingNumbers(text);
  } catch {
    return refuse('a body that is not JSON');
  }
  const rows = Array.isArray(parsed) ? parsed : [parsed];
  for (const row of rows) {
    if (!isRecord(row)) return refuse('a body that is not rows');
    if ('tenant_id' in row && !sameId(row.tenant_id, tenant.tenantIdInDataSource)) {
      throw new DataSourceError('tenant_mismatch', 'A row names another tenant in tenant_id.', {
        hint: 'Leave tenant_id out; it is filled in.',
      });
    }
    if (complete) row.tenant_id = tenant.tenantIdInDataSource;
  }
  return JSON.stringify(parsed);
}

function refuse(what: string): never {
  throw new DataSourceError(
    'data_source_request_refused',
    `A tenant on a Supabase project may not use ${what}.`,
    {
      hint: 'Only tables and the functions that the data source allows can be kept inside one tenant.',
    },
  );
}
