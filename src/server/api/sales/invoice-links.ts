import { createRoute, z } from '@hono/zod-openapi';
import { makeInvoiceButton } from '@/lib/crm/closing';
import type { Action } from '@/lib/crm/delivery/jobs';
import { GenericRepository, type RowOf } from '@/lib/repositories';
import { requireRole, SALES } from '../../require-role';
import { requireTenantContext, type TenantContext } from '../../tenant-context';
import { type AnswerOf, ById, createRouter, IdempotencyHeader, json } from '../router';
import { type ApiDependencies, baseUrl } from '../services';

const Link = z
  .object({
    url: z.url().openapi({ description: 'The client’s page of the invoice. Earlier links stay valid.' }),
  })
  .openapi('InvoiceLink');
export type InvoiceLink = AnswerOf<typeof Link>;

/** `/api/invoices/{id}/link`: a link by which a client reads and pays an issued invoice. */
export function invoiceLinkRoutes(parts: ApiDependencies) {
  const routes = createRouter(parts);
  const make = createRoute({
    method: 'post',
    path: '/{id}/link',
    tags: ['Payments'],
    summary: 'Makes a link to an issued invoice. For owners, admins, managers and sales.',
    request: { params: ById, headers: IdempotencyHeader },
    responses: { 200: json(Link, 'The link. It is shown once: only its hash is kept.') },
  });
  routes.openapi(make, async (context) => {
    const caller = requireRole(await requireTenantContext(context, parts), SALES);
    const invoice = await new GenericRepository(caller.client, 'invoices').get(context.req.valid('param').id);
    const { url } = await makeInvoiceLink(caller, invoice, baseUrl(context, parts), '', parts);
    return context.json({ url }, 200);
  });
  return routes;
}

/**
 * The button of a mail that opens an invoice.
 *
 * @param base address of this server for clients @param language of the mail
 * @throws RequestError `forbidden`; RepositoryError `rule_violated`: not issued
 */
export async function makeInvoiceLink(
  caller: Pick<TenantContext, 'role' | 'tenant'>,
  invoice: RowOf<'invoices'>,
  base: string,
  language: string,
  parts: ApiDependencies,
): Promise<Action> {
  const { tenant } = requireRole(caller, SALES);
  const service = await parts.manager.getClientForTenant(tenant.id, true);
  return makeInvoiceButton(service, tenant.id, invoice.id, { base, language });
}
