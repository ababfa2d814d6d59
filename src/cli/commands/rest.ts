import { once } from 'node:events';
import { Command } from 'commander';
import { listen, listenAdmin, RestService, type ServiceEvent } from '@/lib/rest/http';

interface RestOptions {
  json?: boolean;
}

const LEVELS = { error: 1, warn: 2, info: 3 };

export const restCommand = new Command('rest')
  .description('Serve a PostgreSQL database as a REST API, as PostgREST 14 would')
  .option('--json', 'log one JSON object a line')
  .addHelpText(
    'after',
    `
Configuration comes from PostgREST's own environment variables. The first ones to set:
  PGRST_DB_URI          the database: postgresql://authenticator:…@host:5432/database, or @file
  PGRST_DB_SCHEMAS      exposed schemas, comma-separated; the first is the default (public)
  PGRST_DB_ANON_ROLE    role of requests without a token
  PGRST_JWT_SECRET      secret (32 characters or more), JWK, JWKS, or @file
  PGRST_SERVER_PORT     where to listen (3000); PGRST_SERVER_HOST for the address
  PGRST_ADMIN_SERVER_PORT   /live and /ready for health checks
Others: PGRST_DB_EXTRA_SEARCH_PATH, PGRST_DB_MAX_ROWS, PGRST_DB_TX_END, PGRST_DB_PLAN_ENABLED,
  PGRST_DB_AGGREGATES_ENABLED, PGRST_DB_PRE_REQUEST, PGRST_DB_ROOT_SPEC, PGRST_DB_POOL,
  PGRST_DB_POOL_ACQUISITION_TIMEOUT, PGRST_DB_POOL_MAX_IDLETIME, PGRST_DB_POOL_MAX_LIFETIME,
  PGRST_DB_PREPARED_STATEMENTS, PGRST_DB_TIMEZONE_ENABLED, PGRST_DB_HOISTED_TX_SETTINGS, PGRST_DB_CHANNEL,
  PGRST_DB_CHANNEL_ENABLED, PGRST_DB_CONFIG, PGRST_DB_PRE_CONFIG, PGRST_JWT_AUD, PGRST_JWT_ROLE_CLAIM_KEY,
  PGRST_JWT_SECRET_IS_BASE64, PGRST_JWT_CACHE_MAX_ENTRIES, PGRST_OPENAPI_MODE, PGRST_OPENAPI_SECURITY_ACTIVE,
  PGRST_OPENAPI_SERVER_PROXY_URI, PGRST_SERVER_CORS_ALLOWED_ORIGINS, PGRST_SERVER_TIMING_ENABLED,
  PGRST_SERVER_TRACE_HEADER, PGRST_LOG_LEVEL, PGRST_CLIENT_ERROR_VERBOSITY, PGRST_APP_SETTINGS_*

NOTIFY pgrst, 'reload schema' (or 'reload config') and SIGUSR2 (both) reload without failing a request.
SIGINT and SIGTERM let the requests under way end.`,
  )
  .action(async (options: RestOptions) => {
    const log = logger(process.env.PGRST_LOG_LEVEL ?? 'error', options.json === true);
    const service = await RestService.start({ environment: process.env, log });
    try {
      const server = await listen(service);
      const admin = await listenAdmin(service);
      const place = { event: 'listening', port: server.port, ...(admin && { adminPort: admin.port }) };
      process.stdout.write(
        options.json ? `${JSON.stringify(place)}\n` : `Listening on port ${server.port}\n`,
      );
      // Not SIGUSR1, which PostgREST has for the schema: in Node it opens the debugger.
      process.on('SIGUSR2', () => void service.reload());
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      await Promise.all([server.close(), admin?.close()]);
    } finally {
      await service.end();
    }
  });

function logger(level: string, json: boolean): (event: ServiceEvent) => void {
  const threshold = { crit: 0, error: 1, warn: 2, info: 3, debug: 3 }[level] ?? 1;
  return (event) => {
    if (LEVELS[event.level] > threshold) return;
    const { level: severity, event: name, ...rest } = event;
    const details = Object.entries(rest).map(([key, value]) => `${key}=${value}`);
    process.stderr.write(json ? `${JSON.stringify(event)}\n` : `${severity} ${name} ${details.join(' ')}\n`);
  };
}
