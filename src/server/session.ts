// Who sends a request: its session, and what a session must show for some requests.
import type { Context } from 'hono';
import type { Tenant } from '@/lib/application';
import { type Session as IdentifiedSession, IdentityError, type Leniency } from '@/lib/identity';
import type { Environment, Session } from './context';
import type { ServerDependencies } from './dependencies';
import { RequestError } from './errors';
import { readCookie } from './http/cookies';

type SessionRecord = Pick<IdentifiedSession, 'record'>;

/**
 * The session of a request: its bearer token, else its cookie. A session of another company than the address names does not count.
 *
 * @throws RequestError `not_signed_in`; IdentityError `not_signed_in`, `password_change_required`, `insufficient_aal`
 */
export async function requireSession(
  context: Context<Environment>,
  parts: ServerDependencies,
  leniency: Leniency = {},
): Promise<Session> {
  const session = await sessionOfToken(context, parts, leniency);
  const { tenantId } = session.user;
  if (context.env.subdomain !== undefined)
    refuseOtherCompany(context, tenantId === null ? null : await parts.application.tenants.get(tenantId));
  return session;
}

/** Refuses a session of another tenant than the address names. @throws RequestError `not_signed_in` */
export function refuseOtherCompany({ env }: Context<Environment>, tenant: Tenant | null): void {
  if (env.subdomain === undefined || env.subdomain === tenant?.subdomain) return;
  throw new RequestError('not_signed_in', 'You are signed in to another company.', { hint: 'Sign in here.' });
}

/** Seconds without the user's input in the page that sends a request. */
const IDLE_HEADER = 'x-marquee-idle';
/** After so many seconds without input a request counts as sent by the page itself: live updates do not extend a session. */
const UNATTENDED_SECONDS = 60;

/** Whether a page sends this without its user: to refresh what it shows, or to listen for changes. */
export function isUnattended({ req }: Context<Environment>): boolean {
  return (
    req.header('accept') === 'text/event-stream' || Number(req.header(IDLE_HEADER) ?? 0) >= UNATTENDED_SECONDS
  );
}

/** As `requireSession`, at any address: for callers that compare the tenants themselves. Looked up once for a request. */
export async function sessionOfToken(
  context: Context<Environment>,
  parts: ServerDependencies,
  leniency: Leniency = {},
): Promise<Session> {
  const known = context.get('session');
  if (known) return known;
  const bearer = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
  const token = bearer ?? readCookie(context, 'marquee_session');
  if (!token) throw new RequestError('not_signed_in', 'You are not signed in.', { hint: 'Sign in first.' });
  const byCookie = bearer === undefined;
  if (byCookie) refuseCrossSite(context.req.raw);
  const unattended = isUnattended(context);
  const session = { ...(await parts.signIn.recognize(token, { ...leniency, unattended })), byCookie };
  const isComplete = Object.keys(leniency).length === 0;
  if (isComplete) context.set('session', session);
  return session;
}

/** How long a proof of who acts counts for dangerous actions. */
const PROOF_MS = 15 * 60_000;

/**
 * For a dangerous action: its user has shown password, second factor or passkey in this session a short while ago. A token
 * that trusted code signed for itself belongs to no session, and needs none.
 *
 * @throws IdentityError `confirmation_required`
 */
export function requireRecentProof({ record }: SessionRecord): void {
  if (isRecentlyProved(record)) return;
  throw new IdentityError('confirmation_required', 'Please confirm that it is you.', {
    hint: 'Confirm with a code, a passkey or your password, and repeat the request.',
  });
}

/** Whether `requireRecentProof` accepts the session. */
export function isRecentlyProved(record: SessionRecord['record']): boolean {
  return !record || record.provedAt.getTime() + PROOF_MS > Date.now();
}

/** A support session cannot change the account of its user. @throws RequestError `forbidden` */
export function refuseSupport({ record }: SessionRecord): void {
  if (record?.method !== 'support') return;
  throw new RequestError('forbidden', 'Support access does not reach accounts.');
}

/**
 * Browsers send cookies with requests from any page, so a request that changes something must come from a page of the same
 * origin. Browsers that send neither header on a POST are older than the SameSite attribute and get no cookie here.
 *
 * @throws RequestError `cross_site_request`
 */
export function refuseCrossSite(request: Request): void {
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return;
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  // The address that the client used, also behind a trusted proxy.
  const { host } = new URL(request.url);
  const sameOrigin = origin !== null && URL.canParse(origin) && new URL(origin).host === host;
  if (site === 'same-origin' || (site === null && sameOrigin)) return;
  throw new RequestError('cross_site_request', 'The request came from another site.', {
    hint: 'Programs send the access token in the Authorization header instead of a cookie.',
  });
}
