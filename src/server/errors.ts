import { PostgrestError } from '@supabase/postgrest-js';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type Refusal, refusalIn, refusalOf } from '@/lib/crm/refusals';
import { MissingValues } from '@/lib/crm/templates';
import { declareFailures, HTTP, MarqueeError, USER_TEXTS } from '@/lib/failures';
import type { IdentityErrorCode } from '@/lib/identity';
import { operationsFailure } from '@/lib/operations';

const REQUEST_FAILURES = declareFailures('server', 'user', {
  request_malformed: {
    category: 'invalid',
    status: 400,
    means: 'The request’s body, form or parameters cannot be read, or are not as described.',
    hint: 'See /docs for what the request must contain.',
  },
  name_with_link: {
    category: 'invalid',
    means: 'A name that mails repeat contains what looks like a web address.',
    hint: 'Enter the name alone.',
  },
  not_found: {
    category: 'not-found',
    means: 'There is nothing at the address, or nothing that the caller may see.',
    hint: 'Check the address.',
  },
  forbidden: {
    category: 'forbidden',
    means: 'The caller’s role does not allow it.',
    hint: 'Ask an owner, admin or manager of your company.',
  },
  cross_site_request: {
    category: 'forbidden',
    means: 'A request with the session’s cookie came from another site’s page.',
    hint: 'Programs send the access token in the Authorization header instead of a cookie.',
  },
  public_url_unknown: {
    category: 'invalid',
    status: 421,
    means: 'The request came to an address that this server is not configured for.',
    hint: 'Set PUBLIC_URL to the address at which people reach it.',
  },
  mail_not_set_up: {
    category: 'conflict',
    means: 'No mail server is configured.',
    hint: 'Ask the operator of the service.',
  },
  nothing_to_print: {
    category: 'not-found',
    means: 'There is nothing to print.',
    hint: 'Add booths or equipment first.',
  },
  key_reused: {
    category: 'invalid',
    means: 'The idempotency key was used for another request.',
    hint: 'Use a new key for each request.',
  },
  request_in_progress: {
    category: 'conflict',
    retryAfter: 5,
    means: 'The same request is being carried out at this moment.',
    hint: 'Wait a moment and look at its result.',
  },
  webhook_paused: {
    category: 'conflict',
    means: 'The webhook’s endpoint is paused.',
    hint: 'Resume it first.',
  },
  message_incomplete: {
    category: 'invalid',
    means: 'The mail’s template needs values that the event does not have.',
    hint: 'Fill them in, or change the text.',
  },
  message_not_failed: {
    category: 'conflict',
    means: 'There is no such mail that could not be sent.',
    hint: 'Reload the page.',
  },
  user_not_invited: {
    category: 'conflict',
    means: 'The person has an account already.',
    hint: 'They can ask for a new password where they sign in.',
  },
  confirmation_differs: {
    category: 'invalid',
    means: 'What was typed to confirm a dangerous step is not the name that it is about.',
    hint: 'Type the name as it is shown, or do not go on.',
  },
  not_set_up: {
    category: 'conflict',
    means: 'The operator has not set up what this needs.',
    hint: 'See the message, and marquee doctor.',
  },
  parts_failed: {
    category: 'conflict',
    means: 'Of what was begun for several at once, some have failed, or all.',
    hint: 'See why below it, mend that, and begin it again for those.',
  },
  password_unchanged: {
    category: 'invalid',
    means: 'The new password is the current one.',
    hint: 'Choose another one.',
  },
  report_signature_invalid: {
    category: 'unauthenticated',
    means: 'A mail provider’s report is not signed, or is too old.',
    hint: 'Check MAIL_REPORT_SECRET.',
  },
  too_many_streams: {
    category: 'busy',
    means: 'Too many connections for live changes are open.',
    hint: 'Close some first.',
  },
  bucket_not_found: {
    category: 'not-found',
    means: 'There is no such bucket.',
    hint: 'There is one bucket: attachments.',
  },
  bucket_fixed: {
    category: 'forbidden',
    means: 'The bucket cannot be changed.',
    hint: 'Use it as it is.',
  },
  object_not_found: {
    category: 'not-found',
    means: 'There is no object of this name.',
    hint: 'List the objects of the record.',
  },
  object_exists: {
    category: 'conflict',
    means: 'There is an object of this name already.',
    hint: 'Use another name, or upsert.',
  },
  object_name_invalid: {
    category: 'invalid',
    status: 400,
    means: 'The name is not one that an attachment can have.',
    hint: 'Names are <table>/<id of the record>/<file name>.',
  },
  signed_url_invalid: {
    category: 'invalid',
    status: 400,
    means: 'The signed URL is not valid, or has expired.',
    hint: 'Sign a new URL.',
  },
  own_database_refused: {
    category: 'conflict',
    means: 'The connection test of the company’s own database fails.',
    hint: 'Fix what the test shows, and ask again.',
  },
  not_offered: {
    category: 'not-found',
    means: 'Marquee does not offer this part of Supabase’s interface.',
    hint: 'See /docs/connect.',
  },
});

/** The server's own codes, and those of lower rooms that it raises too. */
type RequestErrorCode =
  | keyof typeof REQUEST_FAILURES
  | 'body_too_large'
  | Extract<IdentityErrorCode, 'not_signed_in' | 'code_wrong' | 'too_many_attempts' | 'api_key_unknown'>
  | 'data_source_unknown'
  | 'user_unknown'
  | 'tenant_unknown'
  | 'tenant_suspended'
  | 'tenant_provisioning'
  | 'link_unknown';

/** A request that cannot be answered as sent. */
export class RequestError extends MarqueeError<RequestErrorCode> {}

interface Problem {
  type: string;
  title: string;
  status: number;
  code: string;
  hint: string | undefined;
  request_id: string;
  /** What the database refused, as facts. */
  refusal?: Refusal;
  /** The merge fields that have no value. */
  missing?: readonly string[];
}

/**
 * The body of an error answer (RFC 9457).
 *
 * @param reader who reads it: end users get plainer words where an error is for operators
 */
export function problem(
  given: unknown,
  requestId: string,
  reader: 'user' | 'operator' = 'user',
): { status: ContentfulStatusCode; retryAfter: number | undefined; body: Problem } {
  const error = asOurs(given);
  if (error instanceof MarqueeError && error.category !== 'internal') {
    const { message: title, hint } = reader === 'operator' ? error : error.forUser();
    const { code, retryAfterSeconds: retryAfter } = error;
    // Hono's type lists the statuses that an answer with a body may have; ours are declared among them.
    const status = error.status as ContentfulStatusCode;
    const refusal = error.cause ? refusalIn(error.cause as Parameters<typeof refusalIn>[0]) : undefined;
    return {
      status,
      retryAfter,
      body: {
        type: 'about:blank',
        title,
        status,
        code,
        hint,
        request_id: requestId,
        ...(refusal && { refusal }),
        ...(error.cause instanceof MissingValues && { missing: error.cause.fields }),
      },
    };
  }
  const { status } = HTTP.internal;
  const body = {
    type: 'about:blank',
    title: USER_TEXTS.internal.message,
    status,
    code: 'internal_error',
    hint: `Tell support this id: ${requestId}`,
    request_id: requestId,
  };
  return { status: status as ContentfulStatusCode, retryAfter: undefined, body };
}

/** What libraries throw at the edge, as our errors; others as they are. */
function asOurs(error: unknown): unknown {
  // A body that is not JSON, or not a form: the framework detects it before the route runs.
  if (error instanceof HTTPException && error.status < 500)
    return new RequestError('request_malformed', `${error.message}.`);
  // A tenant's client with `throwOnError`: the same error as its answer, and the same status as at /rest/v1.
  if (error instanceof PostgrestError) return refusalOf(error);
  // A lost connection, or none free in time. It is one of the operations database: failures of other databases have codes of their own.
  return operationsFailure(error);
}

/** Sends an error as problem+json, with Retry-After where trying again later helps. */
export function sendProblem(context: Context, error: unknown, requestId: string): Response {
  context.set('failure', error);
  const reader = context.get('isOperator') ? 'operator' : 'user';
  const { status, retryAfter, body } = problem(error, requestId, reader);
  if (retryAfter !== undefined) context.header('retry-after', String(retryAfter));
  return context.body(JSON.stringify(body), status, { 'content-type': 'application/problem+json' });
}
