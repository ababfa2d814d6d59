import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { MarqueeError } from '@/lib/failures';
import { RepositoryError } from '@/lib/repositories';

/** A request that cannot be answered as asked; its code decides the HTTP status. */
export class RequestError extends MarqueeError {}

/** HTTP statuses by error code: the one place where errors of any room meet HTTP. Codes not named here are 500. */
const STATUS: Record<string, ContentfulStatusCode> = {
  request_malformed: 400,
  nothing_to_print: 404,
  body_too_large: 413,
  not_signed_in: 401,
  sign_in_refused: 401,
  second_factor_required: 401,
  email_not_confirmed: 401,
  refresh_token_reused: 401,
  insufficient_aal: 403,
  api_key_required: 401,
  api_key_invalid: 401,
  api_key_revoked: 401,
  api_key_expired: 401,
  access_token_invalid: 401,
  access_token_required: 401,
  token_invalid: 401,
  token_expired: 401,
  token_wrong_purpose: 401,
  cross_site_request: 403,
  password_change_required: 403,
  password_wrong: 403,
  code_wrong: 422,
  password_unchanged: 422,
  forbidden: 403,
  not_found: 404,
  tenant_unknown: 404,
  tenant_id_invalid: 404,
  tenant_suspended: 403,
  tenant_provisioning: 503,
  tenant_moving: 503,
  tenant_busy: 429,
  result_too_large: 413,
  too_many_documents: 429,
  rendering_busy: 503,
  document_too_large: 422,
  data_source_timeout: 504,
  data_source_protocol_violated: 502,
  too_many_attempts: 429,
  too_many_streams: 429,
  subdomain_taken: 409,
  email_taken: 409,
  last_owner: 409,
  user_not_invited: 409,
  user_invalid: 422,
  subdomain_invalid: 422,
  subdomain_reserved: 422,
  record_not_found: 404,
  record_conflict: 409,
  record_stale: 409,
  record_referenced: 409,
  record_invalid: 422,
  rule_violated: 409,
  permission_denied: 403,
  cursor_invalid: 400,
  link_expired: 410,
  public_url_unknown: 421,
  key_reused: 422,
  request_in_progress: 409,
  webhook_url_refused: 422,
  webhook_paused: 409,
  message_incomplete: 422,
  message_not_failed: 409,
  mail_not_set_up: 409,
  oauth_refused: 409,
  oauth_unreachable: 502,
  file_missing: 404,
  file_changed: 502,
  file_no_thumbnail: 404,
  storage_refused: 503,
  storage_region_unavailable: 409,
  file_key_reused: 409,
  import_running: 409,
  quote_unknown: 404,
  quote_not_yours: 403,
  quote_template_unknown: 422,
  quote_template_incomplete: 422,
  payment_signature_invalid: 400,
  report_signature_invalid: 401,
  payment_unknown_invoice: 404,
  storage_unreachable: 503,
};

/** Statuses for families of codes, by their beginning. */
const FAMILIES: [prefix: string, status: ContentfulStatusCode][] = [
  ['data_source_', 503],
  ['application_database_', 503],
  ['import_', 422],
  ['csv_', 422],
  ['file_', 422],
  ['setting_', 422],
  ['template_', 422],
  ['link_', 404],
  ['payment_', 409],
  ['quote_', 409],
];

export function statusOf(error: unknown): ContentfulStatusCode {
  if (!(error instanceof MarqueeError)) return 500;
  // A rule of the database names its own status (SQLSTATE PTxyz).
  if (error instanceof RepositoryError && error.code === 'rule_violated' && isRefusal(error.status)) {
    return error.status;
  }
  return STATUS[error.code] ?? FAMILIES.find(([prefix]) => error.code.startsWith(prefix))?.[1] ?? 500;
}

function isRefusal(status: number | undefined): status is ContentfulStatusCode {
  return status !== undefined && status >= 400 && status < 500;
}

/** The body of an error answer (RFC 9457); unexpected errors say nothing of themselves. */
export function problem(
  given: unknown,
  requestId: string,
): { status: ContentfulStatusCode; body: Record<string, unknown> } {
  // A body that is no JSON, or no form: the framework finds that before a route does.
  const isUnreadable = given instanceof HTTPException && given.status < 500;
  const error = isUnreadable ? new RequestError('request_malformed', `${given.message}.`) : given;
  const status = statusOf(error);
  if (error instanceof MarqueeError && status !== 500) {
    return {
      status,
      body: {
        type: 'about:blank',
        title: error.message,
        status,
        code: error.code,
        hint: error.hint,
        request_id: requestId,
      },
    };
  }
  return {
    status: 500,
    body: {
      type: 'about:blank',
      title: 'Something went wrong on our side.',
      status: 500,
      code: 'internal_error',
      hint: `Tell support this id: ${requestId}`,
      request_id: requestId,
    },
  };
}

/** Sends an error as problem+json, with Retry-After where trying again later helps. */
export function sendProblem(context: Context, error: unknown, requestId: string): Response {
  context.set('failure', error);
  const { status, body } = problem(error, requestId);
  const helpsLater = status === 429 || status === 503 || body.code === 'request_in_progress';
  if (helpsLater) context.header('retry-after', String(retryAfter(error)));
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
}

/** Seconds. */
function retryAfter(error: unknown): number {
  const given = (error as { retryAfterSeconds?: unknown } | undefined)?.retryAfterSeconds;
  return typeof given === 'number' ? Math.max(1, Math.ceil(given)) : 5;
}
