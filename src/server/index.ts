import type { IncomingMessage, Server } from 'node:http';
import { serve } from '@hono/node-server';
import { StartError } from '@/lib/failures';
import { SignIn } from '@/lib/identity';
import { createApp } from './app';
import type { Environment, ServerParts } from './context';
import { LiveChanges } from './live-changes';
import { createLogger, Metrics } from './observability';
import { type Peer, peerReader } from './peer';
import { PeopleRecord } from './people-record';
import { Realtime } from './realtime';
import { WebFiles } from './web-files';

export {
  type Environment,
  getTenantContext,
  type ServerParts,
  type Services,
  type TenantContext,
} from './context';

export interface ServerOptions
  extends Pick<
    ServerParts,
    'application' | 'operations' | 'manager' | 'tokens' | 'services' | 'metricsToken'
  > {
  host: string;
  /** 0 for any free port. */
  port: number;
  logLevel: string;
  /** The built web application (`dist/web`). */
  webDirectory: string;
  /** This server's public address; subdomains of its host name are tenants. `localhost` is always accepted. */
  publicUrl?: string;
  /** Proxies whose `Forwarded` and `X-Forwarded-*` headers are trusted: addresses, CIDRs, or `loopback`. Default: none. */
  trustedProxies?: readonly string[];
  /** Prefixes of addresses to which mailed links may lead besides this server. Default: none. */
  allowedRedirects?: readonly string[];
}

export interface RunningServer {
  readonly port: number;
  /** Stops accepting requests, finishes running ones (at most 10 s), then resolves. */
  close(): Promise<void>;
}

const DRAIN_MS = 10_000;

/** Starts the HTTP server. @throws MarqueeError `port_in_use`, `listen_failed`, `configuration_invalid` */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { application, operations, manager, tokens, services } = options;
  const readPeer = peerReader(options.trustedProxies ?? []);
  const signIn = new SignIn(application, operations, tokens);
  const logger = createLogger(options.logLevel);
  await signIn.start();
  const parts: ServerParts = {
    application,
    operations,
    manager,
    tokens,
    ...(services ? { services } : {}),
    ...(options.metricsToken === undefined ? {} : { metricsToken: options.metricsToken }),
    allowedRedirects: options.allowedRedirects ?? [],
    signIn,
    people: new PeopleRecord({ application, manager, logger }),
    logger,
    metrics: new Metrics(),
  };
  manager.registerMetrics(parts.metrics.registry);
  manager.reportSlowStatements((slow) => parts.logger.warn(slow, 'slow statement'));
  const live = new LiveChanges(application);
  const realtime = new Realtime(parts, live);
  const app = createApp(parts, await WebFiles.load(options.webDirectory), live, realtime);
  const fetch = (request: Request, { incoming }: { incoming: IncomingMessage }) => {
    const peer = readPeer(incoming);
    const place = locate(asAddressed(request, peer), options.publicUrl);
    return app.fetch(place.request, { ...place.bindings, address: peer.address, secure: peer.secure });
  };
  const server = await listen(fetch as never, options);
  server.on('upgrade', (incoming, socket, head) => {
    const peer = readPeer(incoming);
    const address = URL.parse(
      incoming.url ?? '/',
      `http://${peer.host ?? incoming.headers.host ?? 'localhost'}`,
    );
    if (!address) return socket.destroy();
    const { request, bindings } = locate(new Request(address), options.publicUrl);
    void realtime.upgrade(incoming, socket, head, {
      url: new URL(request.url),
      subdomain: bindings.subdomain,
    });
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    async close() {
      live.close();
      const ended = realtime.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      await closed;
      await ended;
      clearTimeout(late);
      await signIn.close();
    },
  };
}

/** Bytes of a request's line and headers: filters by many ids are long. */
const MAX_HEAD = 64 * 1024;

function listen(fetch: Parameters<typeof serve>[0]['fetch'], { host, port }: ServerOptions): Promise<Server> {
  return new Promise((resolve, reject) => {
    const serverOptions = { maxHeaderSize: MAX_HEAD, shouldUpgradeCallback: Realtime.isMeant };
    const server = serve({ fetch, hostname: host, port, serverOptions }, () => resolve(server)) as Server;
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const inUse = cause.code === 'EADDRINUSE';
      reject(
        new StartError(
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

/** The request as its client addressed it: a trusted proxy says which host, and whether the way to it was encrypted. */
function asAddressed(request: Request, { host, secure }: Peer): Request {
  const url = new URL(request.url);
  const protocol = secure ? 'https:' : 'http:';
  if ((host === undefined || host === url.host) && url.protocol === protocol) return request;
  const addressed = URL.parse(`${protocol}//${host ?? url.host}${url.pathname}${url.search}`);
  return addressed ? new Request(addressed, request) : request;
}

const LOCAL_HOSTS = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Finds the tenant in an address: `a.localhost:3000`, `a.<public host>`, or `/t/a/…`, whose prefix is taken off; and the
 * origin of this server. Other Host headers are not used for links, since a client can send any.
 *
 * @param publicUrl the address of this server, as configured
 */
export function locate(
  request: Request,
  publicUrl?: string,
): { request: Request; bindings: Pick<Environment['Bindings'], 'subdomain' | 'prefix' | 'origin'> } {
  const url = new URL(request.url);
  const known = publicUrl === undefined ? undefined : new URL(publicUrl);
  const hostname = url.hostname.toLowerCase();
  const base = ['localhost', known?.hostname].find((one) => one && hostname.endsWith(`.${one}`));
  const label = base ? hostname.slice(0, -base.length - 1) : '';
  const isKnown =
    LOCAL_HOSTS.has(hostname) || hostname === known?.hostname || (label && !label.includes('.'));
  const origin = isKnown ? url.origin : known?.origin;
  const bindings = { prefix: '', ...(origin === undefined ? {} : { origin }) };
  const prefix = /^\/t\/([a-z0-9-]{1,63})(?=\/|$)/i.exec(url.pathname);
  if (prefix?.[1]) {
    url.pathname = url.pathname.slice(prefix[0].length) || '/';
    return {
      request: new Request(url, request),
      bindings: { ...bindings, subdomain: prefix[1].toLowerCase(), prefix: prefix[0] },
    };
  }
  if (label && !label.includes('.')) return { request, bindings: { ...bindings, subdomain: label } };
  return { request, bindings };
}
