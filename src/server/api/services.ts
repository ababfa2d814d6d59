import type { Context } from 'hono';
import type { Environment, ServerParts, Services } from '../context';
import { RequestError } from '../errors';

/** What the routes of links, files, payments and connections are made of. */
export type ApiParts = ServerParts & { services: Services };

export function hasServices(parts: ServerParts): parts is ApiParts {
  return parts.services !== undefined;
}

/** Where a browser reaches this server, without a slash at the end: as configured, else as it did just now. */
export function baseUrl(context: Context<Environment>, { services }: ApiParts): string {
  return services.publicUrl ? services.publicUrl.replace(/\/$/, '') : pageUrl(context);
}

/**
 * Where the page that asks is: the origin under which this server is known, with the tenant's prefix. Never a Host header
 * that nobody configured.
 *
 * @throws RequestError `public_url_unknown`
 */
export function pageUrl({ env }: Context<Environment>): string {
  if (env.origin !== undefined) return `${env.origin}${env.prefix}`;
  throw new RequestError('public_url_unknown', 'This server is not known under the address of the request.', {
    hint: 'Set PUBLIC_URL to the address at which people reach it.',
  });
}
