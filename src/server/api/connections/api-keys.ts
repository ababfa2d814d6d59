import { createRoute, z } from '@hono/zod-openapi';
import { API_KEY_KINDS, API_KEY_ROLES, type ApiKey } from '@/lib/identity';
import { authorOf } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { RequestError } from '../../errors';
import { ADMINS, requireRole } from '../../require-role';
import { requireRecentProof } from '../../session';
import { requireTenantContext } from '../../tenant-context';
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

const NewKey = z
  .object({
    name: z.string().trim().min(1).max(100),
    kind: z.enum(API_KEY_KINDS),
    role: z.enum(API_KEY_ROLES).optional().openapi({ description: 'Of a scoped key: what it may do.' }),
    expiresInDays: z.number().int().min(1).max(3650).optional(),
  })
  .refine(({ kind, role }) => (kind === 'scoped') === (role !== undefined), {
    message: 'a scoped key has a role, no other has one',
    path: ['role'],
  });
const Key = z
  .object({
    id: Id,
    name: z.string(),
    kind: z.enum(API_KEY_KINDS),
    role: z.enum(API_KEY_ROLES).nullable(),
    createdAt: z.date(),
    createdBy: z
      .string()
      .openapi({ description: 'A user’s id; of a key made by the operator `cli:…` or `user:…`.' }),
    expiresAt: z.date().nullable(),
    lastUsedAt: z.date().nullable(),
    revokedAt: z.date().nullable(),
  })
  .openapi('ApiKey');

const Keys = z.object({ keys: z.array(Key) });
const MadeKey = Key.extend({ key: z.string() });
export type ApiKeyAnswer = AnswerOf<typeof Key>;
export type ApiKeys = AnswerOf<typeof Keys>;
/** With the key itself, which is shown once. */
export type MadeApiKey = AnswerOf<typeof MadeKey>;
export type NewApiKey = BodyOf<typeof NewKey>;

/** `/api/keys`: keys of the company's programs, for owners and admins. A key itself is shown once. */
export function keyRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { keys } = parts.signIn;

  const list = createRoute({
    method: 'get',
    path: '/',
    tags: ['Keys'],
    summary: 'Keys of the company’s programs, also revoked ones.',
    responses: {
      200: json(Keys, 'The newest first; never the keys themselves.'),
    },
  });
  routes.openapi(list, async (context) => {
    const caller = requireRole(await requireTenantContext(context, parts), ADMINS);
    return context.json({ keys: (await keys.list(caller.tenant.id)).map(describe) }, 200);
  });

  const create = createRoute({
    method: 'post',
    path: '/',
    tags: ['Keys'],
    summary: 'Makes a key. Needs a recent proof of who acts.',
    request: { headers: IdempotencyHeader, body: jsonBody(NewKey) },
    responses: {
      201: json(MadeKey, '`key` is shown here only: its hash is kept.'),
    },
  });
  routes.openapi(create, async (context) => {
    const caller = requireRole(await requireTenantContext(context, parts), ADMINS);
    requireRecentProof(caller);
    const { tenant, user } = caller;
    const { expiresInDays, ...given } = context.req.valid('json');
    const expiresAt = expiresInDays ? new Date(Date.now() + expiresInDays * 86_400_000) : undefined;
    const { key, apiKey } = await keys.create({
      ...given,
      tenantId: tenant.id,
      createdBy: user.id,
      expiresAt,
    });
    await parts.application.audit.append(
      {
        action: 'api_keys.create',
        entity: 'api_keys',
        entityId: apiKey.id,
        tenantId: tenant.id,
        details: given,
      },
      authorOf(context, `user:${user.id}`),
    );
    return context.json({ ...describe(apiKey), key }, 201);
  });

  const revoke = createRoute({
    method: 'delete',
    path: '/{id}',
    tags: ['Keys'],
    summary: 'Revokes a key, at once.',
    request: { params: ById },
    responses: { 200: json(Key, 'Revoked.') },
  });
  routes.openapi(revoke, async (context) => {
    const { tenant, user } = requireRole(await requireTenantContext(context, parts), ADMINS);
    const { id } = context.req.valid('param');
    const revoked = await keys.revoke(tenant.id, id);
    if (!revoked) throw new RequestError('api_key_unknown', 'Your company has no such key.');
    await parts.application.audit.append(
      { action: 'api_keys.revoke', entity: 'api_keys', entityId: id, tenantId: tenant.id },
      authorOf(context, `user:${user.id}`),
    );
    return context.json(describe(revoked), 200);
  });

  return routes;
}

function describe({ tenantId: _, ...key }: ApiKey) {
  return key;
}
