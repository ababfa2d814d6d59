// Every route that the server has, as the server itself lists them: what is added later is walked too.
import { Hono } from 'hono';
import { createApp } from '@/server/app';
import { createLogger, Metrics } from '@/server/observability';

export interface ServerRoute {
  method: string;
  /** With parameters as `:id`, and `*` for any rest. */
  path: string;
}

/** What routes are made from; none is called while they are listed. */
const nothing: unknown = new Proxy(() => nothing, { get: () => nothing, construct: () => nothing as object });

/** Routes that take every method and every address below are in the list with one method and address each. */
const OPEN_ENDED: ServerRoute[] = [
  ...['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].flatMap((method) => [
    { method, path: '/rest/v1/accounts' },
    { method, path: '/rest/v1/rpc/search_records' },
  ]),
  { method: 'GET', path: '/rest/v1' },
  ...['/functions/v1/x', '/graphql/v1', '/auth/v1/authorize', '/auth/v1/sso', '/auth/v1/signup'].map(
    (path) => ({ method: 'POST', path }),
  ),
  { method: 'POST', path: '/realtime/v1/api/broadcast' },
  { method: 'POST', path: '/realtime/v1/api/broadcast/:id/events/x' },
  { method: 'GET', path: '/nothing-is-here' },
];

export function everyRoute(): ServerRoute[] {
  const services = {
    ...{ testPaymentSecret: 'x', mailReportSecret: 'x', openedSecret: 'x', otherOpenedSecrets: [] },
    ...{ secretBox: nothing, storage: nothing, oauthClients: {}, publicUrl: 'https://x.example' },
  };
  const parts = {
    ...{ application: nothing, operations: nothing, manager: nothing, tokens: nothing, signIn: nothing },
    ...{
      people: nothing,
      logger: createLogger('silent'),
      metrics: new Metrics(),
      allowedRedirects: [],
      customerDatabaseNetworks: [],
    },
    services,
    ...{ operator: nothing, tasks: nothing, actorNames: nothing },
  };
  const app = createApp(parts as never, nothing as never, nothing as never, { routes: () => new Hono() });
  const listed = app.routes
    .filter(({ method, path }) => method !== 'ALL' && path !== '/*')
    .map(({ method, path }) => `${method} ${path}`);
  return [
    ...[...new Set(listed)].map((route) => {
      const [method = '', path = ''] = route.split(' ');
      return { method, path };
    }),
    ...OPEN_ENDED,
  ];
}

/** An address of the route. @param value for each of its parameters, written into the address as it is */
export function addressOf({ path }: ServerRoute, value: string): string {
  return path
    .replace(/:\w+\{\.\+\\\.ics\}/, `${value}.ics`)
    .replace(/:\w+\{[^}]*\\\.gif\}/, `${value}.gif`)
    .replace(/:\w+/g, value)
    .replace('*', value);
}
