import { mkdir, rm } from 'node:fs/promises';
import { Command } from 'commander';
import { migrateApplicationDatabase } from '@/lib/application';
import { readConfiguration, stateDirectory } from '@/lib/configuration';
import { defaultSource } from '@/lib/data-sources';
import { dataSourceManager } from '@/lib/data-sources/manager';
import { MarqueeError, StartError } from '@/lib/failures';
import { migrateOperationsDatabase } from '@/lib/operations';
import type { RunningServer } from '@/server';
import { CommandError } from '../errors';
import { type Instance, openInstance } from '../instance';
import { migrateTenantData } from '../migrate-tenant-data';
import { printJson } from '../output';
import type { Mail } from '../start/business-jobs';
import { CUSTOMER_DATABASES, DEMO_PASSWORD, DEMO_TENANTS, OWN_DATABASES, provisionDemo } from '../start/demo';
import { type DemoKeys, demoKeys } from '../start/demo-keys';
import { createDatabases, type EmbeddedServers, startOwnServer, startServers } from '../start/embedded';
import { endOnFault } from '../start/faults';
import { expectToListen } from '../start/listening';
import { Running } from '../start/running';
import { openServices } from '../start/services';
import { State } from '../start/state';
import { supervise } from '../start/supervise';
import { buildWebIfStale } from '../start/web-build';

interface StartOptions {
  fresh?: boolean;
  /** False with `--no-web`. */
  web: boolean;
  empty?: boolean;
  json?: boolean;
  port?: string;
  supervise?: boolean;
}

export const startCommand = new Command('start')
  .description('Start Marquee, on embedded PostgreSQL unless databases are configured')
  .option('--fresh', 'begin again: forget the embedded databases and what was in them')
  .option('--empty', 'at a first start: demo companies without a year of demo data')
  .option('--no-web', 'neither build nor serve the web application: programs only')
  .option('--port <number>', 'port to serve on (default: PORT, or 3000)')
  .option('--supervise', 'start again after a fault or a crash, as systemd would')
  .option('--json', 'print one JSON object when serving')
  .addHelpText(
    'after',
    `
With APPLICATION_DATABASE_URL, OPERATIONS_DATABASE_URL, DEFAULT_TENANT_DATA_URL and ENCRYPTION_KEY set, Marquee uses
those databases and embeds nothing. With only the last two set it embeds its own two databases. With none of them set
it keeps embedded databases in .marquee/ (or MARQUEE_STATE_DIRECTORY) with six demo tenants. .env.example documents
every variable.`,
  )
  .action(start);

async function start(options: StartOptions): Promise<void> {
  if (options.supervise) {
    const programArguments = process.argv.slice(1).filter((argument) => argument !== '--supervise');
    process.exit(await supervise(programArguments));
  }
  const say = (line: string) => {
    if (!options.json) console.log(line);
  };
  const running = new Running();
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
    endOnFault(resolve);
  });
  const serving = run(options, running, say);
  try {
    await Promise.race([serving, interrupted]);
    await interrupted;
    say('Stopping …');
  } finally {
    await running.stop();
    // A start that was interrupted half-way is still at a step of its own; what that step opens is closed again.
    await serving.catch(() => {});
  }
  process.exit(process.exitCode ?? 0);
}

async function run(options: StartOptions, running: Running, say: (line: string) => void): Promise<void> {
  const mode = modeOf(process.env);
  const embedded = mode === 'demo';
  const given = readConfiguration();
  // Demo accounts have a known password: only this machine may reach them.
  const host = given.HOST ?? (embedded ? '127.0.0.1' : '0.0.0.0');
  const port = options.port === undefined ? given.PORT : portOf(options.port);
  await expectToListen(host, port);
  const shared = new State(stateDirectory());
  const state = mode === 'own databases embedded' ? new State(shared.path('own')) : shared;
  const build = options.web ? buildWebIfStale(state.path('web'), running.signal) : undefined;
  build?.catch(() => {});
  const { instance, servers } =
    mode === 'demo'
      ? await openEmbedded(state, options, running, say)
      : {
          instance:
            mode === 'configured'
              ? await openConfigured(running, say)
              : await openOwnEmbedded(state, shared, options, running, say),
          servers: undefined,
        };
  const manager = dataSourceManager;
  await running.add('data sources', () => manager.close());
  for (const { database, problem } of await migrateTenantData(instance)) {
    // One customer's database that is away must not keep the others from being served.
    if (problem) say(`Data source ${database} was not migrated: ${problem}`);
  }
  if (servers) {
    await provisionDemo(instance, manager, {
      urlOf: (database) => urlOf(servers, database),
      withData: !options.empty,
      say,
    });
    await state.markComplete();
  }
  const built = await build;
  if (built?.said) say(built.said);
  const { configuration, application, operations, tokens } = instance;
  // Opened by its first use: rendering mail takes a while to load.
  let opened: Promise<Mail> | undefined;
  const mail = () => {
    opened ??= import('../start/business-jobs').then(({ openMail }) =>
      openMail(instance, manager, state.path('outbox')),
    );
    return opened;
  };
  const services = openServices(instance, {
    filesDirectory: state.path('files'),
    embedded,
    mail: async () => (await mail()).queue,
    accountMail: { queue: async (...mailed) => (await mail()).account.queue(...mailed) },
  });
  const { startServer } = await loadServer();
  const server = await startServer({
    application,
    operations,
    manager,
    tokens,
    services,
    host,
    port,
    logLevel: embedded && !process.env.LOG_LEVEL ? 'warn' : configuration.LOG_LEVEL,
    webDirectory: built?.directory ?? '',
    ...(configuration.PUBLIC_URL ? { publicUrl: configuration.PUBLIC_URL } : {}),
    trustedProxies: configuration.TRUSTED_PROXIES,
    allowedRedirects: configuration.ALLOWED_REDIRECTS,
    ...(configuration.METRICS_TOKEN ? { metricsToken: configuration.METRICS_TOKEN } : {}),
  });
  await running.add('server', () => server.close());
  const keys = embedded ? await demoKeys(instance, state.path('demo-keys.json')) : undefined;
  announce(server, keys, Math.round(performance.now()), options.json);
  // After the first page is served: no request waits for the job queue.
  const [{ startMailAndJobs }, { startMoves }, { startConnections }] = await Promise.all([
    import('../start/business-jobs'),
    import('../start/moves'),
    import('@/lib/crm/delivery'),
  ]);
  await running.add('jobs', await startMailAndJobs(instance, manager, await mail()));
  await running.add('moves', await startMoves(instance, manager, state.path('certificates')));
  await startConnections({ manager, operations, services });
}

function loadServer() {
  return import('@/server');
}

/** Where Marquee's own two databases are, and where tenants' data go. */
type Mode =
  /** All embedded, with demo tenants. */
  | 'demo'
  /** The specification's variables: tenants' data have a place, Marquee's own two databases are embedded. */
  | 'own databases embedded'
  /** All named by the environment. */
  | 'configured';

/** @throws CommandError `not_configured`: naming only some databases is an error rather than a half-embedded instance */
function modeOf(environment: NodeJS.ProcessEnv): Mode {
  const own = ['APPLICATION_DATABASE_URL', 'OPERATIONS_DATABASE_URL'];
  const names = [...own, 'DEFAULT_TENANT_DATA_URL'];
  const given = names.filter((name) => environment[name]);
  if (given.length === 0) return 'demo';
  const embedsOwn = own.every((name) => !environment[name]);
  const needed = embedsOwn ? ['ENCRYPTION_KEY'] : [...names, 'ENCRYPTION_KEY'];
  const missing = needed.filter((name) => !environment[name]);
  if (missing.length === 0) return embedsOwn ? 'own databases embedded' : 'configured';
  throw new StartError('not_configured', `${given.join(', ')} set, but not ${missing.join(', ')}.`, {
    hint: 'Set all of them to use your databases, or none to try Marquee with embedded ones. See .env.example.',
  });
}

/** @param embedded where the application and operations databases are, if Marquee keeps them itself */
async function openConfigured(
  running: Running,
  say: (line: string) => void,
  embedded?: State,
): Promise<Instance> {
  const configuration = readConfiguration();
  await migrateOwnDatabases(configuration, embedded);
  const instance = await openInstance(configuration);
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

/** @param state of this mode; @param shared what all modes share: the lock and the environment */
async function openOwnEmbedded(
  state: State,
  shared: State,
  options: StartOptions,
  running: Running,
  say: (line: string) => void,
): Promise<Instance> {
  await running.add('lock', await shared.lock());
  if (options.fresh) await state.clear();
  await mkdir(state.directory, { recursive: true });
  say(`The application and operations databases are not set: they are embedded, in ${state.directory}`);
  if (process.env.NEXT_PUBLIC_SUPABASE_URL) {
    say(
      'NEXT_PUBLIC_SUPABASE_URL and its keys are kept, but that project is not the application database yet.',
    );
  }
  const server = await startOwnServer(state);
  await running.add('embedded PostgreSQL', () => server.stop());
  await createDatabases(server, ['application', 'operations']);
  await shareEnvironment(shared, running, {
    APPLICATION_DATABASE_URL: server.url('application'),
    OPERATIONS_DATABASE_URL: server.url('operations'),
    ENCRYPTION_KEY: process.env.ENCRYPTION_KEY ?? '',
    DEFAULT_TENANT_DATA_URL: process.env.DEFAULT_TENANT_DATA_URL ?? '',
  });
  return openConfigured(running, say, state);
}

async function migrateOwnDatabases(
  variables: { APPLICATION_DATABASE_URL?: string | undefined; OPERATIONS_DATABASE_URL?: string | undefined },
  embedded?: State,
): Promise<void> {
  try {
    await Promise.all([
      migrateApplicationDatabase(variables.APPLICATION_DATABASE_URL ?? ''),
      migrateOperationsDatabase(variables.OPERATIONS_DATABASE_URL ?? ''),
    ]);
  } catch (error) {
    if (!embedded || !(error instanceof MarqueeError) || error.code !== 'migration_unsupported') throw error;
    throw new CommandError(
      error.code,
      `The databases in ${embedded.directory} were made by Marquee before its first release, and cannot be brought to the present schema.`,
      {
        hint: 'Start with --fresh to remove them and begin with new ones. Their data are lost.',
        cause: error,
      },
    );
  }
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

async function openEmbedded(
  state: State,
  options: StartOptions,
  running: Running,
  say: (line: string) => void,
): Promise<{ instance: Instance; servers: EmbeddedServers }> {
  await running.add('lock', await state.lock());
  if (options.fresh || !(await state.isComplete())) await state.clear();
  await rm(state.path('environment'), { force: true });
  say('Starting embedded PostgreSQL …');
  const starting = startServers(state);
  // Reading the server's modules takes as long as PostgreSQL takes to start: side by side.
  void loadServer().catch(() => {});
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
  };
  await migrateOwnDatabases(variables, state);
  await shareEnvironment(state, running, variables);
  const instance = await openInstance(readConfiguration());
  await running.add('databases', () => instance.close());
  return { instance, servers };
}

function urlOf(servers: EmbeddedServers, database: string): string {
  return (CUSTOMER_DATABASES.includes(database) ? servers.customer : servers.own).url(database);
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new CommandError('port_invalid', `“${text}” is not a port.`, {
    hint: 'Give a number from 0 to 65535.',
  });
}

/**
 * @param keys of the demo tenants, where there are any
 * @param ms since this process began
 */
function announce(
  server: RunningServer,
  keys: Record<string, DemoKeys> | undefined,
  ms: number,
  json: boolean | undefined,
): void {
  const url = `http://localhost:${server.port}`;
  const tenants = keys
    ? DEMO_TENANTS.map(({ subdomain, name }) => ({
        name,
        url: `http://${subdomain}.localhost:${server.port}`,
        email: `owner@${subdomain}.example`,
        anonKey: keys[subdomain]?.anon ?? '',
        serviceKey: keys[subdomain]?.service ?? '',
      }))
    : [];
  if (json) {
    printJson({
      url,
      port: server.port,
      ms,
      tenants,
      ...(keys ? { operator: 'operator@marquee.example', password: DEMO_PASSWORD } : {}),
    });
    return;
  }
  console.log(`\nMarquee serves at ${url} (after ${(ms / 1000).toFixed(1)} s)\n`);
  for (const tenant of tenants) console.log(`  ${tenant.url}  ${tenant.name.padEnd(22)}  ${tenant.email}`);
  if (keys) {
    console.log(`  ${url.padEnd(23)}  ${'The operator'.padEnd(22)}  operator@marquee.example`);
    console.log(`\nEvery demo password: ${DEMO_PASSWORD}`);
    console.log(
      'Other roles: admin@, manager@, sales@, staff@, viewer@ of the same names; without subdomains: /t/a … /t/f',
    );
    console.log(
      `\nSupabase clients: createClient('${url}', key), see ${url}/docs/connect. Keys, anon and service:`,
    );
    for (const { name, anonKey, serviceKey } of tenants) {
      console.log(`  ${name.padEnd(22)}  ${anonKey}\n${' '.repeat(26)}${serviceKey}`);
    }
    console.log('\nCtrl-C stops everything.\n');
  }
}
