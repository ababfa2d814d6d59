// Errors that are answered before or beside the engine, in the engine's form.
import { AuthenticationError } from '../authentication';
import type { EngineResponse } from '../contract';
import type { RestConfiguration } from './configuration';
import { UnavailableError } from './errors';

interface Details {
  details?: string | null;
  hint?: string | null;
  headers?: [name: string, value: string][];
}

export function errorResponse(
  configuration: Pick<RestConfiguration, 'client_error_verbosity'>,
  status: number,
  code: string,
  message: string,
  { details = null, hint = null, headers = [] }: Details = {},
): EngineResponse {
  const body =
    configuration.client_error_verbosity === 'minimal' ? { code, message } : { code, details, hint, message };
  return {
    status,
    headers: [
      ['Content-Type', 'application/json; charset=utf-8'],
      ['Proxy-Status', `PostgREST; error=${code}`],
      ...headers,
    ],
    body: JSON.stringify(body),
  };
}

/** The answer to an error of authentication or of the pool; undefined for any other. */
export function knownErrorResponse(
  configuration: Pick<RestConfiguration, 'client_error_verbosity'>,
  error: unknown,
): EngineResponse | undefined {
  if (error instanceof AuthenticationError) {
    const { status, code, message, details, wwwAuthenticate } = error;
    const headers: [string, string][] = wwwAuthenticate ? [['WWW-Authenticate', wwwAuthenticate]] : [];
    return errorResponse(configuration, status, code, message, { details, headers });
  }
  if (error instanceof UnavailableError) {
    return errorResponse(configuration, error.status, error.code, error.message, { details: error.details });
  }
  return undefined;
}
