import { rm } from 'node:fs/promises';
import { Command } from 'commander';
import { migrateApplicationDatabase } from '@/lib/application';
import { readConfiguration, stateDirectory } from '@/lib/configuration';
import { dataSourceManager } from '@/lib/data-sources/manager';
import { MarqueeError } from '@/lib/errors';
import { migrateOperationsDatabase } from '@/lib/operations';
import { type RunningServer, startServer } from '@/server';
import { type Instance, openInstance } from '../instance';
import { printJson } from '../output';
import { CUSTOMER_DATABASES, DEMO_PASSWORD, DEMO_TENANTS, OWN_DATABASES, provisionDemo } from '../start/demo';
import { createDatabases, type EmbeddedServers, startServers } from '../start/embedded';
import { State } from '../start/state';
import { buildWebIfStale, WEB_DIRECTORY } from '../start/web-build';

interface StartOptions {
  fresh?: boolean;
  json?: boolean;
  port?: string;
}

export const startCommand = new Command('start')
  .description('Start Marquee, on embedded PostgreSQL unless databases are configured')
  .option('--fresh', 'begin again: forget the embedded databases and what was in them')
  .option('--port <number>', 'port to serve on (default: PORT, or 3000)')
  .option('--json', 'print one JSON object when serving')
  .addHelpText(
    'after',
    `
With APPLICATION_DATABASE_URL, OPERATIONS_DATABASE_URL, DEFAULT_TENANT_DATA_URL and ENCRYPTION_KEY set, Marquee uses
those databases and embeds nothing. With none of them set it keeps embedded databases in .marquee/ with six demo
tenants. .env.example documents every variable.`,
  )
  .action(start);

/** What is running, in the order it was started; stopped in the reverse order. */
type Running = { name: string; stop(): Promise<void> }[];

async function start(options: StartOptions): Promise<void> {
  const say = (line: string) => {
    if (!options.json) console.log(line);
  };
  const running: Running = [];
  const stop = async () => {
    for (const part of running.splice(0).reverse()) {
      await part.stop().catch((error: unknown) => console.error(`Stopping ${part.name}: ${error}`));
    }
  };
  // From the first moment on: what has been started by then is stopped.
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  try {
    await Promise.race([run(options, running, say), interrupted]);
    await interrupted;
    say('Stopping …');
  } finally {
    await stop();
  }
  process.exit(process.exitCode ?? 0);
}

async function run(options: StartOptions, running: Running, say: (line: string) => void): Promise<void> {
  const started = performance.now();
  const build = buildWebIfStale();
  build.catch(() => {});
  const embedded = !usesOwnDatabases();
  const state = new State(stateDirectory());
  const { instance, servers } = embedded
    ? await openEmbedded(state, options, running, say)
    : { instance: await openConfigured(running), servers: undefined };
  const manager = dataSourceManager;
  running.push({ name: 'data sources', stop: () => manager.close() });
  if (servers) {
    await provisionDemo(instance, manager, (database) => urlOf(servers, database), say);
    await state.markComplete();
  }
  if (await build) say('Built the web application.');
  const { configuration, application, tokens } = instance;
  const server = await startServer({
    application,
    manager,
    tokens,
    // Demo accounts have a known password: nobody but this machine may reach them.
    host: configuration.HOST ?? (embedded ? '127.0.0.1' : '0.0.0.0'),
    port: options.port === undefined ? configuration.PORT : portOf(options.port),
    logLevel: embedded ? 'warn' : configuration.LOG_LEVEL,
    webDirectory: WEB_DIRECTORY,
    ...(configuration.PUBLIC_URL ? { publicHost: new URL(configuration.PUBLIC_URL).hostname } : {}),
  });
  running.push({ name: 'server', stop: () => server.close() });
  announce(server, embedded, Math.round(performance.now() - started), options.json);
}

/** True when the environment names databases; naming only some of them is an error rather than a half-embedded instance. */
function usesOwnDatabases(): boolean {
  const names = ['APPLICATION_DATABASE_URL', 'OPERATIONS_DATABASE_URL', 'DEFAULT_TENANT_DATA_URL'];
  const given = names.filter((name) => process.env[name]);
  if (given.length === 0) return false;
  const missing = [...names, 'ENCRYPTION_KEY'].filter((name) => !process.env[name]);
  if (missing.length === 0) return true;
  throw new MarqueeError('not_configured', `${given.join(', ')} set, but not ${missing.join(', ')}.`, {
    hint: 'Set all of them to use your databases, or none to try Marquee with embedded ones. See .env.example.',
  });
}

async function openConfigured(running: Running): Promise<Instance> {
  const configuration = readConfiguration();
  await Promise.all([
    migrateApplicationDatabase(configuration.APPLICATION_DATABASE_URL ?? ''),
    migrateOperationsDatabase(configuration.OPERATIONS_DATABASE_URL ?? ''),
  ]);
  const instance = openInstance(configuration);
  running.push({ name: 'databases', stop: () => instance.close() });
  return instance;
}

async function openEmbedded(
  state: State,
  options: StartOptions,
  running: Running,
  say: (line: string) => void,
): Promise<{ instance: Instance; servers: EmbeddedServers }> {
  const unlock = await state.lock();
  running.push({ name: 'lock', stop: unlock });
  if (options.fresh || !(await state.isComplete())) await state.clear();
  await rm(state.path('environment'), { force: true });
  say('Starting embedded PostgreSQL …');
  const servers = await startServers(state);
  running.push({ name: 'embedded PostgreSQL', stop: () => servers.stop() });
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
  await Promise.all([
    migrateApplicationDatabase(variables.APPLICATION_DATABASE_URL),
    migrateOperationsDatabase(variables.OPERATIONS_DATABASE_URL),
  ]);
  await state.writeEnvironment(variables);
  running.push({ name: 'environment', stop: () => rm(state.path('environment'), { force: true }) });
  const instance = openInstance(readConfiguration({ ...process.env, ...variables }));
  running.push({ name: 'databases', stop: () => instance.close() });
  return { instance, servers };
}

function urlOf(servers: EmbeddedServers, database: string): string {
  return (CUSTOMER_DATABASES.includes(database) ? servers.customer : servers.own).url(database);
}

function portOf(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return port;
  throw new MarqueeError('port_invalid', `“${text}” is not a port.`, {
    hint: 'Give a number from 0 to 65535.',
  });
}

function announce(server: RunningServer, embedded: boolean, ms: number, json: boolean | undefined): void {
  const url = `http://localhost:${server.port}`;
  const tenants = embedded
    ? DEMO_TENANTS.map(({ subdomain, name }) => ({
        name,
        url: `http://${subdomain}.localhost:${server.port}`,
        email: `owner@${subdomain}.example`,
      }))
    : [];
  if (json) {
    printJson({
      url,
      port: server.port,
      ms,
      tenants,
      ...(embedded ? { password: DEMO_PASSWORD } : {}),
    });
    return;
  }
  console.log(`\nMarquee serves at ${url} (after ${(ms / 1000).toFixed(1)} s)\n`);
  for (const tenant of tenants) console.log(`  ${tenant.url}  ${tenant.name.padEnd(22)}  ${tenant.email}`);
  if (embedded) {
    console.log(`\nEvery demo password: ${DEMO_PASSWORD}`);
    console.log(
      'Other roles: admin@, manager@, sales@, staff@, viewer@ of the same names; without subdomains: /t/a … /t/f',
    );
    console.log('Ctrl-C stops everything.\n');
  }
}
