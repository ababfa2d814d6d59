import { createHash, randomUUID, timingSafeEqual } from 'node:crypto';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { secureHeaders } from 'hono/secure-headers';
import ipaddr from 'ipaddr.js';
import { Outbox } from '@/lib/crm/delivery';
import { apiRoutes, hasServices, serverPages } from './api';
import { auditActions } from './audited-actions';
import type { Environment } from './context';
import type { ServerDependencies } from './dependencies';
import { RequestError, sendProblem } from './errors';
import { readCookie } from './http/cookies';
import type { WebFiles } from './http/web-files';
import type { LiveChanges } from './live/live-changes';
import { NoticeMails } from './live/notice-mails';
import { areaOf } from './observability';
import { type Realtime, sendRealtimeError } from './realtime';
import { answerNotOffered, SERVICES } from './rest/not-offered';
import { answerRest, sendRestError } from './rest/tenant-rest';
import { refuseCrossSite } from './session';
import { authRoutes } from './sign-in/auth-v1';
import { sendAuthError } from './sign-in/auth-v1/errors';
import { storageRoutes } from './storage';
import { sendStorageError } from './storage/errors';

const BODY_LIMIT = 10 * 1024 * 1024;

const allowAnyOrigin = cors({
  origin: '*',
  allowMethods: ['GET', 'POST', 'PATCH', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'],
  exposeHeaders: [
    'Content-Location',
    'Content-Profile',
    'Content-Range',
    'Link',
    'Location',
    'Marquee-As-Of',
    'Marquee-Read-Token',
    'Preference-Applied',
    'Proxy-Status',
    'Retry-After',
    'X-Request-Id',
    'X-Total-Count',
  ],
  maxAge: 86_400,
});

/** A preflight request says what it is for; any other OPTIONS request is PostgREST's. */
const anyOrigin: MiddlewareHandler<Environment> = (context, next) =>
  context.req.method === 'OPTIONS' && !context.req.header('access-control-request-method')
    ? next()
    : allowAnyOrigin(context, next);

type SendError = (context: Context<Environment>, error: unknown) => Response;

/** A body that is too large is refused as the clients of these services read errors. */
const ERROR_FORMS: readonly (readonly [path: string, send: SendError])[] = [
  ['/rest/v1', sendRestError],
  ['/auth/v1', sendAuthError],
  ['/storage/v1', sendStorageError],
  ['/realtime/v1', sendRealtimeError],
];

/** The HTTP application: a `fetch` handler, the same for Node, another framework's route, or a test. */
export function createApp(
  parts: ServerDependencies,
  files: WebFiles,
  live: LiveChanges,
  realtime: Pick<Realtime, 'routes'>,
): Hono<Environment> {
  const app = new Hono<Environment>();

  app.use(observe(parts));
  app.use(auditActions(parts));
  // Answers of a tenant's database may claim to be HTML (a function can set the type): they must not run scripts or load anything.
  app.use('/rest/*', async (context, next) => {
    await next();
    context.header('content-security-policy', "default-src 'none'; sandbox");
  });
  // An answer may hold a tenant's or a user's data, unless its route says something else.
  app.use(async (context, next) => {
    await next();
    if (!context.res.headers.has('cache-control')) context.header('cache-control', 'no-store');
  });
  // Files behind a signed URL may be embedded by pages of any origin.
  app.use('/storage/v1/object/sign/*', async (context, next) => {
    await next();
    context.header('cross-origin-resource-policy', 'cross-origin');
  });
  // Pages that say themselves who may frame them, and scripts for pages of any origin.
  app.use('/book/*', async (context, next) => {
    await next();
    const framing = context.get('framing');
    if (!framing) return;
    context.header('content-security-policy', framing.policy);
    context.header('x-frame-options', undefined);
    context.header('cross-origin-resource-policy', 'cross-origin');
  });
  app.use(
    secureHeaders({
      contentSecurityPolicy: {
        defaultSrc: ["'self'"],
        // Mantine sets styles from JavaScript.
        styleSrc: ["'self'", "'unsafe-inline'"],
        imgSrc: ["'self'", 'data:', 'blob:'],
        fontSrc: ["'self'", 'data:'],
        frameSrc: ["'self'", 'blob:'],
        workerSrc: ["'self'", 'blob:'],
        objectSrc: ["'none'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'self'"],
      },
      xFrameOptions: 'SAMEORIGIN',
      strictTransportSecurity: 'max-age=31536000; includeSubDomains',
    }),
  );

  // Supabase clients run on pages of any origin. They send tokens; the session's cookie does not cross origins.
  const notOffered = SERVICES.map((service) => `/${service}/v1`);
  for (const path of ['/rest/v1', '/auth/v1', ...notOffered]) {
    app.use(path, anyOrigin);
    app.use(`${path}/*`, anyOrigin);
  }

  const limitBody = bodyLimit({
    maxSize: BODY_LIMIT,
    onError(context: Context<Environment>) {
      const error = new RequestError(
        'body_too_large',
        `The body is larger than ${BODY_LIMIT / 1024 / 1024} MB.`,
      );
      const [, send] = ERROR_FORMS.find(([path]) => context.req.path.startsWith(path)) ?? [];
      return send ? send(context, error) : sendProblem(context, error, context.get('requestId'));
    },
  });
  app.use((context, next) => {
    const { path } = context.req;
    // Uploads have limits of their own and are streamed to disk; this limit would buffer the body first.
    const isFile =
      /^\/api\/(attachments|imports|logo)(\/|$)/.test(path) ||
      /^\/storage\/v1\/object\/(upload\/sign\/)?attachments\//.test(path);
    return isFile ? next() : limitBody(context, next);
  });

  // Before a route looks at the request. A request with a token needs no proof: no page can make a browser send one by itself.
  app.use((context, next) => {
    const { headers } = context.req.raw;
    const byCookie = !headers.has('authorization') && !headers.has('apikey');
    if (byCookie && readCookie(context, 'marquee_session')) refuseCrossSite(context.req.raw);
    return next();
  });

  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get('/readyz', async (context) => {
    const ready = await parts.application.ping().then(
      () => true,
      () => false,
    );
    return context.json({ status: ready ? 'ready' : 'application database unreachable' }, ready ? 200 : 503);
  });
  app.get('/metrics', async (context) => {
    requireMetricsToken(context, parts.metricsToken);
    const { registry } = parts.metrics;
    return context.body(await registry.metrics(), 200, { 'content-type': registry.contentType });
  });

  const api = apiRoutes(parts, live);
  app.route('/api', api);
  app.route('/auth/v1', authRoutes(parts));
  if (hasServices(parts)) app.route('/storage/v1', storageRoutes(parts));
  app.route('/realtime/v1', realtime.routes());
  app.all('/rest/v1', (context) => answerRest(context, parts));
  app.all('/rest/v1/*', (context) => answerRest(context, parts));

  for (const service of SERVICES) {
    app.all(`/${service}/v1`, (context) => answerNotOffered(context, service));
    app.all(`/${service}/v1/*`, (context) => answerNotOffered(context, service));
  }

  app.route('/', serverPages(parts));
  app.get('*', async (context, next) => {
    const { pathname } = new URL(context.req.url);
    if (areaOf(pathname) === 'api') return next();
    const isTenant = context.env.subdomain !== undefined;
    const answer = await files.answer(pathname, context.req.header('accept-encoding') ?? '', { isTenant });
    return answer ?? next();
  });
  app.notFound((context) =>
    sendProblem(
      context,
      new RequestError('not_found', 'There is nothing at this address.'),
      context.get('requestId'),
    ),
  );
  app.onError(async (error, context) => {
    const named = context.get('isOperator') ? await parts.actorNames.inError(error) : error;
    return sendProblem(context, named, context.get('requestId'));
  });
  return app;
}

/** Metrics are only for requests with the token; without a configured token, only for this machine. */
function requireMetricsToken(context: Context<Environment>, token: string | undefined): void {
  const given = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1] ?? '';
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const allowed =
    token === undefined ? isLoopback(context.env.address) : timingSafeEqual(digest(given), digest(token));
  if (allowed) return;
  throw new RequestError('not_found', 'There is nothing at this address.');
}

function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}

/**
 * A path without tokens of links (40 characters or more), which are permissions, and without names of files, which may be
 * personal data.
 */
function withoutLinkTokens(path: string): string {
  return path
    .replace(/^(\/storage\/v1\/object\/((upload|sign|info|list|authenticated|public)\/)*).+/, '$1<name>')
    .replace(/(?<=\/)[\w-]{40,}/g, '<token>');
}

/** Gives each request an id, triggers outbox delivery after changes, logs it without its query (personal data), and times it. */
function observe(parts: ServerDependencies) {
  const outbox = hasServices(parts)
    ? new Outbox(parts, (err, tenantId) => parts.logger.warn({ err, tenantId }, 'outbox not queued'))
    : undefined;
  const notices = new NoticeMails(parts);
  return async (context: Context<Environment>, next: () => Promise<void>) => {
    const given = context.req.header('x-request-id') ?? '';
    const requestId = /^[\w-]{8,64}$/.test(given) ? given : randomUUID();
    context.set('requestId', requestId);
    context.header('x-request-id', requestId);
    const started = performance.now();
    await next();
    const { status } = context.res;
    const { method, path } = context.req;
    const tenantId = context.get('tenantId');
    if (tenantId) context.env.countFor?.(tenantId);
    if (tenantId && status < 400 && !['GET', 'HEAD', 'OPTIONS'].includes(method)) {
      outbox?.nudge(tenantId);
      notices.nudge(tenantId);
    }
    const ms = performance.now() - started;
    parts.metrics.requests.observe({ area: areaOf(path), method, status: String(status) }, ms / 1000);
    const line = {
      ...{ requestId, method, status, ms: Math.round(ms), tenant: context.env.subdomain },
      path: withoutLinkTokens(path),
    };
    if (status >= 500 && context.req.raw.signal.aborted) {
      // The client left, so its statement was cancelled: not a failure of the server.
      parts.logger.info({ ...line, status: 499 }, 'request left by its client');
    } else if (status >= 500)
      parts.logger.error({ ...line, err: context.get('failure') ?? new Error('no cause given') }, 'request');
    else parts.logger.info(line, 'request');
  };
}
