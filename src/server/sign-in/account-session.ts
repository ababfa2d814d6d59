import type { Context } from 'hono';
import type { Leniency, Session } from '@/lib/identity';
import { type Environment, refuseSupport, requireSession, type ServerDependencies } from '../context';

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
