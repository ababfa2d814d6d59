// `/api/operator/backups/holds`: legal holds.
import { createRoute, z } from '@hono/zod-openapi';
import { anyTenant, listHolds, placeHold, releaseHold } from '@/lib/backups';
import { type AnswerOf, createRouter, Id, IdempotencyHeader, json, jsonBody } from '../../api/router';
import { requireRecentProof, requireSession } from '../../session';
import { forOperators } from '..';
import { requireConfirmation } from '../confirmation';
import type { OperatorDependencies } from '../dependencies';
import { ByTenant } from '../named';
import { backupsOf } from './shared-schemas';

const Hold = z
  .object({
    tenantId: Id,
    tenantName: z.string(),
    subdomain: z.string(),
    reason: z.string(),
    placedBy: z.string(),
    placedByName: z.string(),
    placedAt: z.date(),
  })
  .openapi('LegalHold');
export type LegalHoldAnswer = AnswerOf<typeof Hold>;

export function backupHoldRoutes(parts: OperatorDependencies) {
  const routes = createRouter(parts);
  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'backups.read'),
    tags: ['Backups'],
    summary: 'Legal holds: these tenants cannot be erased, and their backups are not pruned.',
    responses: { 200: json(z.object({ holds: z.array(Hold) }), 'The oldest first.') },
  });
  routes.openapi(list, async (context) => {
    const found = await listHolds(parts.operations.pool);
    const [nameOf, names] = await Promise.all([
      parts.actorNames.of(found.map(({ placedBy }) => placedBy)),
      parts.application.tenants.names(found.map(({ tenantId }) => tenantId)),
    ]);
    const holds = found.map((hold) => {
      const { name: tenantName = hold.tenantId, subdomain = '' } = names.get(hold.tenantId) ?? {};
      return { ...hold, tenantName, subdomain, placedByName: nameOf(hold.placedBy) };
    });
    return context.json({ holds }, 200);
  });

  const place = createRoute({
    method: 'put',
    path: '/{tenant}',
    middleware: forOperators(parts, 'backups.give_out'),
    tags: ['Backups'],
    summary: 'Places a legal hold on a tenant. Another reason replaces the one before.',
    request: {
      headers: IdempotencyHeader,
      params: ByTenant,
      body: jsonBody(z.object({ reason: z.string().trim().min(3).max(500) })),
    },
    responses: { 204: { description: 'Held.' } },
  });
  routes.openapi(place, async (context) => {
    const { user } = await requireSession(context, parts);
    const { id } = await anyTenant(parts, context.req.valid('param').tenant);
    await placeHold(backupsOf(parts), id, context.req.valid('json').reason, `user:${user.id}`);
    return context.body(null, 204);
  });

  const release = createRoute({
    method: 'delete',
    path: '/{tenant}',
    middleware: forOperators(parts, 'backups.give_out'),
    tags: ['Backups'],
    summary: 'Ends a legal hold. Needs the tenant’s subdomain, and a recent proof.',
    request: { headers: IdempotencyHeader, params: ByTenant, query: z.object({ confirm: z.string() }) },
    responses: { 204: { description: 'Released, or there was none.' } },
  });
  routes.openapi(release, async (context) => {
    const session = await requireSession(context, parts);
    const { id, subdomain } = await anyTenant(parts, context.req.valid('param').tenant);
    requireConfirmation(context.req.valid('query').confirm, subdomain);
    requireRecentProof(session);
    await releaseHold(backupsOf(parts), id, `user:${session.user.id}`);
    return context.body(null, 204);
  });
  return routes;
}
