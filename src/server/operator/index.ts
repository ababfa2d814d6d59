import type { Context, MiddlewareHandler } from 'hono';
import { type OperatorPermission, requireOperatorPermission, type Session } from '@/lib/identity';
import { authorOf, type Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { RequestError } from '../errors';
import { requireSession } from '../session';

export type { OperatorServices, ShownService, ShownSetting } from './services';

/**
 * The session of an operator who has this permission. Routes declare their permission with {@link forOperators}.
 *
 * @throws RequestError `forbidden` for users of companies; IdentityError `operator_role_insufficient`,
 *   `operator_second_factor_missing`, both recorded in the audit log; as `requireSession`
 */
export async function requireOperator(
  context: Context<Environment>,
  parts: ServerDependencies,
  permission: OperatorPermission,
): Promise<Session> {
  const session = await requireSession(context, parts);
  const { id, role } = session.user;
  if (role !== 'operator') throw new RequestError('forbidden', 'This is for the operator of the service.');
  const { method, path } = context.req;
  const by = authorOf(context, `user:${id}`);
  await requireOperatorPermission(parts.application, session, permission, { to: `${method} ${path}`, by });
  const acting = context.get('acting');
  if (acting) acting.author = by;
  context.set('isOperator', true);
  return session;
}

/** `requireOperator` as a route's `middleware`. It runs before the body is validated, so that only permitted operators see what is wrong with a body. */
export function forOperators(
  parts: ServerDependencies,
  permission: OperatorPermission,
): MiddlewareHandler<Environment> {
  return async (context, next) => {
    await requireOperator(context, parts, permission);
    await next();
  };
}
