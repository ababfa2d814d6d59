// One database served: configuration, schema cache, engine and pool, replaced together on a reload.
import type pg from 'pg';
import { type Listening, listen, ResultTooLargeError } from '@/lib/postgres';
import { Backoff, pause } from '@/lib/time';
import type { EngineRequest, EngineResponse } from '../contract';
import { isPlanned } from '../engine';
import { EngineError, resultTooLargeError } from '../errors';
import { fromPostgres } from '../postgres-error';
import { errorResponse } from '../response/respond';
import type { SchemaCache } from '../schema-cache';
import type { Identity } from './authentication';
import type { RestConfiguration } from './configuration';
import { connectionConfig } from './connection-string';
import { ConnectionPool } from './connections';
import { databaseLost, refuseHopeless, schemaNotLoaded, UnavailableError } from './errors';
import { impersonate } from './impersonation';
import { metricsText } from './metrics';
import {
  type ConfigurationSource,
  type Reload,
  readConfiguration,
  type ServedState,
  StateLoader,
} from './served-state';
import { describe, isLogged, levelOf, type ServiceEvent } from './service-events';
import { RequestTiming } from './timing';

export interface ServiceOptions extends ConfigurationSource {
  log?: (event: ServiceEvent) => void;
}

/** An answer and the database role that it was made for, where that was known. */
export interface ServedResponse extends EngineResponse {
  role?: string;
}

/** What a notification asks for, by its payload. */
const RELOADS = new Map<string, readonly Reload[]>([
  ['', ['config', 'schema']],
  ['reload schema', ['schema']],
  ['reload config', ['config']],
]);

const APPLICATION_NAME = 'marquee rest';

export class RestService {
  #state: ServedState | undefined;
  #reloading: Promise<void> = Promise.resolve();
  #ended = false;
  readonly #backoff = new Backoff(1_000, 32_000);
  #retry: NodeJS.Timeout | undefined;
  readonly #connection: pg.ClientConfig;
  readonly #pool: ConnectionPool;
  readonly #loader: StateLoader;
  #listener: Listening | undefined;
  #channel: string | undefined;
  readonly #lost = Promise.withResolvers<never>();
  /** From file and environment alone: how to reach the database and where to listen do not change. */
  readonly startConfiguration: RestConfiguration;

  /** @throws RestError `rest_configuration_invalid`, `connection_string_invalid` */
  constructor(private readonly options: ServiceOptions) {
    const startConfiguration = readConfiguration(options);
    this.startConfiguration = startConfiguration;
    this.#connection = connectionConfig(startConfiguration.db_uri, APPLICATION_NAME);
    this.#pool = new ConnectionPool({
      connection: this.#connection,
      size: Math.max(1, startConfiguration.db_pool),
      acquisitionTimeout: startConfiguration.db_pool_acquisition_timeout * 1000,
      maxLifetime: startConfiguration.db_pool_max_lifetime * 1000,
      maxIdleTime: startConfiguration.db_pool_max_idletime * 1000,
    });
    this.#loader = new StateLoader({
      ...{ ...options, startConfiguration, pool: this.#pool },
      log: (event) => this.log(event),
    });
    this.#lost.promise.catch(() => {});
  }

  /** Rejects with `database_lost` when the database is gone and the configuration does not want it waited for. */
  get lost(): Promise<never> {
    return this.#lost.promise;
  }

  #losing(error: unknown): void {
    if (!this.configuration.db_pool_automatic_recovery) this.#lost.reject(databaseLost(error));
  }

  /** Listens at the channel configured, which a reload may change. */
  async #listen({ db_channel_enabled, db_channel }: RestConfiguration): Promise<void> {
    const channel = db_channel_enabled ? db_channel : undefined;
    if (channel === this.#channel) return;
    this.#channel = channel;
    await this.#listener?.close();
    this.#listener = undefined;
    if (channel === undefined) return;
    const listener = await listen({
      ...{ connection: this.#connection, channel, retryFirst: true },
      backoff: new Backoff(1_000, 32_000),
      heard: (payload = '') => {
        const what = RELOADS.get(payload);
        if (what) void this.reload(what);
      },
      onRetry: (error, delay) => {
        this.log({ level: 'warn', event: 'listener_retry', delay, error: describe(error) });
        this.#losing(error);
      },
    });
    if (this.#ended) await listener.close();
    else this.#listener = listener;
  }

  /**
   * A service that has read configuration and catalogs; keeps trying while the database cannot be reached.
   *
   * @throws RestError those of the constructor and of `load`
   */
  static async start(options: ServiceOptions): Promise<RestService> {
    const service = new RestService(options);
    try {
      await service.load();
    } catch (error) {
      await service.end();
      throw error;
    }
    return service;
  }

  /**
   * Reads configuration and catalogs for the first time, again and again while the database cannot be reached; until
   * then requests are answered with 503.
   *
   * @throws RestError `rest_configuration_invalid`, `jwt_secret_invalid`, `login_refused` (trying again would not
   *   help)
   */
  async load(): Promise<void> {
    // A request that is already known to be wrong does not wait for the database.
    await this.#loader.authentication(this.startConfiguration);
    // Listening begins first, so that no change between the two is missed.
    await this.#listen(this.startConfiguration);
    await this.#loadFirst();
  }

  /** The configuration with what the database says of it, without serving; throws as `load` does, but only once. */
  async readConfiguration(): Promise<RestConfiguration> {
    await this.#loader.authentication(this.startConfiguration);
    return (await this.#loader.loadConfiguration()).configuration;
  }

  /** The catalogs as they would be served, without serving; throws as `load` does, but only once. */
  async readSchemaCache(): Promise<SchemaCache> {
    return this.#loader.loadSchema(await this.readConfiguration());
  }

  get schemaCache(): SchemaCache | undefined {
    return this.#state?.schemaCache;
  }

  /** Whether events of a level are wanted. */
  logs(level: ServiceEvent['level']): boolean {
    return this.options.log !== undefined && isLogged(level, this.configuration.log_level);
  }

  log(event: ServiceEvent): void {
    if (this.logs(event.level)) this.options.log?.(event);
  }

  /** PostgREST's metrics in Prometheus' text format. */
  metrics(): string {
    return metricsText({
      pool: this.#pool,
      poolSize: this.startConfiguration.db_pool,
      loads: this.#loader.loads,
      tokenCache: this.#loader.tokenCache,
    });
  }

  get configuration(): RestConfiguration {
    return this.#state?.configuration ?? this.startConfiguration;
  }

  /** Whether requests are answered from the database. */
  async ready(): Promise<boolean> {
    if (!this.#state) return false;
    return this.#pool
      .use((client) => client.query('select 1'))
      .then(
        () => true,
        () => false,
      );
  }

  /** Seconds after which a client that got 503 may ask again. */
  get retryAfter(): number {
    return Math.round(this.#backoff.nextMs / 1000);
  }

  /** Answers a request; never rejects. `timing` is filled where the configuration asks for `Server-Timing`. */
  async handle(request: EngineRequest): Promise<ServedResponse> {
    const state = this.#state;
    if (!state) return this.#notLoaded();
    const timing = state.configuration.server_timing_enabled ? new RequestTiming() : undefined;
    const statements: string[] | undefined = state.configuration.log_query ? [] : undefined;
    let response: ServedResponse;
    let role: string | undefined;
    let authenticated = false;
    try {
      const identified = state.authentication.identify(request.headers.authorization);
      const identity = identified instanceof Promise ? await identified : identified;
      ({ authenticated, role } = identity);
      timing?.end('jwt');
      response = await this.#answer(state, request, identity, timing, statements);
      const [, warning] = response.headers.find(([name]) => name === 'Warning') ?? [];
      if (warning !== undefined) {
        const { method, path, query } = request;
        this.log({ level: 'warn', event: 'deprecated', use: `${method} ${path}?${query}: ${warning}` });
      }
    } catch (error) {
      if (error instanceof UnavailableError && error.code !== 'PGRST003') this.#losing(error);
      response = errorResponse(
        this.#toEngineError(error, authenticated),
        state.configuration.client_error_verbosity,
      );
    }
    const level = levelOf(response.status);
    for (const sql of statements ?? []) this.log({ level, event: 'query', sql });
    if (response.status === 503) response.headers.push(['Retry-After', String(this.retryAfter)]);
    timing?.addTo(response);
    if (role !== undefined) response.role = role;
    return response;
  }

  #notLoaded(): EngineResponse {
    const response = errorResponse(schemaNotLoaded(), this.startConfiguration.client_error_verbosity);
    response.headers.push(['Retry-After', String(this.retryAfter)]);
    return response;
  }

  /** Reads configuration, catalogs or both again. Requests are answered from the old ones until then. */
  reload(what: readonly Reload[] = ['config', 'schema']): Promise<void> {
    this.#reloading = this.#reloading.then(async () => {
      if (this.#ended) return;
      try {
        this.#state = await this.#loader.load(what, this.#state);
        await this.#listen(this.configuration);
        this.#backoff.reset();
        if (what.includes('schema')) this.#pool.flush();
      } catch (error) {
        this.log({ level: 'error', event: 'reload_failed', error: describe(error) });
        if (error instanceof UnavailableError) this.#reloadLater(what);
      }
    });
    return this.#reloading;
  }

  #reloadLater(what: readonly Reload[]): void {
    this.#retry = setTimeout(() => void this.reload(what), this.#backoff.next());
    this.#retry.unref();
  }

  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#retry);
    await this.#listener?.close();
    await this.#pool.end();
  }

  /** @param statements collects the texts of what is run */
  async #answer(
    { configuration, engine, roles }: ServedState,
    request: EngineRequest,
    identity: Identity,
    timing: RequestTiming | undefined,
    statements: string[] | undefined,
  ): Promise<EngineResponse> {
    const run = impersonate({
      pool: this.#pool,
      identity,
      roleSettings: roles.get(identity.role),
      prepare: configuration.db_prepared_statements,
    });
    try {
      const read = engine.read(request);
      timing?.end('parse');
      let step = engine.plan(read);
      while (isPlanned(step)) {
        timing?.end('plan');
        statements?.push(step.transaction.statement.text);
        const rows = await run(step.transaction).finally(() => timing?.end('transaction'));
        step = engine.respond(step, rows);
      }
      return step;
    } catch (error) {
      const refusal = engine.refusal(error, identity.authenticated);
      if (!refusal) throw error;
      return refusal;
    }
  }

  #toEngineError(error: unknown, authenticated: boolean): EngineError {
    if (error instanceof EngineError) return error;
    if (error instanceof ResultTooLargeError) return resultTooLargeError();
    const fromDatabase = fromPostgres(error, authenticated);
    if (fromDatabase) return fromDatabase;
    this.log({ level: 'error', event: 'request_failed', error: describe(error) });
    return new EngineError('PGRSTX00', 500, 'Internal error');
  }

  async #loadFirst(): Promise<void> {
    while (!this.#ended) {
      try {
        this.#state = await this.#loader.load(['config', 'schema']);
        this.#backoff.reset();
        return;
      } catch (error) {
        refuseHopeless(error);
        if (!(error instanceof UnavailableError)) throw error;
        if (!this.startConfiguration.db_pool_automatic_recovery) throw databaseLost(error);
        const delay = this.#backoff.nextMs;
        this.log({ level: 'warn', event: 'load_retry', delay, error: describe(error) });
        await pause(delay);
        this.#backoff.next();
      }
    }
  }
}
