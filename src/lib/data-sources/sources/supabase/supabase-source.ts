// A tenant data database in a Supabase project. It is reached over HTTPS through the project's REST API; every request passes the guard.

import type { Response } from 'undici';
import type { TenantCredentials } from '@/lib/application';
import { classify } from '@/lib/failures';
import { ResultTooLargeError } from '@/lib/postgres';
import type { EngineRequest, EngineResponse, ResponseError } from '@/lib/rest';
import { CircuitBreaker } from '../../admission/circuit-breaker';
import { addressRefusal, connectionError, outcomeUnknown } from '../../connection-errors';
import { DataSourceError, isStaleRoute, readOnlyClient, STALE_ROUTE, staleRoute } from '../../errors';
import type { Meter } from '../../metering/meter';
import type { Call, Caller } from '../../routing/call';
import type { Route } from '../../routing/route';
import type { AtStage } from '../../routing/stage';
import { countOwn } from '../../routing/translation';
import type { Attempted, Source } from '../source';
import { ProjectConnection } from './project-connection';
import { ProjectSessions, type ProjectUser } from './project-sessions';
import { requestShape, rowsOfAnswer } from './request-usage';
import { pinToTenant } from './tenant-guard';

export interface SupabaseSourceOptions {
  /** The registry's id. */
  id: string;
  /** Reads the current credentials, from a tenant of the project. */
  readCredentials: (tenantId: string) => Promise<TenantCredentials>;
  allowedFunctions?: readonly string[];
  atStage?: AtStage | undefined;
  /** Counts what tenants use. */
  meter?: Meter | undefined;
}

/** The request headers that the project's REST API reads. */
const PASSED_ON = [
  'accept',
  'content-type',
  'prefer',
  'range',
  'range-unit',
  'accept-profile',
  'content-profile',
];
/** Headers that describe the transfer of the body, not the body itself. */
const NOT_PASSED_BACK = new Set([
  'content-encoding',
  'content-length',
  'transfer-encoding',
  'connection',
  'set-cookie',
]);

/**
 * Names tenant and epoch. `tenancy.admit_request` reads it and enforces the tenant's fence, in projects that call that function before each
 * request. `tenancy.sealed_tenant` reads the tenant from it for the service key, whose claims name no tenant.
 */
const TENANT_HEADER = 'x-marquee-tenant';
const EPOCH_HEADER = 'x-marquee-epoch';

export class SupabaseSource implements Source {
  readonly id: string;
  readonly breaker: CircuitBreaker;
  readonly #allowedFunctions: ReadonlySet<string>;
  /** Credentials by route, since each tenant may have a key of its own. */
  #credentials = new WeakMap<Route, Promise<TenantCredentials>>();
  /** Connections by URL. There is one, unless the URL has just changed. */
  readonly #connections = new Map<string, ProjectConnection>();
  readonly #sessions = new ProjectSessions();

  constructor(private readonly options: SupabaseSourceOptions) {
    this.id = options.id;
    this.breaker = new CircuitBreaker(options.id);
    this.#allowedFunctions = new Set(options.allowedFunctions);
  }

  /** Reads keys and address again, since they may have changed. */
  async reread(): Promise<boolean> {
    this.#credentials = new WeakMap();
    this.#sessions.clear();
    return true;
  }

  /** Does nothing: the project reads its schema itself. */
  forgetSchema(): void {}

  /** Does nothing: the project has its own sessions. */
  cool(): void {}

  /** Does nothing: unused connections close by themselves. */
  closeIdleFor(): void {}

  async close(): Promise<void> {
    await Promise.all([...this.#connections.values()].map((connection) => connection.close()));
    this.#connections.clear();
  }

  /**
   * Sends a request to the project, pinned to the tenant. If the service key is refused, it is read again once. If a user's session there
   * is refused, the user is signed in there again once.
   *
   * @throws DataSourceError `route_stale` if the project's fence refused the route, `data_source_request_refused`,
   *   `tenant_mismatch`, `data_source_unreachable`, `data_source_timeout`, `data_source_circuit_open`,
   *   `data_source_authentication_refused`, `data_source_sign_in_refused`, `data_source_address_refused`, `access_token_invalid`
   */
  async answer(route: Route, call: Call, request: EngineRequest): Promise<Attempted<EngineResponse>> {
    const { atStage } = this.options;
    if (atStage) await atStage('identified', route);
    const pinned = pinToTenant(countOwn(request, 'exact'), {
      tenantIdInDataSource: route.tenantIdInDataSource,
      allowedFunctions: this.#allowedFunctions,
    });
    if (atStage) await atStage('entering', route);
    // A project does not tell which functions write. Only a request with a reading method certainly does not.
    const isRead = ['GET', 'HEAD', 'OPTIONS'].includes(request.method);
    if (call.readOnly && !isRead) throw readOnlyClient();
    this.breaker.admit();
    const used = await this.#read(route);
    const user = await userOf(call, route);
    const since = performance.now();
    const value = await this.#answerOnce(route, used, call, pinned, user).catch((error: unknown) => {
      if (!isStaleRoute(error)) this.#count(route, pinned, since);
      throw error;
    });
    this.#count(route, pinned, since, value);
    // Not every project has a fence. So the answer of a read does not confirm the route: the read may be repeated at the tenant's new source.
    return { value, isConfirmed: !isRead, hasChanged: !isRead && value.status < 400 };
  }

  async #answerOnce(
    route: Route,
    used: TenantCredentials,
    call: Call,
    pinned: EngineRequest,
    user: ProjectUser | undefined,
  ): Promise<EngineResponse> {
    let response = await this.#send(route, used, call, pinned, user);
    if (response.status === 401 && (call.caller.useServiceRole || user)) {
      this.#credentials.delete(route);
      if (user) this.#sessions.forget(user);
      const now = await this.#read(route);
      if (user || now.serviceKey !== used.serviceKey || now.url !== used.url) {
        await response.body?.cancel();
        response = await this.#send(route, now, call, pinned, user);
      }
    }
    return this.#answerOf(response, route, call, pinned);
  }

  #count({ tenantId }: Route, pinned: EngineRequest, since: number, answer?: EngineResponse): void {
    const { meter } = this.options;
    if (!meter) return;
    const tookMs = performance.now() - since;
    const use = meter.of(tenantId, this.id);
    use.connectionMs += tookMs;
    use.bytesIn += pinned.path.length + pinned.query.length + (pinned.body?.length ?? 0);
    use.bytesOut += answer?.body?.length ?? 0;
    meter.statement(use, requestShape(pinned), tookMs, answer ? rowsOfAnswer(answer) : 0);
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

  /** Reads the body and counts its bytes as it is unpacked, since compressed data may grow a thousandfold. */
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

  /** The error of a request without an answer. A write may have been done. */
  #unanswered(error: unknown, { method }: EngineRequest): DataSourceError {
    const refused = addressRefusal(this.id, error);
    if (refused) return refused;
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
    user: ProjectUser | undefined,
  ): Promise<Response> {
    const connection = this.#connectionTo(credentials.url);
    const timeout = AbortSignal.timeout(route.limits.statementTimeoutMs);
    try {
      const [apikey, bearer] = keysOf(credentials, caller);
      const session = user && (await this.#sessions.tokenOf({ connection, ...credentials }, user));
      const headers: Record<string, string> = {
        apikey,
        authorization: `Bearer ${session ?? bearer}`,
        [TENANT_HEADER]: route.tenantIdInDataSource,
        [EPOCH_HEADER]: route.epoch,
      };
      for (const name of PASSED_ON) {
        const value = pinned.headers[name];
        if (value !== undefined) headers[name] = value;
      }
      const path = `/rest/v1${pinned.path}${pinned.query ? `?${pinned.query}` : ''}`;
      const response = await connection.fetch(path, {
        method: pinned.method,
        headers,
        body: pinned.body ? Buffer.from(pinned.body) : null,
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      });
      this.breaker.succeeded();
      return response;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof DataSourceError) throw error;
      throw this.#unanswered(error, pinned);
    }
  }

  #connectionTo(url: string): ProjectConnection {
    const known = this.#connections.get(url);
    if (known) return known;
    for (const former of this.#connections.values()) void former.close();
    this.#connections.clear();
    const connection = new ProjectConnection(url);
    this.#connections.set(url, connection);
    return connection;
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

/** The user who needs a session of the project; undefined for the service, and for a token that the project itself issued. */
async function userOf({ caller }: Call, route: Route): Promise<ProjectUser | undefined> {
  if (caller.useServiceRole || caller.accessToken === undefined) return undefined;
  const identity = await caller.ownIdentity(route.tenantId);
  if (identity?.role !== 'authenticated') return undefined;
  return { tenantIdInDataSource: route.tenantIdInDataSource, identity };
}

/** PostgREST's error body; undefined if a proxy or the like has answered. */
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
