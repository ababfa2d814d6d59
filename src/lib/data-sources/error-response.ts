import type { MarqueeError } from '@/lib/failures';
import { EngineError } from '@/lib/rest';

/** An error as PostgREST's clients read one, in words for end users: `{code, message, details, hint}`. */
export function errorResponse(error: MarqueeError): Response {
  const headers = new Headers({ 'content-type': 'application/json; charset=utf-8' });
  if (error.retryAfterSeconds !== undefined) headers.set('retry-after', String(error.retryAfterSeconds));
  const { message, hint = null } = error.forUser();
  const details = error instanceof EngineError ? error.details : null;
  const body = { code: error.code, message, details, hint };
  return new Response(JSON.stringify(body), { status: error.status, headers });
}
