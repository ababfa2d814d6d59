import { once } from 'node:events';
import { Command } from 'commander';
import { MarqueeError } from '@/lib/failures';
import {
  configurationText,
  listen,
  listenAdmin,
  RestService,
  type ServiceEvent,
  schemaCacheText,
} from '@/lib/rest/server';
import { CommandError } from '../errors';
import { endOnFault } from '../start/faults';

interface RestOptions {
  json?: boolean;
  dumpConfig?: boolean;
  dumpSchema?: boolean;
  example?: boolean;
  ready?: boolean;
}

export const restCommand = new Command('rest')
  .argument('[file]', 'configuration file; the environment goes before it')
  .option('--json', 'log one JSON object a line')
  .option('--dump-config', 'print the configuration in force and exit')
  .option('--dump-schema', 'print the schema cache as JSON and exit (for debugging)')
  .option('-e, --example', 'print a configuration file with the defaults and exit')
  .option('--ready', 'ask the admin server of a running process whether it is ready, and exit')
  .addHelpText(
    'after',
    `
Configuration comes from a file of PostgREST's format (db-uri = "…", a line each) or from PostgREST's own environment
variables, and where db-config is on from the database (alter role authenticator set pgrst.db_max_rows = …).
The first ones to set:
  PGRST_DB_URI          the database: postgresql://authenticator:…@host:5432/database, or @file
  PGRST_DB_SCHEMAS      exposed schemas, comma-separated; the first is the default (public)
  PGRST_DB_ANON_ROLE    role of requests without a token
  PGRST_JWT_SECRET      secret (32 characters or more), JWK, JWKS, or @file
  PGRST_SERVER_PORT     where to listen (3000); PGRST_SERVER_HOST for the address
  PGRST_SERVER_UNIX_SOCKET  path of a socket instead, PGRST_SERVER_UNIX_SOCKET_MODE its mode (660)
  PGRST_SERVER_REUSEPORT    true: several processes may listen on the port
  PGRST_ADMIN_SERVER_PORT   /live, /ready, /metrics and /schema_cache for operators; or PGRST_ADMIN_SERVER_UNIX_SOCKET
Others: PGRST_DB_EXTRA_SEARCH_PATH, PGRST_DB_MAX_ROWS, PGRST_DB_TX_END, PGRST_DB_PLAN_ENABLED,
  PGRST_DB_AGGREGATES_ENABLED, PGRST_DB_PRE_REQUEST, PGRST_DB_ROOT_SPEC, PGRST_DB_POOL,
  PGRST_DB_POOL_ACQUISITION_TIMEOUT, PGRST_DB_POOL_MAX_IDLETIME, PGRST_DB_POOL_MAX_LIFETIME,
  PGRST_DB_POOL_AUTOMATIC_RECOVERY, PGRST_DB_PREPARED_STATEMENTS, PGRST_DB_HOISTED_TX_SETTINGS, PGRST_DB_CHANNEL,
  PGRST_DB_CHANNEL_ENABLED, PGRST_DB_CONFIG, PGRST_DB_PRE_CONFIG, PGRST_JWT_AUD, PGRST_JWT_ROLE_CLAIM_KEY,
  PGRST_JWT_SECRET_IS_BASE64, PGRST_JWT_CACHE_MAX_ENTRIES, PGRST_OPENAPI_MODE, PGRST_OPENAPI_SECURITY_ACTIVE,
  PGRST_OPENAPI_SERVER_PROXY_URI, PGRST_SERVER_CORS_ALLOWED_ORIGINS, PGRST_SERVER_TIMING_ENABLED,
  PGRST_SERVER_TRACE_HEADER, PGRST_LOG_LEVEL, PGRST_LOG_QUERY, PGRST_CLIENT_ERROR_VERBOSITY, PGRST_URL_USE_LEGACY_TARGET_NAMES,
  PGRST_ADMIN_SERVER_UNIX_SOCKET_MODE, PGRST_APP_SETTINGS_*

NOTIFY pgrst, 'reload schema' (or 'reload config'), SIGUSR1 (schema) and SIGUSR2 (both) reload without failing a request.
SIGINT and SIGTERM let the requests under way end.`,
  )
  .action(async (file: string | undefined, options: RestOptions) => {
    if (options.example) {
      process.stdout.write(configurationText(new RestService({ environment: {} }).startConfiguration));
      return;
    }
    const service = new RestService({
      environment: process.env,
      ...(file !== undefined && { configurationFile: file }),
      log: options.json ? logJson : logText,
    });
    try {
      if (options.dumpConfig) process.stdout.write(await configurationInForce(service));
      else if (options.dumpSchema)
        process.stdout.write(`${schemaCacheText(await service.readSchemaCache())}\n`);
      else if (options.ready) process.stdout.write(`OK: ${await askReady(service)}\n`);
      else await serve(service, options.json === true);
    } finally {
      await service.end();
    }
  });

async function serve(service: RestService, json: boolean): Promise<void> {
  const fault = new Promise<void>((resolve) => {
    endOnFault(resolve);
  });
  const stopped = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), fault]);
  const server = await listen(service);
  try {
    const admin = await listenAdmin(service, server);
    try {
      const loaded = service.load().then(() => {
        const place = { event: 'listening', port: server.port, address: server.address };
        process.stdout.write(
          json
            ? `${JSON.stringify({ ...place, ...(admin && { adminPort: admin.port }) })}\n`
            : `Listening on ${server.address}\n`,
        );
      });
      // With a listener of ours SIGUSR1 does not open Node's debugger.
      process.on('SIGUSR1', () => void service.reload(['schema']));
      process.on('SIGUSR2', () => void service.reload());
      await Promise.race([stopped, service.lost, loaded.then(() => stopped)]);
    } finally {
      await admin?.close();
    }
  } finally {
    await server.close();
  }
}

/** Without the database, the settings of the file and the environment alone are shown. */
async function configurationInForce(service: RestService): Promise<string> {
  const configuration = await service.readConfiguration().catch((error) => {
    if (error instanceof MarqueeError && error.code === 'PGRST000') return service.startConfiguration;
    throw error;
  });
  return configurationText(configuration);
}

/** Asks `/ready` of the process that was started with the same configuration. */
async function askReady({ startConfiguration }: RestService): Promise<string> {
  const { admin_server_port: port, admin_server_host, server_host } = startConfiguration;
  const host = admin_server_host ?? server_host;
  const failed = (message: string, hint: string) =>
    new CommandError('not_ready', `ERROR: ${message}`, { hint });
  if (port === undefined) {
    throw failed(
      'Admin server is not running. Please check admin-server-port config.',
      'Set admin-server-port.',
    );
  }
  if (/^[*!]/.test(host)) {
    throw failed(
      `The \`--ready\` flag cannot be used when server-host is configured as "${host}".`,
      'Please update your server-host config to "localhost".',
    );
  }
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}/ready`;
  const status = await fetch(url).then(
    (response) => response.status,
    () => undefined,
  );
  if (status === undefined) throw failed(`connection refused to ${url}`, 'Is the process running?');
  if (status !== 200) throw failed(url, `It answered ${status}: its log says what it waits for.`);
  return url;
}

function logJson(event: ServiceEvent): void {
  process.stderr.write(`${JSON.stringify(event)}\n`);
}

/** Requests as web servers write them, on standard output; everything else on standard error. */
function logText(event: ServiceEvent): void {
  if (event.event === 'request') {
    const { address = '-', role = '-', request, status, bytes, referer = '', agent = '' } = event;
    const place = `${address} - ${role} [${commonLogTime(new Date())}]`;
    process.stdout.write(`${place} ${[request, status, bytes, referer, agent].map(quoted).join(' ')}\n`);
    return;
  }
  const { level, event: name, ...details } = event;
  const text = Object.entries(details).map(([key, value]) => `${key}=${value}`);
  process.stderr.write(`${level} ${name} ${text.join(' ')}\n`);
}

function quoted(value: string | number): string {
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/** `25/Nov/2026:22:37:41 +0000` */
function commonLogTime(date: Date): string {
  const [, day, month, year, time] = date.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
}
