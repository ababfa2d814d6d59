import { createRoute, z } from '@hono/zod-openapi';
import { type NewDataSource, planDataSource, provisionDataSource } from '@/lib/data-sources';
import { type HealthSummary, readHealthSummaries } from '@/lib/fleet/health';
import { retireSource } from '@/lib/fleet/retire-source';
import type { DataSource } from '@/lib/operations';
import {
  type AnswerOf,
  type BodyOf,
  createRouter,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
} from '../../api/router';
import { authorOf } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { RequestError } from '../../errors';
import { requireRecentProof, requireSession } from '../../session';
import { forOperators } from '..';
import { requireConfirmation, typedName } from '../confirmation';
import { BySource } from '../named';
import { OffsetPaging } from '../offset-paging';

const Kind = z.enum(['shared', 'dedicated', 'byod', 'supabase']);
const State = z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']);
const Row = z
  .object({
    id: Id,
    name: z.string(),
    kind: Kind,
    region: z.string().nullable(),
    status: z.enum(['provisioning', 'active', 'draining', 'offline']),
    health: State,
    finding: z.string().nullable().openapi({ description: 'The most telling one.' }),
    tenants: z.number().int(),
    capacity: z.number().int().nullable(),
    connectionsUsed: z.number().nullable(),
    connectionsLeft: z.number().nullable(),
    schemaVersion: z.number().int().nullable(),
    isBehind: z.boolean().openapi({ description: 'Another source has a newer schema.' }),
  })
  .openapi('OperatorSource');
const List = z.object({ rows: z.array(Row), total: z.number().int() });
const One = Row.extend({
  server: z.string(),
  database: z.string().nullable(),
  tls: z.string().nullable(),
  networks: z.string().nullable(),
  connectionBudget: z.number().int(),
  serverVersion: z.number().int().nullable(),
  notes: z.string().nullable(),
  createdAt: z.date(),
  replicas: z.array(z.object({ id: Id, host: z.string(), region: z.string().nullable() })),
  timeline: z.number().int().nullable().openapi({ description: 'Grows with each failover.' }),
  oldLogins: z.array(z.string()).openapi({ description: 'Of a rotation that has not ended.' }),
}).openapi('OperatorSourcePage');
const Name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
  .openapi({ description: 'Lower-case letters, digits, hyphens.' });
const Secret = z.string().min(1).max(8_000);
const Given = z.object({
  name: Name,
  region: z.string().trim().min(1).max(63).optional(),
  capacity: z.number().int().min(1).max(1_000_000).optional(),
  tls: z.enum(['verify-full', 'verify-ca', 'no-verify', 'disable']).optional(),
  ca: z.string().max(64_000).optional(),
  networks: z.array(z.string().max(50)).max(20).optional(),
});
const NewSource = z.discriminatedUnion('kind', [
  Given.extend({ kind: z.enum(['shared', 'dedicated', 'byod']), url: Secret }),
  Given.extend({
    kind: z.literal('supabase'),
    ...{ url: Secret, serviceKey: Secret, anonKey: Secret.optional(), adminUrl: Secret.optional() },
  }),
]);
const Added = z.object({ name: z.string(), steps: z.array(z.string()) });
export type OperatorSource = AnswerOf<typeof Row>;
export type OperatorSourcePage = AnswerOf<typeof One>;
export type NewOperatorSource = BodyOf<typeof NewSource>;
export type AddedSource = AnswerOf<typeof Added>;

const HEALTH_ORDER = ['unhealthy', 'degraded', 'unknown', 'healthy'];

/** `/api/operator/data-sources`: the registry with what is known of each source. */
export function operatorSourceRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { operations } = parts;

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'data_sources.read'),
    tags: ['Operator'],
    summary: 'Data sources: a part of the list, and how long it is.',
    request: {
      query: OffsetPaging.extend({
        kind: Kind.optional(),
        health: State.optional(),
        shared: z.stringbool().optional().openapi({ description: 'Whether new tenants are placed there.' }),
        sort: z.enum(['name', 'region', 'health', 'tenants', 'schemaVersion']).default('name'),
      }),
    },
    responses: { 200: json(List, 'In the order asked for.') },
  });
  routes.openapi(list, async (context) => {
    const { offset, limit, search = '', descending, sort, kind, health, shared } = context.req.valid('query');
    const words = search.toLowerCase();
    const found = (await readSources(parts))
      .filter((row) => (kind ? row.kind === kind : true) && (health ? row.health === health : true))
      .filter((row) => shared === undefined || (row.kind === 'shared') === shared)
      .filter(({ name, region }) => name.includes(words) || region?.toLowerCase().includes(words));
    found.sort((one, other) => compare(one, other, sort) || one.name.localeCompare(other.name));
    if (descending) found.reverse();
    return context.json({ rows: found.slice(offset, offset + limit), total: found.length }, 200);
  });

  const one = createRoute({
    method: 'get',
    path: '/{source}',
    middleware: forOperators(parts, 'data_sources.read'),
    tags: ['Operator'],
    summary: 'A data source: capacity, replicas, failovers, logins.',
    request: { params: BySource },
    responses: { 200: json(One, 'Never its credentials.') },
  });
  routes.openapi(one, async (context) => {
    const source = await operations.dataSources.get(context.req.valid('param').source);
    const [rows, replicas, timeline, oldLogins] = await Promise.all([
      readSources(parts),
      operations.replicas.list(source.id),
      operations.timelines.find(source.id),
      operations.sourceLogins.list(source.id),
    ]);
    const row = rows.find(({ id }) => id === source.id);
    if (!row) throw new RequestError('data_source_unknown', 'The data source was removed a moment ago.');
    const { serverKey: server, databaseName: database, tls, networks, connectionBudget } = source;
    const { serverVersion, notes, createdAt } = source;
    return context.json(
      {
        ...row,
        ...{ server, database, tls, networks, connectionBudget, serverVersion, notes, createdAt, oldLogins },
        timeline: timeline?.timeline ?? null,
        replicas: replicas.map(({ id, host, region }) => ({ id, host, region })),
      },
      200,
    );
  });

  const add = createRoute({
    method: 'post',
    path: '/',
    middleware: forOperators(parts, 'data_sources.change'),
    tags: ['Operator'],
    summary: 'Adds a database: makes its logins and tables, and registers it. Refused where a test fails.',
    request: { headers: IdempotencyHeader, body: jsonBody(NewSource) },
    responses: { 201: json(Added, 'What was done there.') },
  });
  routes.openapi(add, async (context) => {
    const { user } = await requireSession(context, parts);
    const dataSources = operations.dataSources.by(authorOf(context, `user:${user.id}`));
    const given = context.req.valid('json');
    const { dataSource, steps } = await provisionDataSource({ ...operations, dataSources }, wished(given));
    return context.json({ name: dataSource.name, steps }, 201);
  });

  const remove = createRoute({
    method: 'delete',
    path: '/{source}',
    middleware: forOperators(parts, 'data_sources.change'),
    tags: ['Operator'],
    summary:
      'Removes a data source that nothing needs any more, with its credentials. The database stays as it is. Needs its name, and a recent proof.',
    request: {
      headers: IdempotencyHeader,
      params: BySource,
      query: z.object({
        confirm: typedName('data source'),
        leaveCopies: z.stringbool().optional().openapi({
          description:
            'Although rows of tenants that moved away or were removed while it was lost may be left there.',
        }),
      }),
    },
    responses: { 204: { description: 'Removed. Records before that still name it.' } },
  });
  routes.openapi(remove, async (context) => {
    const session = await requireSession(context, parts);
    const source = await operations.dataSources.get(context.req.valid('param').source);
    const { confirm, leaveCopies = false } = context.req.valid('query');
    requireConfirmation(confirm, source.name);
    requireRecentProof(session);
    const { defaultUrl, backups } = parts.operator ?? {};
    const configured = { defaultUrl, drillSource: backups?.drillSource };
    const by = authorOf(context, `user:${session.user.id}`);
    await retireSource(parts, source.id, configured, { leaveCopies }, by);
    return context.body(null, 204);
  });

  const script = createRoute({
    method: 'post',
    path: '/script',
    middleware: forOperators(parts, 'data_sources.change'),
    tags: ['Operator'],
    summary: 'The SQL with which a customer’s DBA makes the logins that the URL names. Nothing is kept.',
    request: { body: jsonBody(z.object({ url: Secret })) },
    responses: { 200: json(z.object({ script: z.string() }), 'For psql.') },
  });
  routes.openapi(script, (context) =>
    context.json({ script: planDataSource(context.req.valid('json').url) }, 200),
  );

  return routes;
}

function wished(given: z.infer<typeof NewSource>): NewDataSource {
  const { name, region, capacity, tls, ca, networks } = given;
  const common = {
    name,
    ...(region === undefined ? {} : { region }),
    ...(capacity === undefined ? {} : { capacity }),
    ...(tls === undefined ? {} : { tls }),
    ...(ca === undefined ? {} : { ca }),
    ...(networks === undefined ? {} : { networks }),
  };
  if (given.kind !== 'supabase') return { ...common, kind: given.kind, adminUrl: given.url };
  const { kind, url, serviceKey, anonKey, adminUrl } = given;
  return {
    ...{ ...common, kind, url, serviceKey },
    ...(anonKey === undefined ? {} : { anonKey }),
    ...(adminUrl === undefined ? {} : { adminUrl }),
  };
}

type ListedSource = z.infer<typeof Row>;

async function readSources({ application, operations }: ServerDependencies): Promise<ListedSource[]> {
  const [sources, health, counts] = await Promise.all([
    operations.dataSources.list(),
    readHealthSummaries(operations.pool),
    application.tenants.counts(),
  ]);
  const seen = new Map(health.map((one) => [one.id, one]));
  const tenants = new Map<string, number>();
  for (const { dataSourceId, count } of counts)
    if (dataSourceId) tenants.set(dataSourceId, (tenants.get(dataSourceId) ?? 0) + count);
  const newest = Math.max(0, ...sources.map(({ schemaVersion }) => schemaVersion ?? 0));
  return sources.map((source) => rowOf(source, seen.get(source.id), tenants.get(source.id) ?? 0, newest));
}

function rowOf(
  { id, name, kind, region, status, capacity, schemaVersion }: DataSource,
  health: HealthSummary | undefined,
  tenants: number,
  newest: number,
): ListedSource {
  const { first = null, connectionsUsed = null, connectionsLeft = null } = health ?? {};
  return {
    ...{ id, name, kind, region, status, tenants, capacity, schemaVersion },
    health: health?.state ?? 'unknown',
    ...{ finding: first?.title ?? null, connectionsUsed, connectionsLeft },
    isBehind: schemaVersion !== null && schemaVersion < newest,
  };
}

function compare(one: ListedSource, other: ListedSource, by: string): number {
  if (by === 'health') return HEALTH_ORDER.indexOf(one.health) - HEALTH_ORDER.indexOf(other.health);
  if (by === 'tenants') return one.tenants - other.tenants;
  if (by === 'schemaVersion') return (one.schemaVersion ?? 0) - (other.schemaVersion ?? 0);
  return by === 'region' ? (one.region ?? '').localeCompare(other.region ?? '') : 0;
}
