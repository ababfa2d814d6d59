// What `marquee rest` serves, read from the environment, a file and the database.
import { runTransaction } from '@/lib/postgres';
import { Engine } from '../engine';
import { loadSchemaCache, type SchemaCache } from '../schema-cache';
import { type Authentication, createAuthentication, type TokenCacheCounts } from './authentication';
import { type RestConfiguration, readRestConfiguration } from './configuration';
import { readConfigurationFile } from './configuration-file';
import type { ConnectionPool } from './connections';
import { type RoleSettings, readDatabaseSettings, readRoleSettings } from './database-configuration';
import { engineSettings } from './engine-settings';
import type { ServiceEvent } from './service-events';

export interface ConfigurationSource {
  environment: NodeJS.ProcessEnv;
  /** Path of a configuration file, read again on each reload. */
  configurationFile?: string;
}

/** Replaced as a whole on a reload. */
export interface ServedState {
  configuration: RestConfiguration;
  authentication: Authentication;
  roles: ReadonlyMap<string, RoleSettings>;
  schemaCache: SchemaCache;
  engine: Engine;
}

export type Reload = 'schema' | 'config';

export class StateLoader {
  readonly loads = { succeeded: 0, failed: 0, lastSeconds: 0 };
  readonly tokenCache: TokenCacheCounts = { requests: 0, hits: 0, evictions: 0 };

  constructor(
    private readonly from: ConfigurationSource & {
      startConfiguration: RestConfiguration;
      pool: ConnectionPool;
      log: (event: ServiceEvent) => void;
    },
  ) {}

  /** Reads configuration, catalogs or both; takes the rest from the old state. */
  async load(what: readonly Reload[], old?: ServedState): Promise<ServedState> {
    const configured = what.includes('config') || !old ? await this.loadConfiguration() : old;
    const { configuration } = configured;
    // Other schemas or function settings make other caches.
    const schemaCache =
      what.includes('schema') || !old || !sameCatalog(old.configuration, configuration)
        ? await this.loadSchema(configuration)
        : old.schemaCache;
    const engine = new Engine(schemaCache, engineSettings(configuration));
    return { ...configured, schemaCache, engine };
  }

  /** The configuration with the database's settings. @throws RestError `rest_configuration_invalid`, `jwt_secret_invalid` */
  async loadConfiguration(): Promise<Pick<ServedState, 'configuration' | 'authentication' | 'roles'>> {
    const { db_config: inDatabase, db_pre_config: preConfig } = this.from.startConfiguration;
    const [databaseSettings, roles] = inDatabase
      ? await this.from.pool.use(async (client) => [
          await readDatabaseSettings(client, preConfig),
          await readRoleSettings(client),
        ])
      : [{}, new Map<string, RoleSettings>()];
    const configuration = readConfiguration(this.from, databaseSettings);
    const authentication = await this.authentication(configuration);
    const { text } = configuration.jwt_role_claim_key;
    if (!text.startsWith('$')) {
      const use = `jwt-role-claim-key = ${text}: write a JSON Path (RFC 9535) such as $.role`;
      this.from.log({ level: 'warn', event: 'deprecated', use });
    }
    this.from.log({ level: 'info', event: 'configuration_loaded' });
    return { configuration, authentication, roles };
  }

  /** @throws RestError `jwt_secret_invalid` */
  authentication(configuration: RestConfiguration): Promise<Authentication> {
    return createAuthentication({
      secret: configuration.secret,
      anonymousRole: configuration.db_anon_role,
      roleClaimPath: configuration.jwt_role_claim_key,
      audience: configuration.jwt_aud,
      cacheEntries: configuration.jwt_cache_max_entries,
      cacheCounts: this.tokenCache,
    });
  }

  async loadSchema(configuration: RestConfiguration): Promise<SchemaCache> {
    const began = performance.now();
    const schemaCache = await this.from.pool
      .use((client) =>
        loadSchemaCache((transaction) => runTransaction(client, transaction, [], { prepare: false }), {
          schemas: configuration.db_schemas,
          hoistedSettings: configuration.db_hoisted_tx_settings,
        }),
      )
      .catch((error) => {
        this.loads.failed += 1;
        throw error;
      });
    const milliseconds = Math.round(performance.now() - began);
    this.loads.succeeded += 1;
    this.loads.lastSeconds = milliseconds / 1000;
    this.from.log({
      level: 'info',
      event: 'schema_loaded',
      relations: schemaCache.tables.size,
      functions: schemaCache.routines.size,
      milliseconds,
    });
    return schemaCache;
  }
}

/** @param databaseSettings of the database, which override the environment. @throws RestError `rest_configuration_invalid` */
export function readConfiguration(
  { environment, configurationFile }: ConfigurationSource,
  databaseSettings: Record<string, string> = {},
): RestConfiguration {
  return readRestConfiguration(
    environment,
    databaseSettings,
    configurationFile === undefined ? {} : readConfigurationFile(configurationFile, environment),
  );
}

function sameCatalog(a: RestConfiguration, b: RestConfiguration): boolean {
  return (
    a.db_schemas.join() === b.db_schemas.join() &&
    a.db_hoisted_tx_settings.join() === b.db_hoisted_tx_settings.join()
  );
}
