import type { DataSourceError, DataSourceErrorCode } from './errors';

const STATUS: Partial<Record<DataSourceErrorCode, number>> = {
  tenant_id_invalid: 400,
  tenant_unknown: 404,
  tenant_suspended: 403,
  tenant_mismatch: 403,
  tenant_busy: 429,
  access_token_required: 401,
  access_token_invalid: 401,
  data_source_request_refused: 400,
  result_too_large: 413,
  data_source_protocol_violated: 502,
  connection_pool_config_invalid: 400,
  name_invalid: 400,
  subdomain_taken: 409,
  data_source_url_malformed: 400,
  data_source_unknown: 404,
  data_source_timeout: 504,
  outcome_unknown: 504,
  statement_refused: 400,
};

/** The HTTP status of an error of this room: 503 where retrying may help, unless it is the caller's doing. */
export function statusOf(error: DataSourceError): number {
  return STATUS[error.code] ?? 503;
}

/** The error as PostgREST's clients read one: `{code, message, details, hint}`. */
export function errorResponse(error: DataSourceError): Response {
  const headers = new Headers({ 'content-type': 'application/json; charset=utf-8' });
  if (error.retryAfterSeconds !== undefined) headers.set('retry-after', String(error.retryAfterSeconds));
  const body = { code: error.code, message: error.message, details: null, hint: error.hint ?? null };
  return new Response(JSON.stringify(body), { status: statusOf(error), headers });
}
