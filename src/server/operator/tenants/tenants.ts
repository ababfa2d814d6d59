import { createRoute, z } from '@hono/zod-openapi';
import type { Tenant } from '@/lib/application';
import { MarqueeError } from '@/lib/failures';
import { explainPlacement } from '@/lib/fleet/placement';
import { createTenant, setSuspended } from '@/lib/fleet/tenants';
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
import { requireSession } from '../../session';
import { forOperators } from '..';
import { SourceNamed } from '../named';
import { OffsetPaging } from '../offset-paging';

const Status = z.enum(['provisioning', 'active', 'suspended', 'archived']);
export const TenantRow = z
  .object({
    id: Id,
    name: z.string(),
    subdomain: z.string(),
    status: Status,
    source: z.string().nullable().openapi({ description: 'Name of its data source.' }),
    region: z.string().nullable(),
    requiredRegion: z.string().nullable(),
    epoch: z.string().openapi({ description: 'Of its route.' }),
    createdAt: z.date(),
  })
  .openapi('OperatorTenant');
const List = z.object({ rows: z.array(TenantRow), total: z.number().int() });
const Region = z.string().trim().min(1).max(63);
const NewTenant = z.object({
  name: z.string().trim().min(1).max(200),
  subdomain: z.string().trim().min(1).max(63),
  source: SourceNamed,
  requiredRegion: Region.optional(),
  owner: z.string().max(254).optional().openapi({ description: 'Address of its first owner.' }),
});
const Created = z.object({
  tenant: TenantRow,
  owner: z
    .object({ email: z.string(), password: z.string() })
    .nullable()
    .openapi({ description: 'The password is shown once, and is changed at the first sign-in.' }),
});
const Candidate = z.object({
  source: z.string(),
  region: z.string().nullable(),
  isNear: z.boolean(),
  tenants: z.number().int(),
  capacity: z.number().int().nullable(),
  used: z.number().openapi({ description: 'Of what is scarcest there: 0 to 1.' }),
  refusal: z.string().nullable().openapi({ description: 'Why the tenant cannot go there.' }),
});
const Candidates = z.object({ candidates: z.array(Candidate) });
const Suspension = z.object({
  tenants: z.array(Id).min(1).max(500),
  suspended: z.boolean(),
});
const Outcomes = z.object({
  changed: z.number().int(),
  failed: z.array(z.object({ id: Id, code: z.string(), message: z.string() })),
});
export type OperatorTenant = AnswerOf<typeof TenantRow>;
export type OperatorTenants = AnswerOf<typeof List>;
export type NewOperatorTenant = BodyOf<typeof NewTenant>;
export type CreatedTenant = AnswerOf<typeof Created>;
export type PlacementCandidates = AnswerOf<typeof Candidates>;
export type Suspension = BodyOf<typeof Suspension>;
export type SuspensionOutcomes = AnswerOf<typeof Outcomes>;

/** `/api/operator/tenants`: the list, and what changes tenants. */
export function operatorTenantRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { application, operations } = parts;

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'tenants.read'),
    tags: ['Operator'],
    summary: 'Tenants: a part of the list, and how long it is.',
    request: {
      query: OffsetPaging.extend({
        status: Status.optional(),
        source: z.string().max(63).optional().openapi({ description: 'Name of a data source.' }),
        sort: z.enum(['name', 'subdomain', 'status', 'createdAt']).default('name'),
      }),
    },
    responses: { 200: json(List, 'In the order asked for.') },
  });
  routes.openapi(list, async (context) => {
    const { source, ...page } = context.req.valid('query');
    const wanted = source === undefined ? undefined : await operations.dataSources.find(source);
    if (source !== undefined && !wanted) return context.json({ rows: [], total: 0 }, 200);
    const { rows, total } = await application.tenants.page({ ...page, dataSourceId: wanted?.id });
    const names = await operations.dataSources.names(rows.flatMap(({ dataSourceId }) => dataSourceId ?? []));
    return context.json({ rows: rows.map((tenant) => describeTenant(tenant, names)), total }, 200);
  });

  const placement = createRoute({
    method: 'get',
    path: '/placement',
    middleware: forOperators(parts, 'tenants.read'),
    tags: ['Operator'],
    summary: 'Where a new tenant could go, the best first, and why not elsewhere.',
    request: { query: z.object({ requiredRegion: Region.optional(), near: Region.optional() }) },
    responses: { 200: json(Candidates, 'Data sources for shared use.') },
  });
  routes.openapi(placement, async (context) => {
    const found = await explainPlacement({ application, operations }, context.req.valid('query'));
    const candidates = found.map(({ source, refusal = null, isNear, tenants, used }) => ({
      ...{ source: source.name, region: source.region, capacity: source.capacity },
      ...{ isNear, tenants, used, refusal },
    }));
    return context.json({ candidates }, 200);
  });

  const create = createRoute({
    method: 'post',
    path: '/',
    middleware: forOperators(parts, 'tenants.change'),
    tags: ['Operator'],
    summary: 'Makes a tenant on a data source, with its first owner.',
    request: { headers: IdempotencyHeader, body: jsonBody(NewTenant) },
    responses: { 201: json(Created, 'Ready to be used.') },
  });
  routes.openapi(create, async (context) => {
    const { user } = await requireSession(context, parts);
    const { source: dataSource, requiredRegion, ...wish } = context.req.valid('json');
    const given = { ...wish, dataSource, ...(requiredRegion ? { requiredRegion } : {}) };
    const by = authorOf(context, `user:${user.id}`);
    const { tenant, owner = null } = await createTenant({ application, operations }, given, by);
    return context.json({ tenant: describeTenant(tenant, await operations.dataSources.names()), owner }, 201);
  });

  const suspend = createRoute({
    method: 'post',
    path: '/suspension',
    middleware: forOperators(parts, 'tenants.change'),
    tags: ['Operator'],
    summary: 'Suspends tenants, or ends their suspension. One that refuses does not stop the others.',
    request: { headers: IdempotencyHeader, body: jsonBody(Suspension) },
    responses: { 200: json(Outcomes, 'What became of each.') },
  });
  routes.openapi(suspend, async (context) => {
    const { user } = await requireSession(context, parts);
    const { tenants, suspended } = context.req.valid('json');
    const by = authorOf(context, `user:${user.id}`);
    const failed: z.infer<typeof Outcomes>['failed'] = [];
    for (const id of tenants) {
      await setSuspended({ application }, id, suspended, by).catch((error: unknown) => {
        if (!(error instanceof MarqueeError)) throw error;
        failed.push({ id, code: error.code, message: error.message });
      });
    }
    return context.json({ changed: tenants.length - failed.length, failed }, 200);
  });

  return routes;
}

export function describeTenant(tenant: Tenant, names: ReadonlyMap<string, string>) {
  const { id, name, subdomain, status, dataSourceId, requiredRegion, createdAt } = tenant;
  return {
    ...{ id, name, subdomain, status, requiredRegion, createdAt },
    source: (dataSourceId && names.get(dataSourceId)) || null,
    region: tenant.dataSourceRegion,
    epoch: tenant.routeEpoch,
  };
}
