// One database served: configuration, schema cache, engine and pool, replaced together when told to reload.
import pg from 'pg';
import { MarqueeError } from '@/lib/failures';
import { type Listening, listen, ResultTooLargeError, runTransaction } from '@/lib/postgres';
import { Backoff, pause } from '@/lib/time';
import type { EngineRequest, EngineResponse } from '../contract';
import { Engine, isPlanned } from '../engine';
import { EngineError, RestError, resultTooLargeError } from '../errors';
import { fromPostgres } from '../postgres-error';
import { errorResponse } from '../response/respond';
import { loadSchemaCache, type SchemaCache } from '../schema-cache';
import {
  type Authentication,
  createAuthentication,
  type Identity,
  type TokenCacheCounts,
} from './authentication';
import { type RestConfiguration, readRestConfiguration } from './configuration';
import { readConfigurationFile } from './configuration-file';
import { connectionConfig } from './connection-string';
import { ConnectionPool } from './connections';
import { type RoleSettings, readDatabaseSettings, readRoleSettings } from './database-configuration';
import { engineSettings } from './engine-settings';
import { schemaNotLoaded, UnavailableError } from './errors';
import { impersonate } from './impersonation';
import { metricsText } from './metrics';
import { RequestTiming } from './timing';

/** A request that was answered: an error from 500 on, a warning from 400 on. */
export interface RequestEvent {
  level: 'info' | 'warn' | 'error';
  event: 'request';
  address: string | undefined;
  role: string | undefined;
  /** As in the request's first line: `GET /rooms?id=eq.1 HTTP/1.1`. */
  request: string;
  status: number;
  bytes: number;
  referer: string | undefined;
  agent: string | undefined;
}

/** What happened, for the log. `error` never carries a credential. */
export type ServiceEvent =
  | RequestEvent
  | { level: 'info'; event: 'schema_loaded'; relations: number; functions: number; milliseconds: number }
  | { level: 'info'; event: 'configuration_loaded' }
  | { level: 'warn'; event: 'listener_retry' | 'load_retry'; delay: number; error: string }
  | { level: 'warn'; event: 'deprecated'; use: string }
  | { level: 'info' | 'warn' | 'error'; event: 'query'; sql: string }
  | { level: 'error'; event: 'reload_failed' | 'request_failed'; error: string };

const LEVELS = { crit: 0, error: 1, warn: 2, info: 3, debug: 3 };

export interface ServiceOptions {
  environment: NodeJS.ProcessEnv;
  /** Path of a configuration file, read again on each reload. */
  configurationFile?: string;
  log?: (event: ServiceEvent) => void;
}

/** An answer and the database role that it was made for, where that was known. */
export interface ServedResponse extends EngineResponse {
  role?: string;
}

interface State {
  configuration: RestConfiguration;
  authentication: Authentication;
  roles: ReadonlyMap<string, RoleSettings>;
  schemaCache: SchemaCache;
  engine: Engine;
}

type Reload = 'schema' | 'config';
/** What a notification asks for, by its payload. */
const RELOADS = new Map<string, readonly Reload[]>([
  ['', ['config', 'schema']],
  ['reload schema', ['schema']],
  ['reload config', ['config']],
]);

const APPLICATION_NAME = 'marquee rest';

export class RestService {
  #state: State | undefined;
  #reloading: Promise<void> = Promise.resolve();
  #ended = false;
  readonly #backoff = new Backoff(1_000, 32_000);
  #retry: NodeJS.Timeout | undefined;
  readonly #loads = { succeeded: 0, failed: 0, lastSeconds: 0 };
  readonly #tokenCache: TokenCacheCounts = { requests: 0, hits: 0, evictions: 0 };
  readonly #connection: pg.ClientConfig;
  readonly #pool: ConnectionPool;
  #listener: Listening | undefined;
  #channel: string | undefined;
  readonly #lost = Promise.withResolvers<never>();
  /** From file and environment alone: how to reach the database and where to listen do not change. */
  readonly startConfiguration: RestConfiguration;

  /** @throws RestError `rest_configuration_invalid`, `connection_string_invalid` */
  constructor(private readonly options: ServiceOptions) {
    const startConfiguration = this.#readConfiguration({});
    this.startConfiguration = startConfiguration;
    this.#connection = connectionConfig(startConfiguration.db_uri, APPLICATION_NAME);
    this.#pool = new ConnectionPool({
      connection: this.#connection,
      size: Math.max(1, startConfiguration.db_pool),
      acquisitionTimeout: startConfiguration.db_pool_acquisition_timeout * 1000,
      maxLifetime: startConfiguration.db_pool_max_lifetime * 1000,
      maxIdleTime: startConfiguration.db_pool_max_idletime * 1000,
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
    // What is wrong already here shall not wait for the database.
    await this.#authentication(this.startConfiguration);
    // Listening begins first, so that no change between the two is missed.
    await this.#listen(this.startConfiguration);
    await this.#loadFirst();
  }

  /** The configuration with what the database says of it, without serving; throws as `load` does, but only once. */
  async readConfiguration(): Promise<RestConfiguration> {
    await this.#authentication(this.startConfiguration);
    return (await this.#loadConfiguration()).configuration;
  }

  /** The catalogs as they would be served, without serving; throws as `load` does, but only once. */
  async readSchemaCache(): Promise<SchemaCache> {
    return this.#loadSchema(await this.readConfiguration());
  }

  get schemaCache(): SchemaCache | undefined {
    return this.#state?.schemaCache;
  }

  /** Whether events of a level are wanted. */
  logs(level: ServiceEvent['level']): boolean {
    return LEVELS[level] <= LEVELS[this.configuration.log_level] && this.options.log !== undefined;
  }

  log(event: ServiceEvent): void {
    if (this.logs(event.level)) this.options.log?.(event);
  }

  /** PostgREST's metrics in Prometheus' text format. */
  metrics(): string {
    return metricsText({
      pool: this.#pool,
      poolSize: this.startConfiguration.db_pool,
      loads: this.#loads,
      tokenCache: this.#tokenCache,
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
        this.#state = await this.#load(what);
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
    { configuration, engine, roles }: State,
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
        this.#state = await this.#load(['config', 'schema']);
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

  async #load(what: readonly Reload[]): Promise<State> {
    const old = this.#state;
    const configured = what.includes('config') || !old ? await this.#loadConfiguration() : old;
    const { configuration } = configured;
    // Other schemas or function settings make other caches.
    const schemaCache =
      what.includes('schema') || !old || !sameCatalog(old.configuration, configuration)
        ? await this.#loadSchema(configuration)
        : old.schemaCache;
    const engine = new Engine(schemaCache, engineSettings(configuration));
    return { ...configured, schemaCache, engine };
  }

  async #loadConfiguration(): Promise<Pick<State, 'configuration' | 'authentication' | 'roles'>> {
    const { db_config: inDatabase, db_pre_config: preConfig } = this.startConfiguration;
    const [databaseSettings, roles] = inDatabase
      ? await this.#pool.use(async (client) => [
          await readDatabaseSettings(client, preConfig),
          await readRoleSettings(client),
        ])
      : [{}, new Map<string, RoleSettings>()];
    const configuration = this.#readConfiguration(databaseSettings);
    const authentication = await this.#authentication(configuration);
    const { text } = configuration.jwt_role_claim_key;
    if (!text.startsWith('$')) {
      const use = `jwt-role-claim-key = ${text}: write a JSON Path (RFC 9535) such as $.role`;
      this.log({ level: 'warn', event: 'deprecated', use });
    }
    this.log({ level: 'info', event: 'configuration_loaded' });
    return { configuration, authentication, roles };
  }

  #authentication(configuration: RestConfiguration): Promise<Authentication> {
    return createAuthentication({
      secret: configuration.secret,
      anonymousRole: configuration.db_anon_role,
      roleClaimPath: configuration.jwt_role_claim_key,
      audience: configuration.jwt_aud,
      cacheEntries: configuration.jwt_cache_max_entries,
      cacheCounts: this.#tokenCache,
    });
  }

  #readConfiguration(databaseSettings: Record<string, string>): RestConfiguration {
    const { environment, configurationFile } = this.options;
    return readRestConfiguration(
      environment,
      databaseSettings,
      configurationFile === undefined ? {} : readConfigurationFile(configurationFile, environment),
    );
  }

  async #loadSchema(configuration: RestConfiguration): Promise<SchemaCache> {
    const began = performance.now();
    const schemaCache = await this.#pool
      .use((client) =>
        loadSchemaCache((transaction) => runTransaction(client, transaction, [], { prepare: false }), {
          schemas: configuration.db_schemas,
          hoistedSettings: configuration.db_hoisted_tx_settings,
        }),
      )
      .catch((error) => {
        this.#loads.failed += 1;
        throw error;
      });
    const milliseconds = Math.round(performance.now() - began);
    this.#loads.succeeded += 1;
    this.#loads.lastSeconds = milliseconds / 1000;
    this.log({
      level: 'info',
      event: 'schema_loaded',
      relations: schemaCache.tables.size,
      functions: schemaCache.routines.size,
      milliseconds,
    });
    return schemaCache;
  }
}

function sameCatalog(a: RestConfiguration, b: RestConfiguration): boolean {
  return (
    a.db_schemas.join() === b.db_schemas.join() &&
    a.db_hoisted_tx_settings.join() === b.db_hoisted_tx_settings.join()
  );
}

/** At which level a request is logged. */
export function levelOf(status: number): 'info' | 'warn' | 'error' {
  return status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info';
}

function databaseLost(cause: unknown): RestError {
  return new RestError('database_lost', 'The connection to the database is lost.', {
    hint: 'With db-pool-automatic-recovery the process waits for it and connects again.',
    cause,
  });
}

/** Wrong password, role or database: the operator must act. */
function refuseHopeless(error: unknown): void {
  const cause = error instanceof UnavailableError ? error.cause : error;
  if (!(cause instanceof pg.DatabaseError) || !/^(28|3D)/.test(cause.code ?? '')) return;
  throw new RestError('login_refused', `The database refuses the login (SQLSTATE ${cause.code}).`, {
    hint: 'Check user, password and database in PGRST_DB_URI, and pg_hba.conf.',
    cause,
  });
}

function describe(error: unknown): string {
  if (error instanceof UnavailableError)
    return `${error.code} ${error.message} ${error.details ?? ''}`.trim();
  if (error instanceof MarqueeError) return `${error.code} ${error.message}`;
  if (error instanceof pg.DatabaseError) return `${error.code} ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
