// Idempotent requests (IETF draft "The Idempotency-Key HTTP Header Field").
import { createHash } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { readClientLink } from '@/lib/crm/closing';
import { idOf } from '@/lib/crm/storage';
import type { RequestKey } from '@/lib/operations';
import type { SecretBox } from '@/lib/secrets';
import type { Environment } from '../context';
import type { ServerDependencies } from '../dependencies';
import { problem, RequestError } from '../errors';
import { requireSession } from '../session';
import { requireTenantContext } from '../tenant-context';

/** How long an answer is kept, seconds: with a key; and without one, for the same request sent while the first was running. */
const KEPT_SECONDS = 24 * 3600;
const KEPT_WITHOUT_KEY_SECONDS = 60;

/** The stored part of an answer; it is encrypted. */
interface StoredAnswer {
  body: string;
  contentType: string | null;
}

/** Stands for the tenant in requests of operators. */
const OF_NO_TENANT = '00000000-0000-0000-0000-000000000000';

type Scope = Pick<RequestKey, 'tenantId' | 'caller'>;

/**
 * Runs a route once for each `Idempotency-Key` of a caller: a user, an operator, or a client's link.
 *
 * - The first answer is stored and repeated with `idempotency-replayed: true`. Failures are not stored, so that a retry can
 *   succeed.
 * - Without a key, the same request of the same caller is refused while the first is running (a double click).
 * - Of concurrent requests by different callers that act on one document, one is refused.
 *
 * @throws RequestError `request_in_progress` (409), `key_reused` (422)
 */
export function idempotent(parts: ServerDependencies): MiddlewareHandler<Environment> {
  return async (context, next) => {
    const cameAt = performance.now();
    // Forms are not compared here: the route makes one attachment for each key, see Attachments.
    const isForm = /^multipart\//i.test(context.req.header('content-type') ?? '');
    // An unknown caller is refused by the route itself.
    const box = parts.services?.secretBox ?? parts.operator?.secretBox;
    const scope = box && !isForm ? await scopeOf(context, parts) : undefined;
    return scope && box ? runOnce(context, { ...parts, box }, { ...scope, cameAt }, next) : next();
  };
}

async function runOnce(
  context: Context<Environment>,
  parts: Pick<ServerDependencies, 'operations' | 'logger'> & { box: SecretBox },
  { cameAt, ...scope }: Scope & { cameAt: number },
  next: () => Promise<void>,
): Promise<Response | undefined> {
  const requests = parts.operations.idempotentRequests;
  const { method, url } = context.req;
  const address = new URL(url);
  const fingerprint = sha256(
    method,
    address.pathname,
    address.search,
    await contentOf(context, address.pathname),
  );
  const given = context.req.header('idempotency-key');
  const keyHash = sha256(given === undefined ? `same ${fingerprint}` : `key ${given}`);
  const waitedMs = given === undefined ? performance.now() - cameAt : undefined;
  const taken = await requests.take({ ...scope, keyHash }, fingerprint, waitedMs);
  if (taken.state === 'running') throw inProgress();
  if (taken.state === 'reused') {
    throw new RequestError('key_reused', 'This idempotency key was used for another request.', {
      hint: 'The first request was done. Use a new key for each request.',
    });
  }
  const place = { owner: scope.tenantId, column: 'idempotent_requests.answer' };
  if (taken.state === 'done') {
    const kept = JSON.parse(await parts.box.decrypt(taken.answer, place)) as StoredAnswer;
    context.header('idempotency-replayed', 'true');
    if (kept.contentType) context.header('content-type', kept.contentType);
    const { status } = taken;
    return kept.body ? context.body(kept.body, status as 200) : context.body(null, status as 204);
  }
  const holders = [taken.holder];
  if (given !== undefined) context.set('idempotencyId', idOf(`${scope.tenantId}:${scope.caller}:${given}`));
  const letGo = requests.hold(holders);
  const note = (err: unknown) => parts.logger.warn({ err }, 'a request that was done is not noted');
  let isKept = false;
  try {
    if (Object.keys(context.req.param()).length > 0) {
      const document = { tenantId: scope.tenantId, caller: 'anyone', keyHash: sha256(address.pathname) };
      const alone = await requests.take(document, sha256(address.pathname));
      if (alone.state !== 'taken') throw inProgress();
      holders.push(alone.holder);
    }
    await next();
    const { res } = context;
    if (res.ok) {
      const kept: StoredAnswer = {
        body: await res.clone().text(),
        contentType: res.headers.get('content-type'),
      };
      const sealed = await parts.box.encrypt(JSON.stringify(kept), place);
      // If it cannot be stored, the lease expires later, so the work is not repeated at once.
      isKept = true;
      const seconds = given === undefined ? KEPT_WITHOUT_KEY_SECONDS : KEPT_SECONDS;
      await requests.finish(taken.holder, res.status, sealed, seconds).catch(note);
    }
  } finally {
    letGo();
    const unkept = holders.slice(isKept ? 1 : 0);
    await Promise.all(unkept.map((holder) => requests.release(holder).catch(note)));
  }
  return undefined;
}

/** The caller among whose keys a key is unique; undefined where there is none. */
async function scopeOf(context: Context<Environment>, parts: ServerDependencies): Promise<Scope | undefined> {
  try {
    const token = context.req.param('token');
    if (token) {
      const { tenantId, hash } = readClientLink(token);
      return { tenantId, caller: `link:${hash}` };
    }
    if (context.req.path.startsWith('/api/operator/')) {
      const { user } = await requireSession(context, parts);
      return user.role === 'operator' ? { tenantId: OF_NO_TENANT, caller: user.id } : undefined;
    }
    const { tenant, user } = await requireTenantContext(context, parts);
    return { tenantId: tenant.id, caller: user.id };
  } catch (error) {
    // What fails here and succeeds in the route would be done without its key.
    if (problem(error, '').status >= 500) throw error;
    return undefined;
  }
}

/** An imported file is streamed, so its length is compared instead of its content. */
function contentOf(context: Context<Environment>, path: string): Promise<string> | string {
  return path.startsWith('/api/imports') ? (context.req.header('content-length') ?? '') : context.req.text();
}

function inProgress(): RequestError {
  return new RequestError('request_in_progress', 'The same request is still running.', {
    hint: 'Wait a moment, then look at its result.',
  });
}

function sha256(...texts: string[]): string {
  return createHash('sha256').update(texts.join('\n')).digest('hex');
}
