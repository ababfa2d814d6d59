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

interface ProjectUser {
  id: string;
  email: string;
  app_metadata: Record<string, unknown>;
}

type Claims = { role: string } & Record<string, unknown>;

/** What of GoTrue's contract signs a user in for the service key. */
class SignIn {
  readonly users: ProjectUser[] = [];
  readonly sessions = new Map<string, Claims>();
  readonly #links = new Map<string, ProjectUser>();

  answer(method: string, path: string, body: string, isService: boolean): { status: number; body: unknown } {
    const given = body ? JSON.parse(body) : {};
    const of = `${method} ${path.slice('/auth/v1'.length)}`;
    if (of === 'GET /settings') return { status: 200, body: { external: { email: true } } };
    if (of === 'POST /verify') {
      const user = this.#links.get(given.token_hash);
      this.#links.delete(given.token_hash);
      if (!user) return { status: 403, body: { code: 403, error_code: 'otp_expired', msg: 'expired' } };
      const token = `session-${randomUUID()}`;
      this.sessions.set(token, {
        role: 'authenticated',
        sub: user.id,
        app_metadata: { ...user.app_metadata },
      });
      return { status: 200, body: { access_token: token, token_type: 'bearer', expires_in: 3600, user } };
    }
    if (!isService)
      return { status: 403, body: { code: 403, error_code: 'not_admin', msg: 'User not allowed' } };
    const known = this.users.find(({ email, id }) => email === given.email || path.endsWith(`/${id}`));
    if (of === 'POST /admin/users') {
      if (known) return { status: 422, body: { code: 422, error_code: 'email_exists', msg: 'exists' } };
      const { id = randomUUID(), email, app_metadata = {} } = given;
      this.users.push({ id, email, app_metadata });
      return { status: 200, body: this.users.at(-1) };
    }
    if (!known)
      return { status: 404, body: { code: 404, error_code: 'user_not_found', msg: 'User not found' } };
    if (method === 'PUT') {
      Object.assign(known.app_metadata, given.app_metadata);
      return { status: 200, body: known };
    }
    const hashed = randomUUID();
    this.#links.set(hashed, known);
    return { status: 200, body: { ...known, hashed_token: hashed, verification_type: 'magiclink' } };
  }
}

export interface Project {
  url: string;
  /** The service key in force. */
  key: string;
  /** Where it sends every request instead of answering; undefined: it answers. */
  redirect: string | undefined;
  requests: { headers: IncomingMessage['headers']; url: string; body: string }[];
  /** Accounts of its sign-in service. */
  users: ProjectUser[];
  signInRefuses: boolean;
  /** Tokens that were given out open nothing any more. */
  endSessions(): void;
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
    (claims?: Claims): RunTransaction =>
    async (transaction) => {
      const connection = await pool.connect();
      try {
        const context = [
          ['request.jwt.claims', JSON.stringify(claims)],
          // The pool's login bypasses policies, as a project's `service_role` does.
          ['role', claims?.role === 'service_role' ? 'none' : (claims?.role ?? '')],
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
  const signIn = new SignIn();
  const project: Project = {
    ...{ url: '', key: 'service', redirect: undefined, requests: [], database },
    ...{ users: signIn.users, signInRefuses: false, endSessions: () => signIn.sessions.clear() },
    sql: (...parameters) => pool.query(...parameters),
  };
  const server = createServer(async (request, response) => {
    const { pathname, search } = new URL(request.url ?? '', 'http://project');
    const body = await text(request);
    project.requests.push({ headers: request.headers, url: request.url ?? '', body });
    if (project.redirect) {
      response.writeHead(307, { location: `${project.redirect}${request.url}` }).end();
      return;
    }
    if (pathname.startsWith('/auth/v1/')) {
      const answer = project.signInRefuses
        ? { status: 500, body: { code: 500, error_code: 'unexpected_failure', msg: 'down' } }
        : signIn.answer(request.method ?? '', pathname, body, request.headers.apikey === project.key);
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(answer.body));
      return;
    }
    const session = /^Bearer (session-.*)$/.exec(request.headers.authorization ?? '')?.[1];
    const claims = session ? signIn.sessions.get(session) : claimsOf(request.headers, project.key);
    if (session && !claims) {
      response.writeHead(401).end('{"code":"PGRST301","message":"JWT expired"}');
      return;
    }
    if (!claims && request.headers.apikey !== 'anon') {
      response.writeHead(401).end('{"message":"Invalid API key"}');
      return;
    }
    const answer = await engine.handle(
      {
        method: request.method ?? 'GET',
        path: pathname.slice('/rest/v1'.length),
        query: search.slice(1),
        headers: request.headers as Record<string, string>,
        body,
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

/** `tenant:<id>` is the tenant's key, `owner:<id>` the token of one of its owners. The service key names no tenant. */
function claimsOf(
  { authorization = '' }: IncomingMessage['headers'],
  serviceKey: string,
): Claims | undefined {
  if (authorization === `Bearer ${serviceKey}`) return { role: 'service_role' };
  const [, kind, tenant = ''] = /^Bearer (tenant|owner):(.+)$/.exec(authorization) ?? [];
  if (kind === 'tenant') return { role: 'tenant_service', tenant_id: tenant };
  if (kind !== 'owner') return undefined;
  return { role: 'authenticated', tenant_id: tenant, sub: randomUUID(), user_role: 'owner' };
}
