import type { PostgrestClient } from '@supabase/postgrest-js';
import type { Context } from 'hono';
import type { Environment, ServerParts, Services } from '../context';

/** What the routes of links, files, payments and connections are made of. */
export type ApiParts = ServerParts & { services: Services };

export function hasServices(parts: ServerParts): parts is ApiParts {
  return parts.services !== undefined;
}

/** Where a browser reaches this server, without a slash at the end: as configured, else as it did just now. */
export function baseUrl(context: Context<Environment>, { services }: ApiParts): string {
  if (services.publicUrl) return services.publicUrl.replace(/\/$/, '');
  return `${new URL(context.req.url).origin}${context.env.prefix}`;
}

/** A client of the whole tenant: for what users may not read or write themselves, and for links without an account. */
export async function serviceClient(
  { manager }: Pick<ServerParts, 'manager'>,
  tenantId: string,
): Promise<PostgrestClient> {
  return manager.getClientForTenant(tenantId, true) as Promise<PostgrestClient>;
}
