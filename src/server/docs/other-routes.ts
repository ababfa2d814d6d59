import { type OpenAPIHono, z } from '@hono/zod-openapi';
import { file, json, PUBLIC } from '../api/router';

type Registry = OpenAPIHono['openAPIRegistry'];
type Route = Parameters<Registry['registerPath']>[0];

const Company = z.object({ company: z.string() });
const script = { description: 'A script.', content: { 'text/javascript': { schema: z.string() } } };
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

/** Routes of `/auth/v1` besides `/token`. Bodies and answers are those of Supabase Auth. */
const AUTH: [method: 'get' | 'post' | 'put' | 'delete', path: string, summary: string][] = [
  ['get', '/user', 'Who an access token is for.'],
  ['put', '/user', 'Changes password, email address, name, language or time zone.'],
  ['get', '/reauthenticate', 'Mails a code that confirms such a change in an older session.'],
  ['post', '/logout', 'Ends sessions: scope=global all, others, or local this one.'],
  ['post', '/recover', 'Mails a link and a code to choose a new password.'],
  ['post', '/otp', 'Mails a link and a code to sign in with.'],
  ['post', '/magiclink', 'The older name of /otp.'],
  ['post', '/resend', 'Mails an invitation again.'],
  ['post', '/verify', 'Takes a mailed code, or the token of a mailed link.'],
  ['get', '/verify', 'What a mailed link opens: leads on to an allowed address.'],
  ['post', '/factors', 'Begins to set up an authenticator.'],
  ['post', '/factors/{id}/challenge', 'Begins to show a second factor.'],
  ['post', '/factors/{id}/verify', 'Shows a second factor.'],
  ['delete', '/factors/{id}', 'Takes the authenticator away.'],
  ['get', '/admin/users', 'People of a company, for its service key.'],
  ['post', '/admin/users', 'Makes an account.'],
  ['get', '/admin/users/{id}', 'One account.'],
  ['put', '/admin/users/{id}', 'Changes an account.'],
  ['delete', '/admin/users/{id}', 'Removes an account.'],
  ['get', '/admin/users/{id}/factors', 'An account’s second factors.'],
  ['delete', '/admin/users/{id}/factors/{factor}', 'Takes an account’s authenticator away.'],
  ['post', '/admin/generate_link', 'Makes a link for the company’s own mail.'],
  ['post', '/invite', 'Invites a person by mail.'],
  ['get', '/settings', 'Which ways to sign in there are.'],
  ['get', '/health', 'Whether sign-in is served.'],
  ['get', '/.well-known/jwks.json', 'The keys that verify access tokens.'],
];
const PUBLIC_AUTH = new Set([
  ...[
    '/recover',
    '/otp',
    '/magiclink',
    '/resend',
    '/verify',
    '/settings',
    '/health',
    '/.well-known/jwks.json',
  ],
]);

/** Routes outside of `/api`. */
const ELSEWHERE: Route[] = [
  {
    method: 'post',
    path: '/auth/v1/token',
    tags: ['Tokens'],
    summary: 'Signs in with a password, or renews: as Supabase Auth does.',
    ...PUBLIC,
    request: {
      query: z.object({ grant_type: z.enum(['password', 'refresh_token', 'pkce']) }),
      body: {
        content: {
          'application/json': {
            schema: z.union([
              z.object({ email: z.string(), password: z.string() }),
              z.object({ refresh_token: z.string() }),
              z.object({ auth_code: z.string(), code_verifier: z.string() }),
            ]),
          },
        },
      },
    },
    responses: { 200: json(Tokens, 'An access token, and one to renew it.') },
  },
  ...AUTH.map(
    ([method, path, summary]): Route => ({
      method,
      path: `/auth/v1${path}`,
      tags: ['Tokens'],
      summary,
      ...(PUBLIC_AUTH.has(path) ? PUBLIC : {}),
      responses: { 200: json(AuthUser, 'As Supabase Auth answers.') },
    }),
  ),
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
    summary: 'Whether the process is alive.',
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
    summary: 'Metrics, for Prometheus.',
    ...PUBLIC,
    responses: { 200: { description: 'Metrics.', content: { 'text/plain': { schema: z.string() } } } },
  },
  {
    method: 'get',
    path: '/status',
    tags: ['Service'],
    summary: '/api/service-status as a page.',
    ...PUBLIC,
    responses: { 200: page },
  },
  {
    method: 'get',
    path: '/docs',
    tags: ['Service'],
    summary: 'This description as a page.',
    ...PUBLIC,
    responses: { 200: page },
  },
  {
    method: 'get',
    path: '/docs/connect',
    tags: ['Service'],
    summary: 'How a Supabase client connects.',
    ...PUBLIC,
    responses: { 200: page },
  },
];

/** Routes outside of `/api` that need the services. */
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
  ...(
    [
      ['/book/{company}', 'The public inquiry form of a company, where it is switched on.', page],
      ['/book/{company}/thanks', 'After an inquiry was received.', page],
      ['/book/form.js', 'What the form runs in browsers.', script],
      ['/book/{company}/embed.js', 'Puts the form into a page of the company’s own web site.', script],
    ] as const
  ).map(
    ([path, summary, answer]): Route => ({
      ...{ method: 'get', path, summary, tags: ['Inquiry form'] },
      ...PUBLIC,
      ...(path.includes('{') ? { request: { params: Company } } : {}),
      responses: { 200: answer },
    }),
  ),
  {
    method: 'post',
    path: '/book/{company}',
    tags: ['Inquiry form'],
    summary: 'Sends an inquiry: a form as it was shown, once. Becomes a lead.',
    ...PUBLIC,
    request: { params: Company },
    responses: {
      303: { description: 'Received.' },
      422: { description: 'The form again, with what is wrong.' },
    },
  },
  {
    method: 'get',
    path: '/book/{company}/day',
    tags: ['Inquiry form'],
    summary: 'Whether a day is free, for a form that was shown. Few days a form and address.',
    ...PUBLIC,
    request: { params: Company, query: z.object({ day: z.iso.date(), form: z.string() }) },
    responses: {
      200: json(
        z.object({ state: z.enum(['free', 'likely', 'taken']), text: z.string() }).partial(),
        'Empty where the company does not show it.',
      ),
    },
  },
  {
    method: 'get',
    path: '/mail-opened/{file}',
    tags: ['Mail'],
    summary: 'A picture in a mail: tells that it was opened, where the company counts that.',
    ...PUBLIC,
    request: { params: z.object({ file: z.string() }) },
    responses: { 200: file('image/gif', 'One transparent pixel.') },
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

export function isOtherRoute(path: string): boolean {
  return [...ELSEWHERE, ...WITH_SERVICES].some((route) => route.path === path);
}

/** Adds the routes outside of `/api` to the description. */
export function describeOtherRoutes(registry: Registry, services: boolean): void {
  for (const route of services ? [...ELSEWHERE, ...WITH_SERVICES] : ELSEWHERE) registry.registerPath(route);
}
