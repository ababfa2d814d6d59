// The admin server: liveness, readiness, metrics and the schema cache.
import { createServer } from 'node:http';
import type { SchemaCache } from '../schema-cache';
import { type ListeningServer, listening } from './listening';
import type { RestService } from './service';

/**
 * Listens for health checks, where an admin port is configured: `/live` (500 when the API server takes no
 * connections), `/ready` (503 while the database does not answer), `/metrics`, `/schema_cache`.
 *
 * @throws StartError `port_in_use`, `listen_failed`
 */
export async function listenAdmin(
  service: RestService,
  api: ListeningServer,
): Promise<ListeningServer | undefined> {
  const { admin_server_port: port, admin_server_host, server_host, ...rest } = service.startConfiguration;
  const { admin_server_unix_socket: path, admin_server_unix_socket_mode: mode } = rest;
  if (port === undefined && path === undefined) return undefined;
  const server = createServer(async (incoming, outgoing) => {
    const text = (content: string, type = 'text/plain') => {
      outgoing.writeHead(200, { 'Content-Type': `${type}; charset=utf-8` }).end(content);
    };
    switch ((incoming.url ?? '').split('?')[0]) {
      case '/live':
        outgoing.writeHead((await api.reachable()) ? 200 : 500).end();
        break;
      case '/ready':
        outgoing.writeHead((await api.reachable()) ? ((await service.ready()) ? 200 : 503) : 500).end();
        break;
      case '/metrics':
        text(service.metrics());
        break;
      case '/schema_cache':
        text(service.schemaCache ? schemaCacheText(service.schemaCache) : '', 'application/json');
        break;
      default:
        outgoing.writeHead(404).end();
    }
  });
  if (path !== undefined) return listening(server, { path, mode });
  return listening(server, { port: port ?? 0, host: admin_server_host ?? server_host });
}

/** The schema cache as JSON, for debugging: its structure follows the code. */
export function schemaCacheText(schemaCache: SchemaCache): string {
  return JSON.stringify(schemaCache, (_name, value) => {
    if (value instanceof Map)
      return Object.fromEntries([...value].map(([key, item]) => [key.replace('\0', '.'), item]));
    return value instanceof Set ? [...value] : value;
  });
}
