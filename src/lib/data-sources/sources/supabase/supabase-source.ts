// A tenant data database that is a Supabase project: reached over HTTPS through its REST API, always through the guard.

import type { TenantCredentials } from '@/lib/application';
import { classify } from '@/lib/failures';
import { ResultTooLargeError } from '@/lib/postgres';
import type { EngineRequest, EngineResponse } from '@/lib/rest';
import { CircuitBreaker } from '../../admission/circuit-breaker';
import { connectionError, DataSourceError, outcomeUnknown, STALE_ROUTE, staleRoute } from '../../errors';
import type { Route } from '../../routing/route';
import { pinToTenant } from './tenant-guard';

export interface SupabaseSourceOptions {
  /** The registry's id. */
  id: string;
  /** The credentials in force, by way of a tenant that lives there. */
  readCredentials: (tenantId: string) => Promise<TenantCredentials>;
  allowedFunctions?: readonly string[];
}

/** How a request signs in to the project. */
export type SupabaseSignIn = { serviceRole: true } | { serviceRole: false; accessToken?: string };

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

export class SupabaseSource {
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

  /** Nothing is kept open: each request is its own. */
  async close(): Promise<void> {}

  /**
   * Sends a request of a tenant, in which it has its id in the data source, to the project, pinned to the tenant. Keys refused
   * once are read again.
   *
   * @throws DataSourceError `route_stale` where the project's fence refused the route, `data_source_request_refused`,
   *   `tenant_mismatch`, `data_source_unreachable`, `data_source_timeout`, `data_source_circuit_open`,
   *   `data_source_authentication_refused`
   */
  async answer(
    route: Route,
    signIn: SupabaseSignIn,
    request: EngineRequest,
    signal?: AbortSignal,
  ): Promise<EngineResponse> {
    const pinned = pinToTenant(request, {
      tenantIdInDataSource: route.tenantIdInDataSource,
      allowedFunctions: this.#allowedFunctions,
    });
    this.breaker.admit();
    const used = await this.#read(route);
    let response = await this.#send(route, used, signIn, pinned, signal);
    if (response.status === 401 && signIn.serviceRole) {
      this.#credentials.delete(route);
      const now = await this.#read(route);
      if (now.serviceKey !== used.serviceKey || now.url !== used.url) {
        await response.body?.cancel();
        response = await this.#send(route, now, signIn, pinned, signal);
      }
    }
    const body = await this.#readBody(response, route, pinned, signal);
    if (!response.ok && isRefusal(response, body)) throw staleRoute(route.tenantId);
    return {
      status: response.status,
      headers: [...response.headers].filter(([name]) => !NOT_PASSED_BACK.has(name)),
      body: body.length > 0 ? body : null,
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
    signIn: SupabaseSignIn,
    pinned: EngineRequest,
    signal?: AbortSignal,
  ): Promise<Response> {
    const [apikey, bearer] = keysOf(credentials, signIn);
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

/** An error of PostgREST's that `tenancy.admit_request` raised. */
function isRefusal({ headers }: Response, body: Uint8Array): boolean {
  // An answer to HEAD has no body.
  if (headers.get('proxy-status')?.includes(`error=${STALE_ROUTE}`)) return true;
  try {
    return JSON.parse(Buffer.from(body).toString()).code === STALE_ROUTE;
  } catch {
    return false;
  }
}

function keysOf(credentials: TenantCredentials, signIn: SupabaseSignIn): [apikey: string, bearer: string] {
  const key = signIn.serviceRole ? credentials.serviceKey : credentials.anonKey;
  if (!key) {
    throw new DataSourceError(
      'data_source_authentication_refused',
      `The data source has no ${signIn.serviceRole ? 'service' : 'anon'} key.`,
      { hint: 'Set the keys of the Supabase project on the tenant.' },
    );
  }
  return [key, (!signIn.serviceRole && signIn.accessToken) || key];
}
