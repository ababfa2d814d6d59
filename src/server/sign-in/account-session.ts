import type { Context } from 'hono';
import type { Leniency, Session } from '@/lib/identity';
import type { Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { refuseSupport, requireSession } from '../session';

/** The caller's own session, which is no support session. @throws as `requireSession`; RequestError `forbidden` */
export async function requireAccount(
  context: Context<Environment>,
  parts: ServerDependencies,
  leniency: Leniency = {},
): Promise<Session> {
  const session = await requireSession(context, parts, leniency);
  refuseSupport(session);
  return session;
}
