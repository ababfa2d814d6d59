// What a project answers instead of rows, as typed errors. No message repeats an answer: it may hold what was sent.
import type { PostgrestError } from '@supabase/postgrest-js';
import pg from 'pg';
import { ApplicationError, type ApplicationErrorCode } from '../errors';

/** The status of a project that is paused. */
const PAUSED = 540;

/** An answer of PostgREST; other answers are those of something in front of it. */
export async function expectAnswer(response: Response): Promise<Response> {
  const { status } = response;
  if (status === 429) {
    const seconds = Number(response.headers.get('retry-after'));
    throw failure('application_project_busy', 'refuses further requests for now', {
      hint: seconds > 0 ? `Try again in ${seconds} s.` : 'Try again in a minute.',
    });
  }
  if (status === PAUSED) throw failure('application_project_paused', 'is paused');
  const body = await response.clone().text();
  const code = codeIn(body);
  if (status === 401 || status === 403) throw keyRefused(status, code, body);
  if (code !== undefined || (status < 400 && (body === '' || isJson(body)))) return response;
  if (status >= 500) {
    throw failure('application_database_unreachable', `answered ${status}`, {
      hint: 'Check in the project’s dashboard that it is healthy and not paused.',
    });
  }
  throw failure('application_project_invalid', `answered ${status} with what is not its REST API`);
}

/** @param body not repeated: a server in between may answer with what it was sent */
function keyRefused(status: number, code: string | undefined, body: string): ApplicationError {
  // PostgREST's codes of a token that is expired, or issued later than now by the project's clock.
  if (code === 'PGRST303' || /JWT (expired|issued at future|not yet valid)/.test(body)) {
    return failure('application_key_refused', 'does not accept the time in the key', {
      hint: 'Copy SUPABASE_SERVICE_ROLE_KEY again from Project settings → API keys, and check the clocks of both sides.',
    });
  }
  if (code === '42501') {
    return failure('application_key_refused', 'gives the key no right to the application database', {
      hint: 'SUPABASE_SERVICE_ROLE_KEY must be the service_role (secret) key, not the anon (publishable) one.',
    });
  }
  return failure('application_key_refused', `refused the key (${status})`);
}

/** PostgREST's errors as those of the driver, so that what the database refused is judged alike however it is reached. */
export function refusalOf({ code = '', message, details, hint }: PostgrestError): Error {
  // Neither the functions nor the tables are there, or PostgREST has not read the schema again yet.
  if (code === 'PGRST202' || code === 'PGRST205' || code === '42P01' || code === '42883') {
    return failure('application_project_not_set_up', 'has no tables and functions of this version');
  }
  if (/^[0-9A-Z]{5}$/.test(code)) {
    const error = new pg.DatabaseError(message, message.length, 'error');
    const constraint = /constraint "([^"]+)"/.exec(message)?.[1];
    return Object.assign(error, {
      code,
      severity: 'ERROR',
      detail: details,
      hint,
      ...(constraint && { constraint }),
    });
  }
  if (code.startsWith('PGRST0')) {
    return failure('application_database_unreachable', `cannot reach its database (${code})`, {
      hint: 'Check in the project’s dashboard that it is healthy and not paused.',
    });
  }
  return failure(
    'application_project_invalid',
    `answered with the error ${code.slice(0, 20).replace(/\W/g, '')}`,
  );
}

export function failure(
  code: ApplicationErrorCode,
  what: string,
  options: { hint?: string; cause?: unknown } = {},
): ApplicationError {
  return new ApplicationError(code, `The Supabase project of the application database ${what}.`, options);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The code of PostgREST's errors; undefined if the error is not PostgREST's. */
function codeIn(body: string): string | undefined {
  try {
    const { code, message } = JSON.parse(body);
    return typeof code === 'string' && typeof message === 'string' ? code : undefined;
  } catch {
    return undefined;
  }
}
