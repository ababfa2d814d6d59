import type { Context } from 'hono';
import type { Environment } from '../context';
import type { ServerDependencies, Services } from '../dependencies';
import { RequestError } from '../errors';

/** The server's parts, with the services that links, files, payments and connections need. */
export type ApiDependencies = ServerDependencies & { services: Services };

export function hasServices(parts: ServerDependencies): parts is ApiDependencies {
  return parts.services !== undefined;
}

/** The base address for links, without a slash at the end: as configured, else as this request was addressed. */
export function baseUrl(context: Context<Environment>, { services }: ApiDependencies): string {
  return services.publicUrl ? services.publicUrl.replace(/\/$/, '') : pageUrl(context);
}

/**
 * The base address of the requesting page: an origin known to be this server's, with the tenant's prefix. A Host header
 * that is not configured is never used.
 *
 * @throws RequestError `public_url_unknown`
 */
export function pageUrl({ env }: Context<Environment>): string {
  if (env.origin !== undefined) return `${env.origin}${env.prefix}`;
  throw new RequestError('public_url_unknown', 'The request’s host name is not one of this server’s.', {
    hint: 'Set PUBLIC_URL to the address at which people reach it.',
  });
}
