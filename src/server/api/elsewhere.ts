import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { file, json, PUBLIC } from './router';

type Registry = OpenAPIHono['openAPIRegistry'];
type Route = Parameters<Registry['registerPath']>[0];

const page = { description: 'A page.', content: { 'text/html': { schema: z.string() } } };
const Tokens = z
  .object({
    access_token: z.string(),
    token_type: z.literal('bearer'),
    expires_in: z.number(),
    expires_at: z.number(),
    refresh_token: z.string(),
    user: z.record(z.string(), z.unknown()),
  })
  .openapi('Tokens');
const AuthUser = z.record(z.string(), z.unknown());
const State = z.object({ status: z.string() });

/** What this server answers outside of `/api`. */
const ELSEWHERE: Route[] = [
  {
    method: 'post',
    path: '/auth/v1/token',
    tags: ['Tokens'],
    summary: 'Signs in with a password, or renews: as Supabase Auth does.',
    ...PUBLIC,
    request: {
      query: z.object({ grant_type: z.enum(['password', 'refresh_token']) }),
      body: {
        content: {
          'application/json': {
            schema: z.union([
              z.object({ email: z.string(), password: z.string() }),
              z.object({ refresh_token: z.string() }),
            ]),
          },
        },
      },
    },
    responses: { 200: json(Tokens, 'An access token, and one to renew it.') },
  },
  {
    method: 'get',
    path: '/auth/v1/user',
    tags: ['Tokens'],
    summary: 'Who an access token is for.',
    responses: { 200: json(AuthUser, 'The user.') },
  },
  {
    method: 'post',
    path: '/auth/v1/logout',
    tags: ['Tokens'],
    summary: 'Ends every session of the user; with scope=local none.',
    request: { query: z.object({ scope: z.string().optional() }) },
    responses: { 204: { description: 'Ended.' } },
  },
  {
    method: 'get',
    path: '/rest/v1/',
    tags: ['Rows'],
    summary: 'The description of every table and function, and with it of everything below /rest/v1.',
    responses: { 200: json(z.record(z.string(), z.unknown()), 'OpenAPI 2, as PostgREST writes it.') },
  },
  ...(['get', 'post', 'patch', 'put', 'delete'] as const).map(
    (method): Route => ({
      method,
      path: '/rest/v1/{table}',
      tags: ['Rows'],
      summary: `${{ get: 'Reads', post: 'Adds', patch: 'Changes', put: 'Adds or replaces', delete: 'Deletes' }[method]} rows, in PostgREST’s grammar.`,
      request: { params: z.object({ table: z.string() }) },
      responses: {
        [method === 'post' ? 201 : 200]: json(z.array(z.record(z.string(), z.unknown())), 'Rows.'),
      },
    }),
  ),
  ...(['get', 'post'] as const).map(
    (method): Route => ({
      method,
      path: '/rest/v1/rpc/{function}',
      tags: ['Rows'],
      summary:
        method === 'get' ? 'Calls a function that changes nothing.' : 'Calls a function of the business.',
      request: { params: z.object({ function: z.string() }) },
      responses: { 200: json(z.unknown(), 'What it returns.') },
    }),
  ),
  {
    method: 'get',
    path: '/healthz',
    tags: ['Service'],
    summary: 'Whether the process lives.',
    ...PUBLIC,
    responses: { 200: json(State, 'It does.') },
  },
  {
    method: 'get',
    path: '/readyz',
    tags: ['Service'],
    summary: 'Whether requests can be answered.',
    ...PUBLIC,
    responses: { 200: json(State, 'They can.'), 503: json(State, 'They cannot.') },
  },
  {
    method: 'get',
    path: '/metrics',
    tags: ['Service'],
    summary: 'Measurements, for Prometheus.',
    ...PUBLIC,
    responses: { 200: { description: 'Metrics.', content: { 'text/plain': { schema: z.string() } } } },
  },
  {
    method: 'get',
    path: '/docs',
    tags: ['Service'],
    summary: 'This description, to be read.',
    ...PUBLIC,
    responses: { 200: page },
  },
];

/** The same, where links are served. */
const WITH_SERVICES: Route[] = [
  {
    method: 'get',
    path: '/calendar/{file}',
    tags: ['Calendars'],
    summary: 'A calendar at its secret address.',
    ...PUBLIC,
    request: { params: z.object({ file: z.string() }) },
    responses: { 200: file('text/calendar', 'iCalendar.') },
  },
  ...(['get', 'post'] as const).map(
    (method): Route => ({
      method,
      path: '/test-payment',
      tags: ['Payments'],
      summary:
        method === 'get'
          ? 'Plays a payment provider’s page, where test payments are.'
          : 'Pays as a test: no money moves.',
      ...PUBLIC,
      responses:
        method === 'get' ? { 200: page } : { 303: { description: 'Back to where the client came from.' } },
    }),
  ),
];

export function isElsewhere(path: string): boolean {
  return [...ELSEWHERE, ...WITH_SERVICES].some((route) => route.path === path);
}

/** Adds what is answered outside of `/api` to its description. */
export function describeElsewhere(registry: Registry, services: boolean): void {
  for (const route of services ? [...ELSEWHERE, ...WITH_SERVICES] : ELSEWHERE) registry.registerPath(route);
}
