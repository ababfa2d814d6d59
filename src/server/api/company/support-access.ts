import { createRoute, z } from '@hono/zod-openapi';
import { SUPPORT_POLICIES } from '@/lib/application';
import { API_KEY_ROLES, type SupportAccess as StoredAccess, stateOfSupport } from '@/lib/identity';
import { authorOf } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { RequestError } from '../../errors';
import { requireOperator } from '../../operator';
import { ADMINS, OWNERS, requireRole } from '../../require-role';
import { refuseCrossSite, requireRecentProof, requireSession } from '../../session';
import { describeSession, SessionAnswer, startSession } from '../../sign-in/browser-session';
import { requireTenant, requireTenantContext } from '../../tenant-context';
import {
  type AnswerOf,
  ById,
  createRouter,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
  PUBLIC,
  SignedToken,
} from '../router';

const Role = z.enum(API_KEY_ROLES);
const Request = z.object({
  tenant: z.string().min(1).max(63).openapi({ description: 'The company’s subdomain.' }),
  role: Role.default('viewer').openapi({ description: 'What it allows in the company.' }),
  reason: z.string().trim().min(10).max(500),
  hours: z.number().int().min(1).max(72),
});
const Access = z
  .object({
    id: Id,
    tenantId: Id,
    operatorName: z.string(),
    role: Role,
    reason: z.string(),
    hours: z.number().int(),
    askedAt: z.date(),
    answeredAt: z.date().nullable(),
    allowedUntil: z
      .date()
      .nullable()
      .openapi({ description: 'Null where it was refused, or is not answered.' }),
    endedAt: z.date().nullable(),
    state: z.enum(['waiting', 'open', 'refused', 'over']),
    usedAt: z.date().nullable().openapi({ description: 'When a session began with it, last.' }),
  })
  .openapi('SupportAccess');
const Accesses = z.object({ accesses: z.array(Access) });
const OfOperators = Access.extend({
  operatorId: Id,
  tenantName: z.string().nullable(),
  subdomain: z.string().nullable(),
});
const Policy = z.enum(SUPPORT_POLICIES).openapi({
  description: 'Whether support asks the company, may look without an answer, or not at all.',
});
const OfCompany = Accesses.extend({ policy: Policy });
export type SupportAccess = AnswerOf<typeof Access>;
export type OperatorSupportAccess = AnswerOf<typeof OfOperators>;
export type SupportAccesses = AnswerOf<typeof OfCompany>;
export type SupportPolicy = SupportAccesses['policy'];

/** `/api/support-access`: what operators ask to see, for owners and admins of the company. */
export function supportAccessRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { support } = parts.signIn;

  const list = createRoute({
    method: 'get',
    path: '/',
    tags: ['Support access'],
    summary: 'Requests of the service’s operator to see the company’s data.',
    responses: { 200: json(OfCompany, 'The newest first.') },
  });
  routes.openapi(list, async (context) => {
    const { tenant } = requireRole(await requireTenantContext(context, parts), ADMINS);
    const accesses = (await support.list(tenant.id)).map(describe);
    return context.json({ accesses, policy: tenant.supportPolicy }, 200);
  });

  const decide = createRoute({
    method: 'put',
    path: '/policy',
    tags: ['Support access'],
    summary: 'Says whether support has to ask. For owners, with a recent proof. What is open stays open.',
    request: { body: jsonBody(z.object({ policy: Policy })) },
    responses: { 204: { description: 'In force from the next request for access.' } },
  });
  routes.openapi(decide, async (context) => {
    const caller = requireRole(await requireTenantContext(context, parts), OWNERS);
    requireRecentProof(caller);
    const by = authorOf(context, `user:${caller.user.id}`);
    const { policy: supportPolicy } = context.req.valid('json');
    await parts.application.tenants.update(caller.tenant.id, { supportPolicy }, by);
    return context.body(null, 204);
  });

  const answer = createRoute({
    method: 'post',
    path: '/{id}/answer',
    tags: ['Support access'],
    summary: 'Allows a request, from now on for its hours, or refuses it. Needs a recent proof of who acts.',
    request: { params: ById, body: jsonBody(z.object({ allow: z.boolean() })) },
    responses: { 200: json(Access, 'Answered.') },
  });
  routes.openapi(answer, async (context) => {
    const caller = requireRole(await requireTenantContext(context, parts), ADMINS);
    requireRecentProof(caller);
    const place = { tenantId: caller.tenant.id, id: context.req.valid('param').id };
    const by = authorOf(context, `user:${caller.user.id}`);
    const answered = await support.answer(place, context.req.valid('json').allow, caller.user, by);
    return context.json(describe(answered), 200);
  });

  const end = createRoute({
    method: 'delete',
    path: '/{id}',
    tags: ['Support access'],
    summary: 'Ends an access, at once.',
    request: { params: ById },
    responses: { 200: json(Access, 'Ended.') },
  });
  routes.openapi(end, async (context) => {
    const { tenant, user } = requireRole(await requireTenantContext(context, parts), ADMINS);
    const place = { tenantId: tenant.id, id: context.req.valid('param').id };
    return context.json(describe(await support.end(place, user, authorOf(context, `user:${user.id}`))), 200);
  });

  return routes;
}

/** `/api/operator/support-access`: for operators, signed in without a company. */
export function operatorSupportRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { support } = parts.signIn;

  const list = createRoute({
    method: 'get',
    path: '/',
    tags: ['Support access'],
    summary: 'All requests. For operators who are owner, support or auditor.',
    responses: { 200: json(z.object({ accesses: z.array(OfOperators) }), 'The newest first.') },
  });
  routes.openapi(list, async (context) => {
    await requireOperator(context, parts, 'support_access.read');
    const found = await support.list();
    const names = await parts.application.tenants.names(found.map(({ tenantId }) => tenantId));
    const accesses = found.map((access) => {
      const { name: tenantName = null, subdomain = null } = names.get(access.tenantId) ?? {};
      return { ...describe(access), operatorId: access.operatorId, tenantName, subdomain };
    });
    return context.json({ accesses }, 200);
  });

  const ask = createRoute({
    method: 'post',
    path: '/',
    tags: ['Support access'],
    summary:
      'Asks a company for access to its data. For operators who are owner or support, with a recent proof.',
    request: { headers: IdempotencyHeader, body: jsonBody(Request) },
    responses: {
      201: json(Access, 'Open only where the company’s policy is to allow it without an answer.'),
    },
  });
  routes.openapi(ask, async (context) => {
    const session = await requireOperator(context, parts, 'support_access.use');
    requireRecentProof(session);
    const { tenant: subdomain, ...request } = context.req.valid('json');
    const { id: tenantId } = await requireTenant(subdomain, parts);
    const by = authorOf(context, `user:${session.user.id}`);
    return context.json(describe(await support.ask(session.user, { ...request, tenantId }, by)), 201);
  });

  const open = createRoute({
    method: 'post',
    path: '/{id}/token',
    tags: ['Support access'],
    summary: 'A token that begins a support session at the company’s address, once, within five minutes.',
    request: { headers: IdempotencyHeader, params: ById },
    responses: { 200: json(z.object({ token: z.string() }), 'For POST /api/session/support.') },
  });
  routes.openapi(open, async (context) => {
    const session = await requireOperator(context, parts, 'support_access.use');
    requireRecentProof(session);
    const { token } = await support.token(session.user, context.req.valid('param').id);
    return context.json({ token }, 200);
  });

  const end = createRoute({
    method: 'delete',
    path: '/{id}',
    tags: ['Support access'],
    summary: 'Ends one’s own access, at once.',
    request: { headers: IdempotencyHeader, params: ById },
    responses: { 200: json(Access, 'Ended.') },
  });
  routes.openapi(end, async (context) => {
    const { user } = await requireOperator(context, parts, 'support_access.use');
    const which = { id: context.req.valid('param').id, operatorId: user.id };
    return context.json(describe(await support.end(which, user, authorOf(context, `user:${user.id}`))), 200);
  });

  return routes;
}

/** `/api/session/support`: begins a support session, which ends with the access at the latest. */
export function supportSessionRoutes(parts: ServerDependencies) {
  const routes = createRouter();
  const { support } = parts.signIn;

  const begin = createRoute({
    method: 'post',
    path: '/support',
    tags: ['Session'],
    summary: 'Begins a support session. Sets the session cookie.',
    ...PUBLIC,
    request: { body: jsonBody(z.object({ token: SignedToken })) },
    responses: {
      200: json(SessionAnswer, 'The operator, in the role that the company has allowed.'),
    },
  });
  routes.openapi(begin, async (context) => {
    refuseCrossSite(context.req.raw);
    const tenant = await requireTenant(context.env.subdomain, parts);
    const { token } = context.req.valid('json');
    const { operator, access } = await support.begin(token, tenant.id, context.env.address);
    const { id: accessId, role, tenantId, allowedUntil: until } = access;
    const record = await startSession(context, parts, operator, {
      ...{ method: 'support', secondFactor: true, support: { accessId, role, tenantId, until } },
    });
    return context.json(describeSession({ ...operator, role, tenantId }, tenant, record), 200);
  });

  const end = createRoute({
    method: 'delete',
    path: '/support',
    tags: ['Session'],
    summary: 'Ends the access of this support session, with all its sessions.',
    responses: { 204: { description: 'Ended.' } },
  });
  routes.openapi(end, async (context) => {
    const { user, record } = await requireSession(context, parts);
    if (!record?.supportAccessId) throw new RequestError('not_found', 'This is no support session.');
    const which = { id: record.supportAccessId, operatorId: user.id };
    await support.end(which, user, authorOf(context, `user:${user.id}`));
    return context.body(null, 204);
  });

  return routes;
}

function describe(access: StoredAccess) {
  return { ...access, state: stateOfSupport(access) };
}
