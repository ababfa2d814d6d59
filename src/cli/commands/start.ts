import { Command } from 'commander';
import { readConfiguration, stateDirectory } from '@/lib/configuration';
import type { MailTransport } from '@/lib/crm/delivery/jobs';
import { dataSourceManager } from '@/lib/data-sources/manager';
import { migrateTenantData } from '../migrate-tenant-data';
import { optionalServices } from '../optional-services';
import { schemaDependencies } from '../schema-dependencies';
import { announce } from '../start/announce';
import { startCheckpoints } from '../start/audit-checkpoints';
import type { Mail } from '../start/business-jobs';
import { modeOf, openConfigured, openEmbedded, openOwnEmbedded, urlOf } from '../start/databases';
import { provisionDemo } from '../start/demo';
import { DEMO_KEYS_FILE, demoKeys } from '../start/demo-keys';
import { demoSecondFactor } from '../start/demo-operator';
import { DemoTraffic } from '../start/demo-traffic';
import { endOnFault } from '../start/faults';
import { expectToListen, portOf } from '../start/listening';
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
  .option('--fresh', 'begin again: forget the embedded databases and what was in them')
  .option('--empty', 'at a first start: demo companies without a year of demo data')
  .option('--no-web', 'neither build nor serve the web application: programs only')
  .option('--port <n>', 'port to serve on (default: PORT, or 3000)')
  .option('--supervise', 'start again after a fault or a crash, as systemd would')
  .option('--json', 'print one JSON object when serving')
  .addHelpText(
    'after',
    `
With APPLICATION_DATABASE_URL, OPERATIONS_DATABASE_URL, DEFAULT_TENANT_DATA_URL and ENCRYPTION_KEY set, Marquee uses
those databases and embeds nothing. With only the last two set it embeds its own two databases. With NEXT_PUBLIC_SUPABASE_URL
and SUPABASE_SERVICE_ROLE_KEY in place of the first, that Supabase project is the application database (docs/supabase.md).
With none of them set it keeps embedded databases in .marquee/ (or MARQUEE_STATE_DIRECTORY) with six demo tenants.
.env.example documents every variable.`,
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
  await instance.operations.retiredKeys.expectInUse(instance.secretBox.keys.wraps);
  const manager = dataSourceManager;
  await running.add('data sources', () => manager.close());
  for (const { database, problem } of await migrateTenantData(instance)) {
    // One customer's unreachable database must not keep the others from being served.
    say(`Data source ${database} was not migrated: ${problem}`);
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
      openMail(instance, manager, state.path('outbox'), services),
    );
    return opened;
  };
  const alertMail: MailTransport = {
    kind: configuration.SMTP_URL ? 'smtp' : 'outbox',
    send: async (letter) => (await mail()).transport.send(letter),
    close: () => {},
  };
  const services = openServices(instance, {
    filesDirectory: configuration.FILES_DIRECTORY ?? state.path('files'),
    embedded,
    mail: async () => (await mail()).queue,
    accountMail: { queue: async (...mailed) => (await mail()).account.queue(...mailed) },
  });
  const [{ startServer }, { movesOf, startMoves }, { operatorServices }] = await Promise.all([
    import('@/server'),
    import('../start/moves'),
    import('../start/operator'),
  ]);
  const moves = movesOf(instance, state.path('certificates'));
  const keys = embedded ? await demoKeys(instance, state.path(DEMO_KEYS_FILE)) : undefined;
  let served = '';
  const demoTraffic =
    keys &&
    new DemoTraffic(
      keys,
      () => served,
      () => void operations.pool.query(`select pg_notify('marquee_subjects', 'demo')`).catch(() => {}),
    );
  const server = await startServer({
    application,
    operations,
    manager,
    tokens,
    services,
    moves,
    ...(demoTraffic ? { demoTraffic } : {}),
    operator: operatorServices(instance, services.storage, alertMail, given, {
      ...{ HOST: host, PORT: port, PUBLIC_URL: configuration.PUBLIC_URL },
    }),
    host,
    port,
    logLevel: embedded && !process.env.LOG_LEVEL ? 'warn' : configuration.LOG_LEVEL,
    webDirectory: built?.directory ?? '',
    ...(configuration.PUBLIC_URL ? { publicUrl: configuration.PUBLIC_URL } : {}),
    trustedProxies: configuration.TRUSTED_PROXIES,
    proxyHeaders: configuration.PROXY_HEADERS,
    allowedRedirects: configuration.ALLOWED_REDIRECTS,
    identityProviderNetworks: configuration.IDENTITY_PROVIDER_NETWORKS,
    customerDatabaseNetworks: configuration.CUSTOMER_DATABASE_NETWORKS,
    ...(configuration.METRICS_TOKEN ? { metricsToken: configuration.METRICS_TOKEN } : {}),
  });
  served = `http://127.0.0.1:${server.port}`;
  await running.add('server', () => server.close());
  if (demoTraffic) await running.add('demo traffic', () => demoTraffic.stop());
  if (!embedded) {
    const missing = optionalServices(given).filter(({ state }) => state !== 'ready');
    if (missing.length > 0) {
      say(`Not set up: ${missing.map(({ name }) => name).join(', ')}. What to set: marquee doctor`);
    }
  }
  const factor = embedded ? await demoSecondFactor(instance) : undefined;
  announce(server, { keys, factor }, Math.round(performance.now()), options.json);
  // After the first page is served: no request waits for the replica or the job queue.
  const { startDemoReplica } = await import('../start/demo-replica');
  const replica = servers && (await startDemoReplica(instance, servers.customer, state, running, say));
  const [{ startMailAndJobs }, { startConnections }, { startSchemaJobs }] = await Promise.all([
    import('../start/business-jobs'),
    import('@/lib/crm/delivery'),
    import('@/lib/fleet/schema-rollout'),
  ]);
  await running.add('jobs', await startMailAndJobs(instance, manager, await mail(), services));
  await running.add('moves', await startMoves(instance, manager, moves));
  await startConnections({ manager, operations, services });
  const { startBackups } = await import('../start/backups');
  await startBackups(instance, services.storage, say);
  await startSchemaJobs(await schemaDependencies(instance));
  const sayAudit = (problem: string) => console.error(`Audit: ${problem}`);
  const { startAlerts } = await import('../start/alerts');
  const { channels, chainBroken, stop } = startAlerts(instance, (await mail()).transport, sayAudit);
  await running.add('alerts', stop);
  await running.add('checkpoints', startCheckpoints(instance, sayAudit, { chainBroken }));
  await replica?.ready;
  const { startUsageJobs } = await import('@/lib/usage');
  await startUsageJobs({ ...instance, channels });
  const { startHealth } = await import('../start/health');
  await running.add(
    'health',
    await startHealth(instance, manager, channels, (problem) => console.error(problem)),
  );
  const { watchForStalled } = await import('@/lib/fleet/stalled-work');
  await watchForStalled(operations, channels);
}
