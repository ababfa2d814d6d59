import { isUtf8 } from 'node:buffer';
import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import { inWords, NO_FAULT_OF_OURS } from '@/lib/crm/refusals';
import { type ApiKey, ApiKeys, IdentityError } from '@/lib/identity';
import type { EngineResponse } from '@/lib/rest';
import { EngineError, errorResponse } from '@/lib/rest';
import {
  type Environment,
  refuseCrossSite,
  requireTenant,
  SESSION_COOKIE,
  type ServerParts,
} from './context';
import { problem, RequestError } from './errors';
import { tokenRefusal } from './rest/token-refusal';

/** Who asks `/rest/v1` or `/storage/v1`, and how far they may see. */
export interface Asker {
  tenantId: string;
  /** Whose a new row is; null for a service key. */
  userId: string | null;
  /** Of a program. */
  keyId?: string;
  /** Undefined for a service key. */
  userRole?: string;
  useServiceRole: boolean;
  accessToken?: string;
}

/**
 * `/rest/v1/*`: the data engine for the tenant of whoever asks. The answer is the engine's, byte for byte, but that an
 * error of the database's without a hint gets one in words; what goes wrong before the engine has PostgREST's error body.
 */
export async function answerRest(context: Context<Environment>, parts: ServerParts): Promise<Response> {
  try {
    const asker = await identify(context, parts);
    context.set('tenantId', asker.tenantId);
    refuseExport(context, asker);
    const url = new URL(context.req.url);
    const { method } = context.req;
    const isWrite = !['GET', 'HEAD', 'OPTIONS'].includes(method);
    if (isWrite && !asker.useServiceRole) await parts.people.freshen(asker.tenantId);
    const request = {
      method,
      path: url.pathname.slice('/rest/v1'.length) || '/',
      query: url.search.slice(1),
      headers: Object.fromEntries(context.req.raw.headers),
      body: isWrite ? textOrBytes(Buffer.from(await context.req.arrayBuffer())) : null,
    };
    const { useServiceRole, accessToken } = asker;
    const options = {
      useServiceRole,
      signal: context.req.raw.signal,
      ...(accessToken ? { accessToken } : {}),
    };
    const response = withWords(await parts.manager.answer(asker.tenantId, request, options));
    if (response.status >= 500) context.set('failure', failureOf(response));
    return toResponse(response, method);
  } catch (error) {
    const refusal = tokenRefusal(error, bearerOf(context) ?? getCookie(context, SESSION_COOKIE));
    if (refusal) return toResponse(errorResponse(refusal), context.req.method);
    context.set('failure', error);
    const { status, retryAfter, body } = problem(error, context.get('requestId'));
    if (retryAfter !== undefined) context.header('retry-after', String(retryAfter));
    return context.json(
      { code: body.code, message: body.title, details: null, hint: body.hint ?? null },
      status,
    );
  }
}

/** Roles that may take data away as a file, as in the web application (`src/web/hooks/roles.ts`). */
const EXPORTING = new Set(['owner', 'admin', 'manager', 'sales']);

/** @throws RequestError `forbidden` */
function refuseExport(context: Context<Environment>, { userRole }: Asker): void {
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
export async function identify(context: Context<Environment>, parts: ServerParts): Promise<Asker> {
  const bearer = bearerOf(context);
  const asker = bearer ? await byToken(bearer, parts) : await byCookie(context, parts);
  const { subdomain } = context.env;
  if (subdomain !== undefined && (await requireTenant(subdomain, parts)).id !== asker.tenantId) {
    throw new RequestError('not_signed_in', 'The token is for another company.', { hint: 'Sign in here.' });
  }
  return asker;
}

function bearerOf(context: Context<Environment>): string | undefined {
  const [, bearer] = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '') ?? [];
  return bearer ?? context.req.header('apikey');
}

async function byToken(token: string, parts: ServerParts): Promise<Asker> {
  if (!ApiKeys.isKey(token)) return ofUser(token, parts);
  return ofKey(await parts.signIn.keys.recognise(token), parts);
}

/** @throws IdentityError `api_key_required` */
export async function ofKey(key: ApiKey, parts: ServerParts): Promise<Asker> {
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

async function byCookie(context: Context<Environment>, parts: ServerParts): Promise<Asker> {
  const token = getCookie(context, SESSION_COOKIE);
  if (!token) throw new RequestError('not_signed_in', 'You are not signed in.', { hint: 'Sign in first.' });
  refuseCrossSite(context.req.raw);
  return ofUser(token, parts);
}

/** @throws RequestError `forbidden`; IdentityError `not_signed_in`, `password_change_required`; SecretError `token_*` */
export async function ofUser(token: string, parts: ServerParts): Promise<Asker> {
  const { user } = await parts.signIn.recognise(token);
  if (user.tenantId)
    return {
      ...{ tenantId: user.tenantId, userId: user.id, userRole: user.role },
      ...{ useServiceRole: false, accessToken: token },
    };
  throw new RequestError('forbidden', 'The operator has no access to business data.');
}

/**
 * Of a data source's headers, those of PostgREST's own. A customer's database may set any (`response.headers`), and its
 * page must not set cookies of ours.
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

/** What is not text stays as it came: a file, or what the engine refuses. */
function textOrBytes(bytes: Buffer): string | Uint8Array {
  return isUtf8(bytes) ? bytes.toString() : bytes;
}

/** An error of the database's without a hint gets one in words; one that is about what was sent, its status. */
function withWords(response: EngineResponse): EngineResponse {
  const { error } = response;
  if (!error) return response;
  const status = response.status === 500 ? NO_FAULT_OF_OURS[error.code] : undefined;
  const words = error.hint == null || status ? inWords(error) : undefined;
  if (words === undefined) return response;
  return {
    ...response,
    status: status ?? response.status,
    headers: response.headers.filter(([name]) => name.toLowerCase() !== 'content-length'),
    body: JSON.stringify({ ...error, hint: words }),
  };
}

/** What the database answered, by its code: its message may repeat values. */
function failureOf({ status, error }: EngineResponse): EngineError {
  return new EngineError(error?.code ?? 'unknown', status, 'The data source answered with an error.');
}

/** What an answer depends on besides its address: PostgREST's headers, and who asks. */
const VARY = 'Accept, Prefer, Range, Authorization, Cookie';

function toResponse({ status, headers, body }: EngineResponse, method: string): Response {
  const empty = method === 'HEAD' || status === 204 || status === 304 || body === null;
  return new Response(empty ? null : typeof body === 'string' ? body : new Uint8Array(body), {
    status,
    headers: [...headers.filter(([name]) => PASSED_BACK.has(name.toLowerCase())), ['vary', VARY]],
  });
}
