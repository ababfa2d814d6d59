import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { serve } from '@hono/node-server';
import type { DestinationStream } from 'pino';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import { StartError } from '@/lib/failures';
import { registerHealthMetrics } from '@/lib/fleet/health';
import { SignIn } from '@/lib/identity';
import { AllowedNetworks } from '@/lib/network';
import { answersBefore, dropUnread, pause } from '@/lib/time';
import { createApp } from './app';
import type { Environment } from './context';
import type { ServerDependencies } from './dependencies';
import { addressOf, isAddressed, type Peer, type ProxyHeaders, peerReader } from './http/peer';
import { UnreadAnswers } from './http/unread-answers';
import { WebFiles } from './http/web-files';
import { LiveChanges } from './live/live-changes';
import { createLogger, Metrics } from './observability';
import { ActorNames } from './operator/actor-names';
import { OperatorTasks } from './operator/tasks/tasks';
import { Realtime } from './realtime';
import { UserCopies } from './user-copies';

export type { Environment } from './context';
export type { DemoTenantTraffic, DemoTraffic } from './demo-traffic';
export type { ServerDependencies, Services } from './dependencies';
export type { OperatorServices } from './operator';
export { getTenantContext, type TenantContext } from './tenant-context';

export interface ServerOptions
  extends Pick<
    ServerDependencies,
    | 'application'
    | 'operations'
    | 'manager'
    | 'tokens'
    | 'services'
    | 'operator'
    | 'moves'
    | 'demoTraffic'
    | 'metricsToken'
  > {
  host: string;
  /** 0 for any free port. */
  port: number;
  logLevel: string;
  /** Where the log goes. Default: standard output. */
  log?: DestinationStream;
  /** The built web application (`dist/web`). */
  webDirectory: string;
  /** This server's public address; subdomains of its host name are tenants. `localhost` is always accepted. */
  publicUrl?: string;
  /** Proxies whose headers say who the client is: addresses, CIDRs, or `loopback`. Default: none. */
  trustedProxies?: readonly string[];
  /** The headers that they write. Default: `x-forwarded`. */
  proxyHeaders?: ProxyHeaders;
  /** Prefixes of addresses to which mailed links may lead besides this server. Default: none. */
  allowedRedirects?: readonly string[];
  /** Networks in which identity providers of companies may be, besides the internet: CIDRs. Default: none. */
  identityProviderNetworks?: readonly string[];
  /** Networks in which databases may be that companies ask to use as their own, besides the internet: CIDRs. Default: none. */
  customerDatabaseNetworks?: readonly string[];
  /** A client that reads nothing of its answer for so long, or up to twice as long, loses its connection, ms. Default 60,000. */
  unreadMs?: number;
}

export interface RunningServer {
  readonly port: number;
  /** Stops accepting requests, finishes running ones (at most 10 s), then resolves. */
  close(): Promise<void>;
}

const DRAIN_MS = 10_000;
/** Connections that have answered their last request are closed this often while the server drains. */
const CLOSE_IDLE_MS = 50;
/** Longer than proxies keep idle connections (60 s is usual): one that we closed first would fail a request that is on its way. */
const KEEP_ALIVE_MS = 75_000;
/** How soon the end of a support access is recorded; its sessions end on time by themselves. */
const SUPPORT_EXPIRY_MS = 60_000;

/** Starts the HTTP server. @throws MarqueeError `port_in_use`, `listen_failed`, `configuration_invalid` */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { application, operations, manager, tokens, services, operator, moves, demoTraffic } = options;
  const readPeer = peerReader(options.trustedProxies ?? [], options.proxyHeaders);
  const networks = new AllowedNetworks(options.identityProviderNetworks);
  const signIn = new SignIn(application, operations, tokens, networks);
  const logger = createLogger(options.logLevel, options.log);
  await signIn.start();
  const parts: ServerDependencies = {
    application,
    operations,
    manager,
    tokens,
    ...(services ? { services } : {}),
    ...(moves ? { moves } : {}),
    ...(demoTraffic ? { demoTraffic } : {}),
    ...(operator ? { operator } : {}),
    actorNames: new ActorNames(application.users),
    tasks: new OperatorTasks(operations.pool, (err, task) => logger.error({ err, task }, 'task failed')),
    ...(options.metricsToken === undefined ? {} : { metricsToken: options.metricsToken }),
    allowedRedirects: options.allowedRedirects ?? [],
    customerDatabaseNetworks: options.customerDatabaseNetworks ?? [],
    signIn,
    people: new UserCopies({ application, manager, logger }),
    logger,
    metrics: new Metrics(),
  };
  manager.registerMetrics(parts.metrics.registry);
  registerHealthMetrics(parts.metrics.registry, operations.pool);
  manager.reportSlowStatements((slow) => parts.logger.warn(slow, 'slow statement'));
  const live = new LiveChanges(application, manager);
  const realtime = new Realtime(parts, live);
  const app = createApp(parts, await WebFiles.load(options.webDirectory), live, realtime);
  const unread = new UnreadAnswers();
  const answer = (
    request: Request,
    { incoming, outgoing }: { incoming: IncomingMessage; outgoing: ServerResponse },
  ) => {
    dropUnread(outgoing, options.unreadMs);
    // It would repeat the request with its credentials; `Request` refuses it too.
    if (incoming.method === 'TRACE') return new Response(null, { status: 405 });
    if (!isAddressed(incoming)) return new Response(null, { status: 400 });
    const peer = readPeer(incoming);
    const place = locate(asAddressed(request, peer), options.publicUrl);
    const { address, secure } = peer;
    const count = answerCounter(outgoing, manager);
    const countFor = (tenantId: string) => {
      count(tenantId);
      unread.add(tenantId, outgoing);
    };
    return app.fetch(place.request, { ...place.bindings, address, secure, countFor });
  };
  const fetch: typeof answer = (request, connection) => {
    const { outgoing } = connection;
    if (outgoing.socket) return answer(request, connection);
    return answersBefore(outgoing).then(() => answer(request, connection));
  };
  const expiry = setInterval(() => {
    signIn.support.endExpired().catch((err: unknown) => logger.warn({ err }, 'support access not ended'));
  }, SUPPORT_EXPIRY_MS).unref();
  const server = await listen(fetch as never, options);
  server.on('upgrade', (incoming, socket, head) => {
    socket.on('error', () => socket.destroy());
    // Thrown from an event, an error would end the process.
    try {
      const url = isAddressed(incoming) ? addressOf(incoming) : null;
      if (!url) return void socket.end(BAD_REQUEST);
      const peer = readPeer(incoming);
      const { request, bindings } = locate(asAddressed(new Request(url), peer), options.publicUrl);
      void realtime.upgrade(incoming, socket, head, {
        url: new URL(request.url),
        subdomain: bindings.subdomain,
        address: peer.address,
      });
    } catch (err) {
      logger.error({ err }, 'upgrade failed');
      socket.destroy();
    }
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    async close() {
      clearInterval(expiry);
      live.close();
      const ended = realtime.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_MS);
      const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      await closed;
      await ended;
      clearInterval(idle);
      clearTimeout(late);
      await Promise.race([parts.tasks.close(), pause(DRAIN_MS, { ref: false })]);
      await signIn.close();
    },
  };
}

const BAD_REQUEST = 'HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n';

/** Counts the bytes of an answer as they were sent, headers included, for the tenant whose data it is of. */
function answerCounter(outgoing: ServerResponse, manager: DataSourceManager) {
  const { socket } = outgoing;
  const before = socket?.bytesWritten ?? 0;
  return (tenantId: string) => {
    outgoing.once('close', () => {
      manager.countUsage(tenantId, { egressBytes: Math.max(0, (socket?.bytesWritten ?? 0) - before) });
    });
  };
}

/** Bytes of a request's line and headers: filters by many ids are long. */
const MAX_HEAD = 64 * 1024;

function listen(fetch: Parameters<typeof serve>[0]['fetch'], { host, port }: ServerOptions): Promise<Server> {
  return new Promise((resolve, reject) => {
    const serverOptions = {
      maxHeaderSize: MAX_HEAD,
      keepAliveTimeout: KEEP_ALIVE_MS,
      shouldUpgradeCallback: Realtime.isMeant,
      // Two Host headers are then no host and are refused: a proxy in front may have read the other one.
      joinDuplicateHeaders: true,
    };
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
