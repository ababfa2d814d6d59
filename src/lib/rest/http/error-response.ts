// Errors that are answered before or beside the engine, in the engine's form.
import type { EngineResponse } from '../contract';
import { type EngineError, errorBody } from '../errors';

export function errorResponse(error: EngineError, verbosity: 'verbose' | 'minimal'): EngineResponse {
  return {
    status: error.status,
    headers: [
      ['Content-Type', 'application/json; charset=utf-8'],
      ['Proxy-Status', `PostgREST; error=${error.code}`],
      ...error.headers.map(([name, value]): [string, string] => [name, value]),
    ],
    body: errorBody(error, verbosity),
  };
}
