// One database served: configuration, schema cache, engine and pool, replaced together when told to reload.
import pg from 'pg';
import { MarqueeError } from '@/lib/errors';
import { type Authentication, createAuthentication, type Identity } from '../authentication';
import type { EngineRequest, EngineResponse, RunTransaction } from '../contract';
import { createDataEngine, type DataEngine } from '../engine';
import { EngineError } from '../errors';
import { runTransaction } from '../pipeline';
import { fromPostgres } from '../postgres-error';
import { errorResponse } from '../response/respond';
import { loadSchemaCache, type SchemaCache } from '../schema-cache';
import { type RestConfiguration, readRestConfiguration } from './configuration';
import { connectionConfig } from './connection-string';
import { ConnectionPool } from './connections';
import { type RoleSettings, readDatabaseSettings, readRoleSettings } from './database-configuration';
import { engineSettings } from './engine-settings';

import { schemaNotLoaded, UnavailableError } from './errors';
import { impersonate } from './impersonation';
import { Listener, type Reload } from './listener';
import { rootResponse } from './root';
import { RequestTiming } from './timing';

/** What happened, for the log. `error` never carries a credential. */
export type ServiceEvent =
  | { level: 'info'; event: 'schema_loaded'; relations: number; functions: number; milliseconds: number }
  | { level: 'info'; event: 'configuration_loaded' }
  | { level: 'warn'; event: 'listener_retry' | 'load_retry'; delay: number; error: string }
  | { level: 'error'; event: 'reload_failed' | 'request_failed'; error: string };

export interface ServiceOptions {
  environment: NodeJS.ProcessEnv;
  log?: (event: ServiceEvent) => void;
}

interface State {
  configuration: RestConfiguration;
  authentication: Authentication;
  roles: ReadonlyMap<string, RoleSettings>;
  schemaCache: SchemaCache;
  engine: DataEngine;
}

const FIRST_DELAY_MS = 1_000;
const LONGEST_DELAY_MS = 32_000;
const APPLICATION_NAME = 'marquee rest';

export class RestService {
  #state: State | undefined;
  #reloading: Promise<void> = Promise.resolve();
  #ended = false;
  #retryDelay = FIRST_DELAY_MS;
  #retry: NodeJS.Timeout | undefined;
  readonly #pool: ConnectionPool;
  readonly #listener: Listener | undefined;
  readonly #log: (event: ServiceEvent) => void;

  private constructor(
    private readonly options: ServiceOptions,
    /** From the environment alone: how to reach the database and where to listen do not change. */
    readonly startConfiguration: RestConfiguration,
  ) {
    this.#log = options.log ?? (() => {});
    const connection = connectionConfig(startConfiguration.db_uri, APPLICATION_NAME);
    this.#pool = new ConnectionPool({
      connection,
      size: Math.max(1, startConfiguration.db_pool),
      acquisitionTimeout: startConfiguration.db_pool_acquisition_timeout * 1000,
      maxLifetime: startConfiguration.db_pool_max_lifetime * 1000,
      maxIdleTime: startConfiguration.db_pool_max_idletime * 1000,
    });
    if (startConfiguration.db_channel_enabled) {
      this.#listener = new Listener({
        connection,
        channel: startConfiguration.db_channel,
        onReload: (what) => void this.reload(what),
        onRetry: (error, delay) =>
          this.#log({ level: 'warn', event: 'listener_retry', delay, error: describe(error) }),
      });
    }
  }

  /**
   * Reads configuration and catalogs; keeps trying while the database cannot be reached.
   *
   * @throws MarqueeError `rest_configuration_invalid`, `connection_string_invalid`, `jwt_secret_invalid`,
   *   `login_refused` (trying again would not help)
   */
  static async start(options: ServiceOptions): Promise<RestService> {
    const service = new RestService(options, readRestConfiguration(options.environment));
    try {
      // Listening begins first, so that no change between the two is missed.
      await service.#listener?.start();
      await service.#loadFirst();
    } catch (error) {
      await service.end();
      throw error;
    }
    return service;
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
    return Math.round(this.#retryDelay / 1000);
  }

  /** Answers a request; never rejects. `timing` is filled where the configuration asks for `Server-Timing`. */
  async handle(request: EngineRequest): Promise<EngineResponse> {
    const state = this.#state;
    if (!state) return errorResponse(schemaNotLoaded(), this.startConfiguration.client_error_verbosity);
    const timing = state.configuration.server_timing_enabled ? new RequestTiming() : undefined;
    let response: EngineResponse;
    let authenticated = false;
    try {
      const identified = state.authentication.identify(request.headers.authorization);
      const identity = identified instanceof Promise ? await identified : identified;
      authenticated = identity.authenticated;
      timing?.end('jwt');
      response = await this.#answer(state, request, identity, timing);
    } catch (error) {
      response = errorResponse(
        this.#toEngineError(error, authenticated),
        state.configuration.client_error_verbosity,
      );
    }
    if (response.status === 503) response.headers.push(['Retry-After', String(this.retryAfter)]);
    timing?.addTo(response);
    return response;
  }

  /** Reads configuration, catalogs or both again. Requests are answered from the old ones until then. */
  reload(what: readonly Reload[] = ['config', 'schema']): Promise<void> {
    this.#reloading = this.#reloading.then(async () => {
      if (this.#ended) return;
      try {
        this.#state = await this.#load(what);
        this.#retryDelay = FIRST_DELAY_MS;
      } catch (error) {
        this.#log({ level: 'error', event: 'reload_failed', error: describe(error) });
        if (error instanceof UnavailableError) this.#reloadLater(what);
      }
    });
    return this.#reloading;
  }

  #reloadLater(what: readonly Reload[]): void {
    this.#retry = setTimeout(() => void this.reload(what), this.#retryDelay);
    this.#retry.unref();
    this.#retryDelay = Math.min(this.#retryDelay * 2, LONGEST_DELAY_MS);
  }

  async end(): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#retry);
    await this.#listener?.end();
    await this.#pool.end();
  }

  #answer(
    state: State,
    request: EngineRequest,
    identity: Identity,
    timing: RequestTiming | undefined,
  ): Promise<EngineResponse> {
    const { configuration, schemaCache, engine } = state;
    const impersonated = impersonate({
      pool: this.#pool,
      identity,
      roleSettings: state.roles.get(identity.role),
      prepare: configuration.db_prepared_statements,
    });
    const run = timing ? timing.around(impersonated) : impersonated;
    const isRoot = request.path === '/' || request.path === '';
    if (isRoot && (!configuration.db_root_spec || configuration.openapi_mode === 'disabled')) {
      return rootResponse(request, { configuration, schemaCache, run });
    }
    return engine.handle(request, {
      run,
      authenticated: identity.authenticated,
      ...(timing && { onStage: (stage) => timing.end(stage) }),
    });
  }

  #toEngineError(error: unknown, authenticated: boolean): EngineError {
    if (error instanceof EngineError) return error;
    const fromDatabase = fromPostgres(error, authenticated);
    if (fromDatabase) return fromDatabase;
    this.#log({ level: 'error', event: 'request_failed', error: describe(error) });
    return new EngineError('PGRSTX00', 500, 'Internal error');
  }

  async #loadFirst(): Promise<void> {
    for (;;) {
      try {
        this.#state = await this.#load(['config', 'schema']);
        this.#retryDelay = FIRST_DELAY_MS;
        return;
      } catch (error) {
        refuseHopeless(error);
        if (!(error instanceof UnavailableError)) throw error;
        this.#log({ level: 'warn', event: 'load_retry', delay: this.#retryDelay, error: describe(error) });
        await new Promise((resolve) => setTimeout(resolve, this.#retryDelay));
        this.#retryDelay = Math.min(this.#retryDelay * 2, LONGEST_DELAY_MS);
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
    const engine = createDataEngine({ schemaCache, run: nobody, settings: engineSettings(configuration) });
    return { ...configured, schemaCache, engine };
  }

  async #loadConfiguration(): Promise<Pick<State, 'configuration' | 'authentication' | 'roles'>> {
    const { db_config: inDatabase, db_pre_config: preConfig } = this.startConfiguration;
    const [databaseSettings, roles] = await this.#pool.use(async (client) => [
      inDatabase ? await readDatabaseSettings(client, preConfig) : {},
      inDatabase ? await readRoleSettings(client) : new Map<string, RoleSettings>(),
    ]);
    const configuration = readRestConfiguration(this.options.environment, databaseSettings);
    const authentication = await createAuthentication({
      secret: configuration.secret,
      anonymousRole: configuration.db_anon_role,
      roleClaimPath: configuration.jwt_role_claim_key,
      audience: configuration.jwt_aud,
      cacheEntries: configuration.jwt_cache_max_entries,
    });
    this.#log({ level: 'info', event: 'configuration_loaded' });
    return { configuration, authentication, roles };
  }

  async #loadSchema(configuration: RestConfiguration): Promise<SchemaCache> {
    const began = performance.now();
    const schemaCache = await this.#pool.use((client) =>
      loadSchemaCache((transaction) => runTransaction(client, transaction, [], { prepare: false }), {
        schemas: configuration.db_schemas,
        hoistedSettings: configuration.db_hoisted_tx_settings,
      }),
    );
    this.#log({
      level: 'info',
      event: 'schema_loaded',
      relations: schemaCache.tables.size,
      functions: schemaCache.routines.size,
      milliseconds: Math.round(performance.now() - began),
    });
    return schemaCache;
  }
}

/** Every request brings its own way to run. */
const nobody: RunTransaction = () => Promise.reject(new Error('a transaction without an identity'));

function sameCatalog(a: RestConfiguration, b: RestConfiguration): boolean {
  return (
    a.db_schemas.join() === b.db_schemas.join() &&
    a.db_hoisted_tx_settings.join() === b.db_hoisted_tx_settings.join()
  );
}

/** Wrong password, role or database: the operator must act. */
function refuseHopeless(error: unknown): void {
  const cause = error instanceof UnavailableError ? error.cause : error;
  if (!(cause instanceof pg.DatabaseError) || !/^(28|3D)/.test(cause.code ?? '')) return;
  throw new MarqueeError('login_refused', `The database refuses the login (SQLSTATE ${cause.code}).`, {
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
