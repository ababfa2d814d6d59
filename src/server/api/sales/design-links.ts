import { createRoute, z } from '@hono/zod-openapi';
import { createClientLink } from '@/lib/crm/closing';
import { GenericRepository } from '@/lib/repositories';
import { requireRole, SALES } from '../../require-role';
import { requireTenantContext } from '../../tenant-context';
import { type AnswerOf, ById, createRouter, IdempotencyHeader, json } from '../router';
import { type ApiDependencies, baseUrl } from '../services';

const Link = z
  .object({
    url: z
      .url()
      .openapi({ description: 'The client’s page of the event’s designs. The former link stops working.' }),
  })
  .openapi('DesignLink');
export type DesignLink = AnswerOf<typeof Link>;

/** `/api/events/{id}/design-link`: a link by which a client approves the designs of an event, with or without a quote. */
export function designLinkRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);
  const make = createRoute({
    method: 'post',
    path: '/{id}/design-link',
    tags: ['Client’s page'],
    summary: 'Makes a link to the designs of an event. For owners, admins, managers and sales.',
    request: { params: ById, headers: IdempotencyHeader },
    responses: { 200: json(Link, 'The link. It is shown once: only its hash is kept.') },
  });
  routes.openapi(make, async (context) => {
    const { client, tenant } = requireRole(await requireTenantContext(context, parts), SALES);
    const { id } = await new GenericRepository(client, 'events').get(context.req.valid('param').id);
    const { token, hash } = createClientLink(tenant.id);
    const service = await parts.manager.getClientForTenant(tenant.id, true);
    await service.from('events').update({ portal_token_hash: hash }).eq('id', id).throwOnError();
    return context.json({ url: `${baseUrl(context, parts)}/d/${token}` }, 200);
  });
  return routes;
}
