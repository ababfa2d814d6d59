import { z } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { readClientLink } from '@/lib/crm/closing';
import type { TenantClient } from '@/lib/data-sources';
import { limitByAddress } from '../api/rate-limit';
import { Email, Id } from '../api/router';
import type { ApiDependencies } from '../api/services';
import type { Environment } from '../context';
import { RequestError } from '../errors';
import { refuseInactive } from '../tenant-context';

export const ByToken = z.object({ token: z.string().min(20).max(200) });
export const ByTokenAndId = ByToken.extend({ id: Id });

/** A signature: a typed name, or a picture of a drawn one. */
export const Signature = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('typed'), text: z.string().trim().min(1).max(200) }),
  z.object({
    kind: z.literal('drawn'),
    png: z
      .string()
      .max(300_000)
      .regex(/^data:image\/png;base64,iVBORw0KGgo[A-Za-z0-9+/]+=*$/, 'must be a PNG as data URL'),
  }),
]);

/** SHA-256 of what the client was shown, hexadecimal. */
export const Sha256 = z.string().regex(/^[0-9a-f]{64}$/);

/** Who signs, and how. */
export const Signing = z.object({
  name: z.string().trim().min(1).max(200),
  email: Email.optional().openapi({ description: 'Of the first signature: where the signed copy goes.' }),
  consent: z.literal(true).openapi({ description: 'To the text that the page gives as `consentText`.' }),
  signature: Signature,
});

/** Requests per minute and address: a page with its photos, reloaded a few times. */
const REQUESTS = 120;

/** For pages whose link is the permission: limits guessing, and forbids caching and referrers. */
export function guardLinks(): MiddlewareHandler<Environment> {
  const limit = limitByAddress(REQUESTS);
  return (context, next) => {
    context.header('cache-control', 'no-store');
    context.header('referrer-policy', 'no-referrer');
    return limit(context, next);
  };
}

/** The tenant of a link's token, and the hash under which the link is stored. @throws RequestError `link_unknown`, `tenant_*` */
export async function openLink(
  context: Context<Environment>,
  parts: ApiDependencies,
  token: string,
): Promise<{ tenantId: string; hash: string; client: TenantClient }> {
  const { tenantId, hash } = readClientLink(token);
  const tenant = await parts.application.tenants.find(tenantId);
  if (!tenant) throw new RequestError('link_unknown', 'This link no longer opens anything.');
  refuseInactive(tenant);
  context.set('tenantId', tenantId);
  // A client's actions notify the company's users, so the tenant's database needs a current copy of them.
  if (context.req.method === 'POST') await parts.people.freshen(tenantId);
  return { tenantId, hash, client: await parts.manager.getClientForTenant(tenantId, true) };
}
