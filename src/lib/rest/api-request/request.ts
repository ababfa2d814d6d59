// The first stage: a request as PostgREST's grammar reads it, before the schema cache is consulted.
import type { EngineRequest } from '../contract';
import type { EngineSettings } from '../settings';
import { type Preferences, readPreferences } from './preferences';
import { type LiftedQuery, liftQuery } from './query-string';
import { type RootRequest, readRoot } from './root';
import { readTarget, type Target } from './target';
import { type FixedFilter, type RequestLimits, type RequestValues, readValues } from './values';

/** Options of one request. */
export interface RequestOptions {
  /** How much it may ask for and, with `EngineSettings.bounded`, how large the answer may be. Default unlimited. */
  limits?: RequestLimits | undefined;
  /** What is known of all rows that the request may see. */
  fixed?: FixedFilter | undefined;
  /** Leave out what only HTTP needs of a read's headers: Content-Location and Content-Length. Default false. */
  terse?: boolean | undefined;
}

/** A read, a write or a call. */
export interface RowsRequest {
  kind: 'rows';
  request: EngineRequest;
  target: Target;
  preferences: Preferences;
  query: LiftedQuery;
  values: RequestValues;
  limits: RequestLimits | undefined;
  terse: boolean;
}

/** OPTIONS: what may be done with a relation or function. */
export interface OptionsRequest {
  kind: 'options';
  request: EngineRequest;
  target: Target;
}

export type ApiRequest = RowsRequest | OptionsRequest | RootRequest;

/**
 * @param schemas exposed ones, the default first
 * @throws EngineError
 */
export function readRequest(
  request: EngineRequest,
  schemas: readonly string[],
  settings: EngineSettings,
  { limits, fixed, terse = false }: RequestOptions,
): ApiRequest {
  const { path } = request;
  if (settings.openApi && !settings.rootSpec && (path === '/' || path === '')) {
    return readRoot(request, schemas, fixed?.column);
  }
  const target = readTarget(request, schemas, settings.rootSpec);
  const mayChooseTransaction = settings.txEnd?.endsWith('allow-override') ?? false;
  const preferences = readPreferences(request.headers.prefer, mayChooseTransaction);
  const { action } = target;
  if (action.kind === 'info' || action.kind === 'call-info') return { kind: 'options', request, target };
  const query = liftQuery(request.query, action.kind === 'call' && action.how !== 'post');
  const values = readValues(request, target, query, settings.maxRows, limits, fixed);
  return { kind: 'rows', request, target, preferences, query, values, limits, terse };
}
