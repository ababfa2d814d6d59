// A stand-in for a Supabase project, which cannot run here: Marquee's own data engine at /rest/v1 over a tenant data database. The
// project's service key sees every tenant's rows; a tenant's own key, and a user's token, have claims that name the tenant.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { after } from 'node:test';
import pg from 'pg';
import { localSettings, runTransaction } from '@/lib/postgres';
import type { RunTransaction } from '@/lib/rest';
import { createDataEngine, loadSchemaCache } from '@/lib/rest';
import { createTestDatabase } from '../../../../support/postgres';
import { createTenantDatabase, type TenantDatabase } from '../../tenant-database';

export interface Project {
  url: string;
  /** The service key in force. */
  key: string;
  requests: { headers: IncomingMessage['headers']; url: string }[];
  database: TenantDatabase;
  sql(statement: string, values?: unknown[]): Promise<pg.QueryResult>;
}

/**
 * @param options.fenced calls `tenancy.admit_request` before each request, as `pgrst.db_pre_request` makes PostgREST do
 * @param options.prepare runs before the catalogs are read
 */
export async function startProject(
  options: { fenced?: boolean; prepare?: (database: TenantDatabase) => Promise<unknown> } = {},
): Promise<Project> {
  const database = await createTenantDatabase(await createTestDatabase('project', 'tenant_data'));
  await options.prepare?.(database);
  if (options.fenced) await database.sql('select tenancy.fence_requests($1)', [database.logins.router.name]);
  const pool = new pg.Pool({ connectionString: database.adminUrl, max: 4 });
  pool.on('error', () => {});
  after(() => pool.end());
  const runAs =
    (claims?: Record<string, string>): RunTransaction =>
    async (transaction) => {
      const connection = await pool.connect();
      try {
        const context = [
          ['request.jwt.claims', JSON.stringify(claims)],
          ['role', claims?.role ?? ''],
        ] as const;
        return await runTransaction(connection, transaction, claims ? [localSettings(context)] : []);
      } finally {
        connection.release();
      }
    };
  const run = runAs();
  const schemaCache = await loadSchemaCache(run, { schemas: ['public'] });
  const preRequest = { schema: 'tenancy', name: 'admit_request' };
  const engine = createDataEngine({ schemaCache, run, settings: options.fenced ? { preRequest } : {} });
  const project: Project = {
    ...{ url: '', key: 'service', requests: [], database },
    sql: (...parameters) => pool.query(...parameters),
  };
  const server = createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://project');
    project.requests.push({ headers: request.headers, url: request.url ?? '' });
    const claims = claimsOf(request.headers);
    if (
      !claims &&
      request.headers.authorization !== `Bearer ${project.key}` &&
      request.headers.apikey !== 'anon'
    ) {
      response.writeHead(401).end('{"message":"Invalid API key"}');
      return;
    }
    const answer = await engine.handle(
      {
        method: request.method ?? 'GET',
        path: pathname.slice('/rest/v1'.length),
        query: search.slice(1),
        headers: request.headers as Record<string, string>,
        body: await text(request),
      },
      { run: runAs(claims) },
    );
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(answer.body ?? undefined);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  project.url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
  return project;
}

/** `tenant:<id>` is the tenant's key, `owner:<id>` the token of one of its owners. */
function claimsOf({ authorization = '' }: IncomingMessage['headers']): Record<string, string> | undefined {
  const [, kind, tenant = ''] = /^Bearer (tenant|owner):(.+)$/.exec(authorization) ?? [];
  if (kind === 'tenant') return { role: 'tenant_service', tenant_id: tenant };
  if (kind !== 'owner') return undefined;
  return { role: 'authenticated', tenant_id: tenant, sub: randomUUID(), user_role: 'owner' };
}
