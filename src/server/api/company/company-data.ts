import { createRoute, z } from '@hono/zod-openapi';
import { backupStates } from '@/lib/backups';
import {
  DataSourceError,
  planDataSource,
  type LoginTest as Test,
  testNewDataSource,
} from '@/lib/data-sources';
import type { CustomerRequest, DataSource } from '@/lib/operations';
import { authorOf } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { RequestError } from '../../errors';
import { ADMINS, OWNERS, requireRole } from '../../require-role';
import { refuseSupport, requireRecentProof } from '../../session';
import { requireTenantContext, type TenantContext } from '../../tenant-context';
import { limitByAddress } from '../rate-limit';
import {
  type AnswerOf,
  type BodyOf,
  ById,
  createRouter,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
} from '../router';
import { LoginTest } from './login-test';

/** Tests and scripts a minute from one address: a page asks as its fields are typed. */
const TRIES = 40;

const Request = z
  .object({
    id: Id,
    kind: z.enum(['own_database', 'export']),
    state: z.enum(['open', 'done', 'declined', 'withdrawn']),
    note: z.string(),
    requestedBy: Id.openapi({ description: 'A user’s id.' }),
    requestedAt: z.date(),
    answer: z.string().nullable().openapi({ description: 'The operator’s words.' }),
    answeredAt: z.date().nullable(),
  })
  .openapi('CustomerRequest');
const CompanyData = z
  .object({
    kind: z.enum(['shared', 'dedicated', 'byod', 'supabase']).nullable(),
    region: z.string().nullable(),
    requiredRegion: z.string().nullable().openapi({ description: 'Which the data must not leave.' }),
    serverVersion: z.string().nullable(),
    database: z.string().nullable().openapi({ description: 'Host and name; of the company’s own only.' }),
    lastBackupAt: z.date().nullable(),
    lastProvenAt: z
      .date()
      .nullable()
      .openapi({ description: 'The moment of the newest backup that was restored on trial.' }),
    requests: z.array(Request).openapi({ description: 'The newest first.' }),
  })
  .openapi('CompanyData');
const Database = z.object({
  url: z.string().max(8_000).openapi({ description: 'PostgreSQL URL with the login that is for Marquee.' }),
  ca: z.string().max(64_000).optional().openapi({ description: 'Authorities of its certificate, in PEM.' }),
});
const Note = z.string().trim().max(1_000).default('');
const NewRequest = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('export'), note: Note }),
  Database.extend({
    kind: z.literal('own_database'),
    note: Note,
    region: z.string().trim().max(60).optional(),
  }),
]);
export type CompanyDataAnswer = AnswerOf<typeof CompanyData>;
export type CustomerRequestAnswer = AnswerOf<typeof Request>;
export type OwnDatabase = BodyOf<typeof Database>;
export type NewCustomerRequest = BodyOf<typeof NewRequest>;

/**
 * `/api/company-data`: where the company's data are, for owners and admins; owners ask for a database of their own, or for an export.
 * Nothing is moved before the operator has answered: until then only the customer vouches for the database.
 */
export function companyDataRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { customerRequests, dataSources } = parts.operations;

  const read = createRoute({
    method: 'get',
    path: '/',
    tags: ['Company data'],
    summary:
      'Where the company’s data are, when they were last backed up and proven, and what was asked for.',
    responses: { 200: json(CompanyData, 'Hosts only where they are the company’s own.') },
  });
  routes.openapi(read, async (context) => {
    const { tenant } = requireRole(await requireTenantContext(context, parts), ADMINS);
    const [source, backups, requests] = await Promise.all([
      tenant.dataSourceId === null ? undefined : dataSources.get(tenant.dataSourceId),
      backupStates(parts.operations.pool, [tenant.id]),
      customerRequests.list({ tenantId: tenant.id }),
    ]);
    const { lastBackupAt = null, lastProvenAt = null } = backups.get(tenant.id) ?? {};
    const answer = {
      ...{ kind: source?.kind ?? null, region: source?.region ?? tenant.dataSourceRegion },
      ...{ requiredRegion: tenant.requiredRegion, serverVersion: versionOf(source) },
      ...{ database: ownDatabase(source), lastBackupAt, lastProvenAt, requests: requests.map(describe) },
    };
    return context.json(answer, 200);
  });

  const script = createRoute({
    method: 'post',
    path: '/own-database/script',
    middleware: limitByAddress(TRIES),
    tags: ['Company data'],
    summary: 'The SQL with which the company’s DBA prepares a database for Marquee. It holds no password.',
    request: { body: jsonBody(Database.pick({ url: true })) },
    responses: { 200: json(z.object({ script: z.string() }), 'To read, and to run with psql.') },
  });
  routes.openapi(script, async (context) => {
    requireOwner(await requireTenantContext(context, parts));
    try {
      return context.json({ script: planDataSource(context.req.valid('json').url) }, 200);
    } catch (error) {
      if (!(error instanceof DataSourceError)) throw error;
      throw new RequestError('own_database_refused', error.message, { hint: error.hint });
    }
  });

  const test = createRoute({
    method: 'post',
    path: '/own-database/test',
    middleware: limitByAddress(TRIES),
    tags: ['Company data'],
    summary: 'Tries a database of the company’s own. Nothing of the request is kept, logged or answered.',
    request: { body: jsonBody(Database) },
    responses: { 200: json(LoginTest, 'What is wrong is in its checks.') },
  });
  routes.openapi(test, async (context) => {
    requireOwner(await requireTenantContext(context, parts));
    return context.json(await tryOut(context.req.valid('json')), 200);
  });

  const ask = createRoute({
    method: 'post',
    path: '/requests',
    tags: ['Company data'],
    summary: 'Asks the operator for a database of the company’s own, or for an export. Needs a recent proof.',
    description:
      'The database has to pass its test. Its URL is kept encrypted until the operator has answered; nothing moves before.',
    request: { headers: IdempotencyHeader, body: jsonBody(NewRequest) },
    responses: { 201: json(Request, 'Open, until the operator has answered.') },
  });
  routes.openapi(ask, async (context) => {
    const caller = requireOwner(await requireTenantContext(context, parts));
    requireRecentProof(caller);
    const { tenant, user } = caller;
    const given = context.req.valid('json');
    const about = { tenantId: tenant.id, note: given.note, requestedBy: user.id };
    if (given.kind === 'own_database') expectUsable(await tryOut(given));
    const request = await customerRequests.create(
      given.kind === 'export'
        ? { ...about, kind: given.kind }
        : {
            ...{ ...about, kind: given.kind, region: given.region ?? null },
            database: { url: given.url, ca: given.ca },
          },
    );
    await record(caller, 'create', request, authorOf(context, `user:${user.id}`));
    return context.json(describe(request), 201);
  });

  const withdraw = createRoute({
    method: 'delete',
    path: '/requests/{id}',
    tags: ['Company data'],
    summary: 'Withdraws a request that is not answered.',
    request: { params: ById },
    responses: { 200: json(Request, 'Withdrawn; the URL is forgotten.') },
  });
  routes.openapi(withdraw, async (context) => {
    const caller = requireOwner(await requireTenantContext(context, parts));
    const { tenant, user } = caller;
    const which = { id: context.req.valid('param').id, tenantId: tenant.id };
    const request = await customerRequests.end(which, 'withdrawn', `user:${user.id}`);
    await record(caller, 'withdraw', request, authorOf(context, `user:${user.id}`));
    return context.json(describe(request), 200);
  });

  function tryOut({ url, ca }: OwnDatabase) {
    const networks = parts.customerDatabaseNetworks;
    const source = { kind: 'byod', url, networks, ...(ca === undefined ? {} : { ca }) } as const;
    return testNewDataSource(source, { forCompany: true });
  }

  async function record(
    { tenant }: TenantContext,
    step: 'create' | 'withdraw',
    { id, kind, note }: CustomerRequest,
    by: ReturnType<typeof authorOf>,
  ): Promise<void> {
    await parts.application.audit.append(
      {
        ...{ action: `customer_requests.${step}`, entity: 'customer_requests', entityId: id },
        ...{ tenantId: tenant.id, details: { kind, note } },
      },
      by,
    );
  }

  return routes;
}

/** @throws RequestError `own_database_refused` */
function expectUsable({ checks }: Test): void {
  const failure = checks.find(({ outcome }) => outcome === 'failed');
  if (failure)
    throw new RequestError('own_database_refused', `The database cannot be used yet: ${failure.message}`);
}

/** @throws RequestError `forbidden`, also for support sessions */
function requireOwner(caller: TenantContext): TenantContext {
  refuseSupport(caller);
  return requireRole(caller, OWNERS);
}

/** Server and name of a database that the company owns, else null. */
function ownDatabase(source: DataSource | undefined): string | null {
  if (source?.kind !== 'byod' && source?.kind !== 'supabase') return null;
  return source.databaseName ? `${source.serverKey}/${source.databaseName}` : source.serverKey;
}

/** 160004 → `16.4`. */
function versionOf(source: DataSource | undefined): string | null {
  const number = source?.serverVersion;
  return number ? `PostgreSQL ${Math.floor(number / 10_000)}.${number % 10_000}` : null;
}

function describe(request: CustomerRequest) {
  const { id, kind, state, note, requestedBy, requestedAt, answer, answeredAt } = request;
  return { id, kind, state, note, requestedBy, requestedAt, answer, answeredAt };
}
