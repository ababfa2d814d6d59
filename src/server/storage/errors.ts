// Errors as the Storage API of Supabase says them: `{ statusCode, error, code, message }`.
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { MarqueeError } from '@/lib/failures';
import type { Environment } from '../context';
import { problem } from '../errors';

type Form = readonly [status: ContentfulStatusCode, code: string, error: string];

const DENIED: Form = [403, 'AccessDenied', 'Unauthorized'];
const EXISTS: Form = [409, 'KeyAlreadyExists', 'Duplicate'];
const MISSING: Form = [404, 'NoSuchKey', 'not_found'];
const TOO_LARGE: Form = [413, 'EntityTooLarge', 'Payload too large'];
const WRONG_TYPE: Form = [415, 'InvalidMimeType', 'invalid_mime_type'];
const WRONG_TOKEN: Form = [400, 'InvalidJWT', 'InvalidJWT'];
const INVALID: Form = [400, 'InvalidRequest', 'invalid_request'];

/** By our code. Programs take 409 for “it is there already”, so nothing else has that status. */
export const STORAGE_FORMS: Record<string, Form> = {
  bucket_not_found: [404, 'NoSuchBucket', 'Bucket not found'],
  bucket_fixed: DENIED,
  object_not_found: MISSING,
  object_exists: EXISTS,
  object_name_invalid: [400, 'InvalidKey', 'InvalidKey'],
  not_offered: [404, 'NotOffered', 'not_found'],
  signed_url_invalid: WRONG_TOKEN,
  record_not_found: MISSING,
  record_conflict: EXISTS,
  // Another record needs it: the contract that it is the signed copy of.
  record_referenced: DENIED,
  // `may_attach`: the record is not there, or not for this user.
  rule_violated: MISSING,
  file_missing: MISSING,
  file_too_large: TOO_LARGE,
  body_too_large: TOO_LARGE,
  file_type_refused: WRONG_TYPE,
  file_type_mismatch: WRONG_TYPE,
};

const BY_STATUS: Partial<Record<number, [code: string, error: string]>> = {
  401: ['InvalidJWT', 'Unauthorized'],
  403: ['AccessDenied', 'Unauthorized'],
  404: ['NoSuchKey', 'not_found'],
  429: ['SlowDown', 'too_many_requests'],
  500: ['InternalError', 'internal'],
  502: ['InternalError', 'internal'],
  503: ['SlowDown', 'service_unavailable'],
  504: ['DatabaseTimeout', 'timeout'],
};

export function sendStorageError(context: Context<Environment>, error: unknown): Response {
  context.set('failure', error);
  const known = error instanceof MarqueeError ? STORAGE_FORMS[error.code] : undefined;
  const { status: found, retryAfter, body } = problem(error, context.get('requestId'));
  const [status, code, name] = known ?? byStatus(found);
  if (retryAfter !== undefined) context.header('retry-after', String(retryAfter));
  const message = body.hint ? `${body.title} ${body.hint}` : body.title;
  return context.json({ statusCode: String(status), error: name, code, message }, status);
}

function byStatus(status: ContentfulStatusCode): Form {
  const known = BY_STATUS[status];
  return known ? [status, ...known] : INVALID;
}
