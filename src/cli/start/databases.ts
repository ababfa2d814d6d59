// The databases that `marquee start` serves: those of the environment, or embedded ones.
import { mkdir, rm } from 'node:fs/promises';
import { migrateApplicationDatabase } from '@/lib/application';
import { applicationPlace, type Configuration, readConfiguration } from '@/lib/configuration';
import { defaultSource } from '@/lib/data-sources';
import { MarqueeError, StartError } from '@/lib/failures';
import { migrateOperationsDatabase } from '@/lib/operations';
import { CommandError } from '../errors';
import { type Instance, openInstance } from '../instance';
import { CUSTOMER_DATABASES, OWN_DATABASES } from './demo';
import { createDatabases, type EmbeddedServers, startOwnServer, startServers } from './embedded';
import type { Running } from './running';
import type { State } from './state';

/** The actor of changes that the server makes by itself, in the audit log. */
const SERVER = 'system:server';

/** Where Marquee's own two databases are, and where tenants' data go. */
type Mode =
  /** All embedded, with demo tenants. */
  | 'demo'
  /** Tenants' data have a place; Marquee's own databases are embedded, but for an application database that is a Supabase project. */
  | 'own databases embedded'
  /** All named by the environment. */
  | 'configured';

/** @throws StartError `not_configured`: naming only some databases is an error rather than a half-embedded instance */
export function modeOf(environment: NodeJS.ProcessEnv): Mode {
  const isProject =
    !environment.APPLICATION_DATABASE_URL &&
    Boolean(environment.NEXT_PUBLIC_SUPABASE_URL || environment.SUPABASE_SERVICE_ROLE_KEY);
  const application = isProject
    ? ['NEXT_PUBLIC_SUPABASE_URL', 'SUPABASE_SERVICE_ROLE_KEY']
    : ['APPLICATION_DATABASE_URL'];
  const names = [...application, 'OPERATIONS_DATABASE_URL', 'DEFAULT_TENANT_DATA_URL'];
  const given = names.filter((name) => environment[name]);
  if (given.length === 0) return 'demo';
  const embedsOwn =
    !environment.OPERATIONS_DATABASE_URL && (isProject || !environment.APPLICATION_DATABASE_URL);
  const own = isProject
    ? ['OPERATIONS_DATABASE_URL']
    : ['APPLICATION_DATABASE_URL', 'OPERATIONS_DATABASE_URL'];
  const needed = [...names, 'ENCRYPTION_KEY'].filter((name) => !embedsOwn || !own.includes(name));
  const missing = needed.filter((name) => !environment[name]);
  if (missing.length === 0) return embedsOwn ? 'own databases embedded' : 'configured';
  throw new StartError('not_configured', `${given.join(', ')} set, but not ${missing.join(', ')}.`, {
    hint: 'Set all of them to use your databases, or none to try Marquee with embedded ones. See .env.example.',
  });
}

/**
 * Opens the databases that the environment names.
 *
 * @param embedded where the application and operations databases are, if Marquee keeps them itself
 */
export async function openConfigured(
  running: Running,
  say: (line: string) => void,
  embedded?: State,
): Promise<Instance> {
  const configuration = readConfiguration();
  await migrateOwnDatabases(configuration, embedded);
  const instance = await openInstance(configuration, { actor: SERVER });
  await running.add('databases', () => instance.close());
  try {
    await defaultSource(instance.operations, configuration);
  } catch (error) {
    // Tenants of other data sources are served meanwhile; the next use of this one tries again.
    const [why, hint = ''] = error instanceof MarqueeError ? [error.message, error.hint] : [String(error)];
    say(`DEFAULT_TENANT_DATA_URL cannot be used for new tenants yet: ${why} ${hint}`);
  }
  return instance;
}

/**
 * Embeds Marquee's own databases; tenants' data are where the environment says.
 *
 * @param state of this mode
 * @param shared what all modes share: the lock and the environment
 */
export async function openOwnEmbedded(
  state: State,
  shared: State,
  options: { fresh?: boolean },
  running: Running,
  say: (line: string) => void,
): Promise<Instance> {
  await running.add('lock', await shared.lock());
  if (options.fresh) await state.clear();
  await mkdir(state.directory, { recursive: true });
  const { NEXT_PUBLIC_SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY } = process.env;
  const project =
    NEXT_PUBLIC_SUPABASE_URL && SUPABASE_SERVICE_ROLE_KEY
      ? { NEXT_PUBLIC_SUPABASE_URL, SUPABASE_SERVICE_ROLE_KEY }
      : undefined;
  say(
    project
      ? `The application database is the Supabase project of NEXT_PUBLIC_SUPABASE_URL. The operations database is not set: it is embedded, in ${state.directory}`
      : `The application and operations databases are not set: they are embedded, in ${state.directory}`,
  );
  const server = await startOwnServer(state);
  await running.add('embedded PostgreSQL', () => server.stop());
  await createDatabases(server, project ? ['operations'] : ['application', 'operations']);
  await shareEnvironment(shared, running, {
    ...(project ?? { APPLICATION_DATABASE_URL: server.url('application') }),
    OPERATIONS_DATABASE_URL: server.url('operations'),
    ENCRYPTION_KEY: process.env.ENCRYPTION_KEY ?? '',
    ...Object.fromEntries(
      ['URL', 'ANON_KEY', 'SERVICE_KEY']
        .map((name) => `DEFAULT_TENANT_DATA_${name}`)
        .map((name) => [name, process.env[name] ?? '']),
    ),
    ...keptIn(state),
  });
  return openConfigured(running, say, state);
}

async function migrateOwnDatabases(configuration: Configuration, embedded?: State): Promise<void> {
  const { APPLICATION_DATABASE_OWNER_URL: ownerUrl, OPERATIONS_DATABASE_URL = '' } = configuration;
  try {
    await Promise.all([
      migrateApplicationDatabase(applicationPlace(configuration) ?? '', ownerUrl),
      migrateOperationsDatabase(OPERATIONS_DATABASE_URL),
    ]);
  } catch (error) {
    if (!embedded || !(error instanceof MarqueeError) || error.code !== 'migration_unsupported') throw error;
    throw new CommandError(
      error.code,
      `The databases in ${embedded.directory} were made by Marquee before its first release, and cannot be brought to the current schema.`,
      {
        hint: 'Start with --fresh to remove them and begin with new ones. Their data are lost.',
        cause: error,
      },
    );
  }
}

/** Where an embedded instance keeps files and backups, unless the environment says so. */
function keptIn(state: State): Record<string, string> {
  const { FILES_DIRECTORY, BACKUP_URL } = process.env;
  return {
    FILES_DIRECTORY: FILES_DIRECTORY || state.path('files'),
    BACKUP_URL: BACKUP_URL || state.path('backups'),
  };
}

/** Writes what other commands need to reach this instance; the shared manager reads it from this process. */
async function shareEnvironment(
  state: State,
  running: Running,
  variables: Record<string, string>,
): Promise<void> {
  await state.writeEnvironment(variables);
  await running.add('environment', () => rm(state.path('environment'), { force: true }));
  Object.assign(process.env, variables);
}

/** Embeds all databases, for the demo. */
export async function openEmbedded(
  state: State,
  options: { fresh?: boolean },
  running: Running,
  say: (line: string) => void,
): Promise<{ instance: Instance; servers: EmbeddedServers }> {
  await running.add('lock', await state.lock());
  if (options.fresh || !state.isComplete()) await state.clear();
  await rm(state.path('environment'), { force: true });
  say('Starting embedded PostgreSQL …');
  const starting = startServers(state);
  // Reading the server's modules takes as long as PostgreSQL takes to start: side by side.
  void import('@/server').catch(() => {});
  const servers = await starting;
  await running.add('embedded PostgreSQL', () => servers.stop());
  await Promise.all([
    createDatabases(servers.own, OWN_DATABASES),
    createDatabases(servers.customer, CUSTOMER_DATABASES),
  ]);
  const variables = {
    ENCRYPTION_KEY: await state.encryptionKey(),
    APPLICATION_DATABASE_URL: servers.own.url('application'),
    OPERATIONS_DATABASE_URL: servers.own.url('operations'),
    DEFAULT_TENANT_DATA_URL: servers.own.url('shared_1'),
    // Demo tenants are small: each is drilled every night.
    BACKUP_DRILL_DAYS: process.env.BACKUP_DRILL_DAYS || '1',
    ...keptIn(state),
  };
  const configuration = readConfiguration({ ...process.env, ...variables });
  await migrateOwnDatabases(configuration, state);
  await shareEnvironment(state, running, variables);
  const instance = await openInstance(configuration, { actor: SERVER });
  await running.add('databases', () => instance.close());
  return { instance, servers };
}

export function urlOf(servers: EmbeddedServers, database: string): string {
  return (CUSTOMER_DATABASES.includes(database) ? servers.customer : servers.own).url(database);
}
