import { isUtf8 } from 'node:buffer';
import type { Context } from 'hono';
import { inWords, NO_FAULT_OF_OURS, refusalIn } from '@/lib/crm/refusals';
import type { ServedBy } from '@/lib/data-sources';
import { type ApiKey, ApiKeys, IdentityError } from '@/lib/identity';
import type { EngineResponse } from '@/lib/rest';
import { EngineError, errorResponse } from '@/lib/rest';
import type { Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { problem, RequestError } from '../errors';
import { readCookie } from '../http/cookies';
import { isUnattended, refuseCrossSite } from '../session';
import { requireTenant } from '../tenant-context';
import { AS_OF_HEADER, appliedHeaders, READ_TOKEN_HEADER, readReadPreferences } from './read-preferences';
import { tokenRefusal } from './token-refusal';

/** The caller of `/rest/v1` or `/storage/v1`: a user, or a program with an API key. */
export interface Caller {
  tenantId: string;
  /** The owner of new rows; null for a service key. */
  userId: string | null;
  /** The id of the API key. */
  keyId?: string;
  /** Undefined for a service key. */
  userRole?: string;
  useServiceRole: boolean;
  accessToken?: string;
  /** Of a user in a session. */
  sessionEnds?: Date;
  isSupport?: boolean;
}

/**
 * `/rest/v1/*`: the data engine for the caller's tenant. The answer is the engine's, byte for byte, except that a database
 * error without a hint gets one in plain words. Failures before the engine have PostgREST's error body too.
 */
export async function answerRest(
  context: Context<Environment>,
  parts: ServerDependencies,
): Promise<Response> {
  try {
    const caller = await identify(context, parts);
    context.set('tenantId', caller.tenantId);
    context.set('actor', actorOf(caller));
    refuseExport(context, caller);
    const url = new URL(context.req.url);
    const { method } = context.req;
    const isWrite = !['GET', 'HEAD', 'OPTIONS'].includes(method);
    if (isWrite && !caller.useServiceRole) await parts.people.freshen(caller.tenantId);
    const { others, wantsToken, maxLagMs, afterWrites } = readReadPreferences(context.req.header('prefer'));
    const { prefer: _, ...headers } = Object.fromEntries(context.req.raw.headers);
    const request = {
      method,
      path: url.pathname.slice('/rest/v1'.length) || '/',
      query: url.search.slice(1),
      headers: others === undefined ? headers : { ...headers, prefer: others },
      body: isWrite ? textOrBytes(Buffer.from(await context.req.arrayBuffer())) : null,
    };
    const { useServiceRole, accessToken } = caller;
    const served: ServedBy[] = [];
    const readToken = context.req.header(READ_TOKEN_HEADER);
    const options = {
      ...(maxLagMs === undefined ? {} : { maxLagMs, afterWrites, served: (by: ServedBy) => served.push(by) }),
      ...(readToken === undefined ? {} : { readToken }),
      useServiceRole,
      signal: context.req.raw.signal,
      ...(accessToken ? { accessToken } : {}),
    };
    const response = withWords(await parts.manager.answer(caller.tenantId, request, options));
    if (response.status >= 500) context.set('failure', failureOf(response));
    const token =
      wantsToken && isWrite && response.status < 400
        ? await parts.manager.readToken(caller.tenantId)
        : undefined;
    return toResponse({ ...response, headers: appliedHeaders(response.headers, served, token) }, method);
  } catch (error) {
    return sendRestError(context, error);
  }
}

/** A failure before the engine, in PostgREST's form. */
export function sendRestError(context: Context<Environment>, error: unknown): Response {
  const refusal = tokenRefusal(error, bearerOf(context) ?? readCookie(context, 'marquee_session'));
  if (refusal) return toResponse(errorResponse(refusal), context.req.method);
  context.set('failure', error);
  const { status, retryAfter, body } = problem(error, context.get('requestId'));
  if (retryAfter !== undefined) context.header('retry-after', String(retryAfter));
  return context.json(
    { code: body.code, message: body.title, details: null, hint: body.hint ?? null },
    status,
  );
}

/** For the audit log. */
export function actorOf({ keyId, userId }: Caller): string {
  return keyId ? `key:${keyId}` : `user:${userId}`;
}

/** Roles that may take data away as a file, as in the web application (`src/web/hooks/session/roles.ts`). */
const EXPORTING = new Set(['owner', 'admin', 'manager', 'sales']);

/** @throws RequestError `forbidden` */
function refuseExport(context: Context<Environment>, { userRole }: Caller): void {
  if (userRole === undefined || EXPORTING.has(userRole)) return;
  if (!/\btext\/csv\b/i.test(context.req.header('accept') ?? '')) return;
  throw new RequestError('forbidden', 'Your role may not export data.', {
    hint: 'Ask an owner, admin or manager of your company.',
  });
}

/**
 * A user's access token or a tenant's service key as bearer, else the service key alone, else the session's cookie.
 *
 * @throws RequestError `not_signed_in`, SecretError `token_*`
 */
export async function identify(context: Context<Environment>, parts: ServerDependencies): Promise<Caller> {
  const bearer = bearerOf(context);
  const caller = bearer ? await byToken(bearer, context.env.address, parts) : await byCookie(context, parts);
  const { subdomain } = context.env;
  if (subdomain !== undefined && (await requireTenant(subdomain, parts)).id !== caller.tenantId) {
    throw new RequestError('not_signed_in', 'The token is for another company.', { hint: 'Sign in here.' });
  }
  return caller;
}

function bearerOf(context: Context<Environment>): string | undefined {
  const [, bearer] = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
  return bearer ?? context.req.header('apikey');
}

async function byToken(token: string, address: string, parts: ServerDependencies): Promise<Caller> {
  if (!ApiKeys.isKey(token)) return ofUser(token, parts);
  return ofKey(await parts.signIn.keys.recognize(token, address), parts);
}

/** @throws IdentityError `api_key_required` */
export async function ofKey(key: ApiKey, parts: ServerDependencies): Promise<Caller> {
  const { id: keyId, tenantId, kind, role } = key;
  if (kind === 'service') return { tenantId, keyId, userId: null, useServiceRole: true };
  if (kind === 'scoped' && role) {
    return {
      ...{ tenantId, keyId, userId: keyId },
      userRole: role,
      useServiceRole: false,
      accessToken: await parts.signIn.signKeyToken(key),
    };
  }
  throw new IdentityError('api_key_required', 'An anon key names a company; alone it may read nothing.', {
    hint: 'Sign a user in (auth.signInWithPassword), or use a service or scoped key: marquee key create, or Settings, API keys.',
  });
}

async function byCookie(context: Context<Environment>, parts: ServerDependencies): Promise<Caller> {
  const token = readCookie(context, 'marquee_session');
  if (!token) throw new RequestError('not_signed_in', 'You are not signed in.', { hint: 'Sign in first.' });
  refuseCrossSite(context.req.raw);
  return ofUser(token, parts, { unattended: isUnattended(context) });
}

/** @throws RequestError `forbidden`; IdentityError `not_signed_in`, `password_change_required`; SecretError `token_*` */
export async function ofUser(
  token: string,
  parts: ServerDependencies,
  how = { unattended: false },
): Promise<Caller> {
  const { user, record } = await parts.signIn.recognize(token, how);
  if (user.tenantId)
    return {
      ...{ tenantId: user.tenantId, userId: user.id, userRole: user.role },
      ...{ useServiceRole: false, accessToken: token },
      ...(record && { sessionEnds: record.expiresAt, isSupport: record.method === 'support' }),
    };
  throw new RequestError('forbidden', 'The operator has no access to business data.');
}

/**
 * The headers of a data source that are passed on: PostgREST's own. A customer's database may set any header
 * (`response.headers`), and must not set a cookie on Marquee's origin.
 */
const PASSED_BACK = new Set([
  'allow',
  'cache-control',
  'content-disposition',
  'content-length',
  'content-location',
  'content-profile',
  'content-range',
  'content-type',
  'etag',
  'last-modified',
  AS_OF_HEADER,
  READ_TOKEN_HEADER,
  'location',
  'preference-applied',
  'proxy-status',
  'range-unit',
  'retry-after',
  'server-timing',
  'vary',
  'warning',
  'www-authenticate',
]);

/** A body that is not text stays bytes: a file, or something that the engine refuses. */
function textOrBytes(bytes: Buffer): string | Uint8Array {
  return isUtf8(bytes) ? bytes.toString() : bytes;
}

/**
 * Adds a hint in plain words to a database error without one, and `refusal`, the same as facts for other languages; corrects the
 * status of an error about what was sent.
 */
function withWords(response: EngineResponse): EngineResponse {
  const { error } = response;
  if (!error) return response;
  const status = response.status === 500 ? NO_FAULT_OF_OURS[error.code] : undefined;
  const isWordless = error.hint == null || status !== undefined;
  const words = isWordless ? inWords(error) : undefined;
  if (words === undefined && status === undefined) return response;
  const refusal = isWordless ? refusalIn(error) : undefined;
  return {
    ...response,
    status: status ?? response.status,
    headers: response.headers.filter(([name]) => name.toLowerCase() !== 'content-length'),
    body: JSON.stringify({ ...error, hint: words ?? null, ...(refusal && { refusal }) }),
  };
}

/** For the log: the code only, since the message may repeat values. */
function failureOf({ status, error }: EngineResponse): EngineError {
  return new EngineError(error?.code ?? 'unknown', status, 'The data source answered with an error.');
}

/** What an answer depends on besides its address: PostgREST's request headers, and the caller. */
const VARY = 'Accept, Prefer, Range, Authorization, Cookie, Marquee-Read-Token';

function toResponse({ status, headers, body }: EngineResponse, method: string): Response {
  const empty = method === 'HEAD' || status === 204 || status === 304 || body === null;
  return new Response(empty ? null : (body as string | Uint8Array<ArrayBuffer>), {
    status,
    headers: [...headers.filter(([name]) => PASSED_BACK.has(name.toLowerCase())), ['vary', VARY]],
  });
}
