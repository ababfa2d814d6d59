// An error of PostgreSQL → the answer to the client.

import { EngineError, type ErrorDetails } from './errors';
import { isObject } from './json-object';
import { isFinalStatus, isHeader } from './response/http-limits';

/** The fields of a driver's error that are used here. */
interface DatabaseError extends Error {
  code: string;
  severity: string;
  detail?: string | undefined;
  hint?: string | undefined;
}

export function isDatabaseError(error: unknown): error is DatabaseError {
  return (
    error instanceof Error &&
    'severity' in error &&
    'code' in error &&
    typeof error.code === 'string' &&
    error.code.length === 5
  );
}

/**
 * The answer to a failed statement; undefined for an error that does not come from PostgreSQL (a broken connection, a bug).
 *
 * @param authenticated whether the caller's identity is known: a missing privilege is then 403, otherwise 401
 */
export function fromPostgres(error: unknown, authenticated: boolean): EngineError | undefined {
  if (!isDatabaseError(error)) return undefined;
  const { code, message } = error;
  const details = error.detail ?? null;
  const hint = error.hint ?? null;
  if (code === 'PGRST') return fromRaisedResponse(message, details);
  const status = statusOfSqlstate(error, authenticated);
  return new EngineError(code, status, message, {
    details,
    hint,
    cause: error,
    ...(status === 401 && { headers: [['WWW-Authenticate', 'Bearer']] }),
  });
}

const BY_CODE: Readonly<Record<string, number>> = {
  '23503': 409,
  '23505': 409,
  '25006': 405,
  '53400': 500,
  '57P01': 503,
  '42P01': 404,
  '42P17': 500,
  P0001: 400,
};

const BY_CLASS: Readonly<Record<string, number>> = {
  '08': 503,
  '09': 500,
  '0L': 403,
  '0P': 403,
  '25': 500,
  '28': 403,
  '2D': 500,
  '38': 500,
  '39': 500,
  '3B': 500,
  '40': 500,
  '53': 503,
  '54': 500,
  '55': 500,
  '57': 500,
  '58': 500,
  F0: 500,
  HV: 500,
  P0: 500,
  XX: 500,
};

/** The HTTP status that PostgREST has for an error of PostgreSQL. */
export function statusOfSqlstate(
  { code, message }: { code: string; message: string },
  authenticated = true,
): number {
  switch (code) {
    case '21000':
      return message.endsWith('requires a WHERE clause') ? 400 : 500;
    case '22023':
      return message.startsWith('role') && message.endsWith('does not exist') ? 401 : 400;
    case '42501':
      return authenticated ? 403 : 401;
    case '42883':
      return message.startsWith('function xmlagg(') ? 406 : 404;
  }
  if (code.startsWith('PT')) {
    const status = Number(code.slice(2));
    return isFinalStatus(status) ? status : 500;
  }
  return BY_CODE[code] ?? BY_CLASS[code.slice(0, 2)] ?? 400;
}

interface RaisedMessage {
  code: string;
  message: string;
  details?: string | null;
  hint?: string | null;
}

interface RaisedDetail {
  status: number;
  headers: Record<string, string>;
  status_text?: string | null;
}

/** `RAISE SQLSTATE 'PGRST' USING MESSAGE = '{"code": …}', DETAIL = '{"status": …}'` is the whole response. */
function fromRaisedResponse(message: string, detail: string | null): EngineError {
  const raised = parsed(message, isRaisedMessage);
  if (!raised) {
    return raiseError(
      `Invalid JSON value for MESSAGE: '${message}'`,
      "MESSAGE must be a JSON object with obligatory keys: 'code', 'message' and optional keys: 'details', 'hint'.",
    );
  }
  const response = detail === null ? undefined : parsed(detail, isRaisedDetail);
  if (!response) {
    return raiseError(
      detail === null
        ? 'DETAIL is missing in the RAISE statement'
        : `Invalid JSON value for DETAIL: '${detail}'`,
      "DETAIL must be a JSON object with obligatory keys: 'status', 'headers' and optional key: 'status_text'.",
    );
  }
  return new EngineError(raised.code, response.status, raised.message, {
    details: raised.details ?? null,
    hint: raised.hint ?? null,
    headers: Object.entries(response.headers),
    statusText: response.status_text ?? undefined,
  });
}

function raiseError(details: ErrorDetails, hint: string): EngineError {
  return new EngineError('PGRST121', 500, `Could not parse JSON in the "RAISE SQLSTATE 'PGRST'" error`, {
    details,
    hint,
  });
}

function parsed<T>(text: string, accept: (value: unknown) => value is T): T | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return accept(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRaisedMessage(value: unknown): value is RaisedMessage {
  return isObject(value) && typeof value.code === 'string' && typeof value.message === 'string';
}

function isRaisedDetail(value: unknown): value is RaisedDetail {
  return (
    isObject(value) &&
    isFinalStatus(Number(value.status)) &&
    isObject(value.headers) &&
    Object.entries(value.headers).every(([name, text]) => typeof text === 'string' && isHeader(name, text))
  );
}
