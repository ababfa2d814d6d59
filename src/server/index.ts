import type { IncomingMessage, Server } from 'node:http';
import { serve } from '@hono/node-server';
import { MarqueeError } from '@/lib/errors';
import { createApp } from './app';
import type { Environment, ServerParts } from './context';
import { LiveChanges } from './live-changes';
import { createLogger, Metrics } from './observability';
import { SignIn } from './sign-in';
import { WebFiles } from './web-files';

export { startConnections } from './api';
export {
  type Environment,
  getTenantContext,
  type ServerParts,
  type Services,
  type TenantContext,
} from './context';

export interface ServerOptions extends Pick<ServerParts, 'application' | 'manager' | 'tokens' | 'services'> {
  host: string;
  /** 0 for any free port. */
  port: number;
  logLevel: string;
  /** The built web application (`dist/web`). */
  webDirectory: string;
  /** Host names under which a first label names a tenant, besides `localhost`. */
  publicHost?: string;
}

export interface RunningServer {
  readonly port: number;
  /** Takes no new requests, finishes those under way (at most 10 s), then resolves. */
  close(): Promise<void>;
}

const DRAIN_MS = 10_000;

/** Starts the HTTP server. @throws MarqueeError `port_in_use` */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { application, manager, tokens, services } = options;
  const parts: ServerParts = {
    application,
    manager,
    tokens,
    ...(services ? { services } : {}),
    signIn: new SignIn(application, tokens),
    logger: createLogger(options.logLevel),
    metrics: new Metrics(),
  };
  manager.registerMetrics(parts.metrics.registry);
  manager.reportSlowStatements((slow) => parts.logger.warn(slow, 'slow statement'));
  const live = new LiveChanges(application);
  const app = createApp(parts, await WebFiles.load(options.webDirectory), live);
  const fetch = (request: Request, { incoming }: { incoming: IncomingMessage }) => {
    const place = locate(request, options.publicHost);
    return app.fetch(place.request, { ...place.bindings, address: incoming.socket.remoteAddress ?? '' });
  };
  const server = await listen(fetch as never, options);
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    async close() {
      live.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      await closed;
      clearTimeout(late);
    },
  };
}

/** Bytes of a request's line and headers: filters by many ids are long. */
const MAX_HEAD = 64 * 1024;

function listen(fetch: Parameters<typeof serve>[0]['fetch'], { host, port }: ServerOptions): Promise<Server> {
  return new Promise((resolve, reject) => {
    const serverOptions = { maxHeaderSize: MAX_HEAD };
    const server = serve({ fetch, hostname: host, port, serverOptions }, () => resolve(server)) as Server;
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === 'EADDRINUSE';
      reject(
        new MarqueeError(
          inUse ? 'port_in_use' : 'listen_failed',
          `Port ${port} ${inUse ? 'is in use' : 'cannot be opened'}.`,
          {
            hint: 'Stop what uses it, or choose another: PORT=3100 npm start',
            cause,
          },
        ),
      );
    });
  });
}

/**
 * Finds the tenant in an address: `a.localhost:3000`, `a.<public host>`, or `/t/a/…`, whose prefix is taken off.
 */
export function locate(
  request: Request,
  publicHost = 'localhost',
): { request: Request; bindings: Pick<Environment['Bindings'], 'subdomain' | 'prefix'> } {
  const url = new URL(request.url);
  const prefix = /^\/t\/([a-z0-9-]{1,63})(?=\/|$)/i.exec(url.pathname);
  if (prefix?.[1]) {
    url.pathname = url.pathname.slice(prefix[0].length) || '/';
    return {
      request: new Request(url, request),
      bindings: { subdomain: prefix[1].toLowerCase(), prefix: prefix[0] },
    };
  }
  const hostname = url.hostname.toLowerCase();
  for (const base of ['localhost', publicHost]) {
    const label = hostname.endsWith(`.${base}`) ? hostname.slice(0, -base.length - 1) : '';
    if (label && !label.includes('.')) return { request, bindings: { subdomain: label, prefix: '' } };
  }
  return { request, bindings: { prefix: '' } };
}
