// A tenant data database that is a Supabase project: reached over HTTPS through its REST API, always through the guard.

import type { TenantCredentials } from '@/lib/application';
import { classify } from '@/lib/failures';
import { ResultTooLargeError } from '@/lib/postgres';
import type { EngineRequest, EngineResponse, ResponseError } from '@/lib/rest';
import { CircuitBreaker } from '../../admission/circuit-breaker';
import { connectionError, DataSourceError, outcomeUnknown, STALE_ROUTE, staleRoute } from '../../errors';
import type { Call, Caller } from '../../routing/call';
import type { Route } from '../../routing/route';
import type { AtStage } from '../../routing/stage';
import type { Attempted, Source } from '../source';
import { pinToTenant } from './tenant-guard';

export interface SupabaseSourceOptions {
  /** The registry's id. */
  id: string;
  /** The credentials in force, by way of a tenant that lives there. */
  readCredentials: (tenantId: string) => Promise<TenantCredentials>;
  allowedFunctions?: readonly string[];
  atStage?: AtStage | undefined;
}

/** Of a request's headers, those that mean something to the project's REST API. */
const PASSED_ON = [
  'accept',
  'content-type',
  'prefer',
  'range',
  'range-unit',
  'accept-profile',
  'content-profile',
];
/** What described the body on its way and not the body. */
const NOT_PASSED_BACK = new Set([
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'connection',
  'set-cookie',
]);

/** Read by `tenancy.admit_request`, which keeps a tenant's fence in projects that call it before each request. */
const TENANT_HEADER = 'x-marquee-tenant';
const EPOCH_HEADER = 'x-marquee-epoch';

export class SupabaseSource implements Source {
  readonly id: string;
  readonly breaker: CircuitBreaker;
  readonly #allowedFunctions: ReadonlySet<string>;
  /** By route, since each tenant may have a key of its own. */
  #credentials = new WeakMap<Route, Promise<TenantCredentials>>();

  constructor(private readonly options: SupabaseSourceOptions) {
    this.id = options.id;
    this.breaker = new CircuitBreaker(options.id);
    this.#allowedFunctions = new Set(options.allowedFunctions);
  }

  /** Keys or the address may have changed. */
  async reread(): Promise<void> {
    this.#credentials = new WeakMap();
  }

  /** The project reads its own. */
  forgetSchema(): void {}

  /** The project plans for itself. */
  cool(): void {}

  /** Nothing is kept open: each request has a connection of its own. */
  closeIdleFor(): void {}
  async close(): Promise<void> {}

  /**
   * Sends a request to the project, pinned to the tenant. A service key that is refused is read again, once.
   *
   * @throws DataSourceError `route_stale` where the project's fence refused the route, `data_source_request_refused`,
   *   `tenant_mismatch`, `data_source_unreachable`, `data_source_timeout`, `data_source_circuit_open`,
   *   `data_source_authentication_refused`
   */
  async answer(route: Route, call: Call, request: EngineRequest): Promise<Attempted<EngineResponse>> {
    const { atStage } = this.options;
    if (atStage) await atStage('identified', route);
    const pinned = pinToTenant(request, {
      tenantIdInDataSource: route.tenantIdInDataSource,
      allowedFunctions: this.#allowedFunctions,
    });
    if (atStage) await atStage('entering', route);
    this.breaker.admit();
    const used = await this.#read(route);
    let response = await this.#send(route, used, call, pinned);
    if (response.status === 401 && call.caller.useServiceRole) {
      this.#credentials.delete(route);
      const now = await this.#read(route);
      if (now.serviceKey !== used.serviceKey || now.url !== used.url) {
        await response.body?.cancel();
        response = await this.#send(route, now, call, pinned);
      }
    }
    const value = await this.#answerOf(response, route, call, pinned);
    // A project says nothing of its functions: only what is asked for with GET is known to read.
    const isRead = ['GET', 'HEAD', 'OPTIONS'].includes(request.method);
    // Not every project keeps a fence; a read may be made again where the tenant is now.
    return { value, isConfirmed: !isRead, hasChanged: !isRead && value.status < 400 };
  }

  /** @throws DataSourceError `data_source_request_refused` */
  async execute(): Promise<never> {
    throw noSql();
  }

  /** @throws DataSourceError `data_source_request_refused` */
  async transact(): Promise<never> {
    throw noSql();
  }

  async #answerOf(
    response: Response,
    route: Route,
    { signal }: Call,
    pinned: EngineRequest,
  ): Promise<EngineResponse> {
    const body = await this.#readBody(response, route, pinned, signal);
    const error = response.ok ? undefined : errorIn(body);
    if (!response.ok && isRefusal(response, error)) throw staleRoute(route.tenantId);
    return {
      status: response.status,
      headers: [...response.headers].filter(([name]) => !NOT_PASSED_BACK.has(name)),
      body: body.length > 0 ? body : null,
      ...(error && { error }),
    };
  }

  /** Counted as it is unpacked: what arrives may grow a thousandfold. */
  async #readBody(
    response: Response,
    { limits }: Route,
    request: EngineRequest,
    signal: AbortSignal | undefined,
  ): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    try {
      for await (const chunk of response.body ?? []) {
        bytes += chunk.length;
        if (bytes > limits.maxResultBytes) throw new ResultTooLargeError(`${limits.maxResultBytes} bytes`);
        chunks.push(chunk);
      }
      return Buffer.concat(chunks);
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof ResultTooLargeError) throw connectionError(this.id, error);
      throw this.#unanswered(error, request);
    }
  }

  /** What is to be thrown for a request without an answer: a write may have been done. */
  #unanswered(error: unknown, { method }: EngineRequest): DataSourceError {
    const { kind, outcomeUnknown: mayBeDone } = classify(error);
    const failure =
      kind === 'timeout'
        ? this.#failure('data_source_timeout', 'did not answer in time', error)
        : this.#failure('data_source_unreachable', 'cannot be reached', error);
    this.breaker.failed(failure);
    const isRead = method === 'GET' || method === 'HEAD' || method === 'OPTIONS';
    return mayBeDone && !isRead ? outcomeUnknown(this.id, failure) : failure;
  }

  async #send(
    route: Route,
    credentials: TenantCredentials,
    { caller, signal }: Call,
    pinned: EngineRequest,
  ): Promise<Response> {
    const [apikey, bearer] = keysOf(credentials, caller);
    const headers = new Headers({
      apikey,
      authorization: `Bearer ${bearer}`,
      [TENANT_HEADER]: route.tenantIdInDataSource,
      [EPOCH_HEADER]: route.epoch,
    });
    for (const name of PASSED_ON) {
      const value = pinned.headers[name];
      if (value !== undefined) headers.set(name, value);
    }
    const url = `${credentials.url.replace(/\/+$/, '')}/rest/v1${pinned.path}${pinned.query ? `?${pinned.query}` : ''}`;
    const timeout = AbortSignal.timeout(route.limits.statementTimeoutMs);
    try {
      const response = await fetch(url, {
        method: pinned.method,
        headers,
        body: pinned.body ? Buffer.from(pinned.body) : undefined,
        // A redirect would carry the key to wherever it points.
        redirect: 'error',
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      this.breaker.succeeded();
      return response;
    } catch (error) {
      signal?.throwIfAborted();
      throw this.#unanswered(error, pinned);
    }
  }

  #read(route: Route): Promise<TenantCredentials> {
    const known = this.#credentials.get(route);
    if (known) return known;
    const reading = this.options.readCredentials(route.tenantId);
    this.#credentials.set(route, reading);
    reading.catch(() => this.#credentials.delete(route));
    return reading;
  }

  #failure(
    code: 'data_source_timeout' | 'data_source_unreachable',
    what: string,
    cause: unknown,
  ): DataSourceError {
    return new DataSourceError(code, `The Supabase project of ${this.id} ${what}.`, {
      hint: 'Check the project’s URL and that it is not paused.',
      cause,
    });
  }
}

/** PostgREST's error body; undefined for what something in between has answered. */
function errorIn(body: Uint8Array): ResponseError | undefined {
  try {
    const value = JSON.parse(Buffer.from(body).toString());
    return typeof value?.code === 'string' && typeof value.message === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Whether `tenancy.admit_request` has refused the route. An answer to HEAD has no body. */
function isRefusal({ headers }: Response, error: ResponseError | undefined): boolean {
  return (
    error?.code === STALE_ROUTE || (headers.get('proxy-status')?.includes(`error=${STALE_ROUTE}`) ?? false)
  );
}

function keysOf(
  credentials: TenantCredentials,
  { useServiceRole, accessToken }: Caller,
): [apikey: string, bearer: string] {
  const key = useServiceRole ? credentials.serviceKey : credentials.anonKey;
  if (!key) {
    throw new DataSourceError(
      'data_source_authentication_refused',
      `The data source has no ${useServiceRole ? 'service' : 'anon'} key.`,
      { hint: 'Set the keys of the Supabase project on the tenant.' },
    );
  }
  return [key, (!useServiceRole && accessToken) || key];
}

function noSql(): DataSourceError {
  return new DataSourceError(
    'data_source_request_refused',
    'A Supabase project takes no SQL, only requests.',
    { hint: 'Use getClientForTenant; transactions need a data source reached over PostgreSQL.' },
  );
}
