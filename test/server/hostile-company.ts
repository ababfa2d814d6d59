// A company with a secret in every place that holds some, and all that its server writes: to look for them.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Agent, type IncomingHttpHeaders, request } from 'node:http';
import { after } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';
import { hashPassword, signLink } from '@/lib/identity';
import { bodyOf, makeDeal, startCompany } from './api/start-company';
import { everyRoute, type ServerRoute } from './every-route';

const AT_ONCE = 16;
export const EVIL = 'evil.example';
/** Answers that go on until the client leaves. */
const STREAMS = new Set(['/api/changes']);

/** All that the process writes: its log, what it prints, and what it traces. */
export let written = '';
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream) as (...given: unknown[]) => boolean;
  stream.write = (...given: unknown[]) => {
    written += String(given[0]);
    return write(...given);
  };
}
const note = (...traced: unknown[]) => {
  written += `span ${JSON.stringify(traced)}\n`;
};
const span = {
  ...{ setAttributes: note, setStatus: note, setAttribute: note, addEvent: note, recordException: note },
  ...{ end: () => {}, isRecording: () => true },
};
trace.setGlobalTracerProvider({
  getTracer: () => ({
    startSpan(...given: unknown[]) {
      note(...given);
      return span;
    },
  }),
} as never);

export const planted = new Map<string, string>();
function plant(what: string, secret: string): string {
  planted.set(what, secret);
  return secret;
}
/** 46 characters, which no route takes for a token of its own. */
export const canary = () => `canary${randomBytes(20).toString('hex')}`;
export const SENT = /canary[0-9a-f]{40}/;

export const company = await startCompany(
  {
    testPaymentSecret: plant('the secret of test payments', canary()),
    mailReportSecret: `whsec_${Buffer.from(plant('the secret of mail reports', canary())).toString('base64')}`,
    openedSecret: plant('the secret of pictures in mails', canary()),
    accountMail: { queue: async (_purpose, _user, page) => void mailed.push(page) },
  },
  {
    logLevel: 'trace',
    log: {
      write(line: string) {
        written += line;
      },
    },
    metricsToken: plant('the token of metrics', canary()),
  },
);
export const mailed: string[] = [];
const { application, operations, tokens, port } = company;
export const deal = await makeDeal(company, 'Hostile');
const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
after(() => agent.destroy());

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

/**
 * With headers that `fetch` would not let through. A machine with too much to do may refuse a request, which is then asked again:
 * one that is refused each time is a fault.
 */
export async function send(
  route: ServerRoute,
  headers: Record<string, string>,
  body?: string,
): Promise<Answer> {
  for (let attempts = 1; ; attempts += 1) {
    const answer = await sendOnce(route, headers, body);
    const wait = answer.status === 503 ? Number(answer.headers['retry-after']) : 0;
    if (!wait || attempts === 5) return answer;
    await setTimeout(wait * 1000);
  }
}

function sendOnce(
  { method, path }: ServerRoute,
  headers: Record<string, string>,
  body?: string,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const sent = request({
      ...{ host: '127.0.0.1', port, method, path, agent, headers: { ...headers, ...length } },
    });
    sent.on('error', reject).on('response', (response) => {
      let text = '';
      const answer = () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      if (response.statusCode === 200 && STREAMS.has(path.split('?')[0] ?? '')) {
        answer();
        sent.destroy();
      }
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', answer).on('error', () => {});
    });
    sent.end(body);
  });
}

/** A token of the owner, whose sessions a walk may have ended. */
export async function bearerOfOwner(): Promise<string> {
  const user = await application.users.find(company.userIds['a:owner'] ?? '');
  assert.ok(user);
  const { id: userId, tenantId, role, tokenVersion } = user;
  return tokens.signAccessToken({ userId, tenantId, role, tokenVersion }, 3600);
}

/** Walks every route, several at a time. */
export async function walk(visit: (route: ServerRoute, index: number) => Promise<void>): Promise<void> {
  const waiting = everyRoute().entries();
  const work = async () => {
    for (const [index, route] of waiting) await visit(route, index);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

export const name = ({ method, path }: ServerRoute) => `${method} ${path}`;
export const takesBody = ({ method }: ServerRoute) => !['GET', 'HEAD', 'OPTIONS'].includes(method);

// Secrets in every place that holds some.
{
  plant('ENCRYPTION_KEY', company.key);
  const userId = company.userIds['a:manager'] ?? '';
  const password = plant('a password', canary());
  await application.users.setPassword(userId, await hashPassword(password));
  const signedIn = await bodyOf<Record<'access_token' | 'refresh_token', string>>(
    await company.ask('anonymous', 'POST', '/t/a/auth/v1/token?grant_type=password', {
      email: 'manager@a.example',
      password,
    }),
    200,
  );
  plant('an access token', signedIn.access_token);
  plant('a refresh token', signedIn.refresh_token);
  const another = company.userIds['a:viewer'] ?? '';
  plant('a second factor', 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP');
  await application.users.setTotpSecret(another, planted.get('a second factor') ?? '');
  const invited = await application.users.find(another);
  assert.ok(invited);
  plant('a link of a mail', await signLink(tokens, 'reset-password', invited));
  for (const kind of ['anon', 'service', 'scoped'] as const) {
    const made = { name: kind, kind, ...(kind === 'scoped' ? { role: 'viewer' } : {}) };
    const { key } = await bodyOf<{ key: string }>(
      await company.ask('a:owner', 'POST', '/api/keys', made),
      201,
    );
    plant(`a ${kind} key`, key);
  }
  const stripe = { secretKey: `sk_test_${canary()}`, webhookSecret: `whsec_${canary()}` };
  await bodyOf(await company.ask('a:owner', 'PUT', '/api/integrations/stripe', stripe), 200);
  plant('a key of Stripe', stripe.secretKey);
  plant('a signing secret of Stripe', stripe.webhookSecret);
  const hook = { url: 'https://hooks.example/1', events: ['quote.sent'] };
  const { secret } = await bodyOf<{ secret: string }>(
    await company.ask('a:owner', 'POST', '/api/webhooks', hook),
    201,
  );
  plant('a webhook’s secret', secret);
  const feed = await bodyOf<{ url: string }>(
    await company.ask('a:staff', 'POST', '/api/calendar-feeds', { name: 'Mine' }),
    201,
  );
  plant('a calendar’s address', /calendar\/([\w-]+)/.exec(feed.url)?.[1] ?? '');
  const offer = await bodyOf<{ url: string }>(
    await company.ask('a:sales', 'POST', `/api/quotes/${deal.quoteId}/send`, {}),
    200,
  );
  plant('a client’s link', offer.url.split('/c/')[1] ?? '');
  for (const { id } of await operations.dataSources.list()) {
    const { routerUrl, moverUrl } = await operations.dataSources.credentials(id);
    for (const url of [routerUrl, moverUrl]) {
      const { username, password: secretOfLogin, searchParams } = new URL(url ?? '');
      plant(`the password of ${username}`, secretOfLogin);
      const seal = searchParams.get('marquee_seal');
      if (seal) plant('the key that seals claims', seal);
    }
  }
  for (const { seed } of await operations.tokenKeys.read()) {
    for (const form of ['hex', 'base64', 'base64url'] as const)
      plant(`a token key as ${form}`, Buffer.from(seed).toString(form));
  }
  assert.ok(
    [...planted.values()].every((one) => one.length >= 32),
    'each can be looked for',
  );
}

/** What an answer must not have. */
export function wrongIn(route: ServerRoute, { status, headers, text }: Answer): string[] {
  const everything = `${JSON.stringify(headers)}\n${text}`;
  const wrong: string[] = [];
  if (status >= 500) wrong.push(`${status} ${text.slice(0, 200)}`);
  if (SENT.test(everything)) wrong.push(`repeats a secret of the request: ${everything.slice(0, 300)}`);
  for (const [what, secret] of planted) if (everything.includes(secret)) wrong.push(`shows ${what}`);
  // PostgREST's errors repeat the names and values of the caller's own call.
  const leading = route.path.startsWith('/rest/') ? JSON.stringify(headers) : everything;
  if (leading.includes(EVIL)) wrong.push(`leads to the attacker: ${everything.slice(0, 300)}`);
  // But for the examples of hints.
  if (/node_modules|postgresql:\/\/(?!user:password@|marquee:<)|\bat \S+\.ts:\d/.test(everything))
    wrong.push('shows the inside');
  const policy = String(headers['content-security-policy']);
  const has: [string, boolean][] = [
    ['an id', /^[\w-]{8,64}$/.test(String(headers['x-request-id']))],
    ['nosniff', headers['x-content-type-options'] === 'nosniff'],
    ['HSTS', /^max-age=31536000/.test(String(headers['strict-transport-security']))],
    ['no referrer', headers['referrer-policy'] === 'no-referrer'],
    ['a policy of caching', headers['cache-control'] !== undefined],
    ['a policy of content', /default-src '(self|none)'/.test(policy)],
    ['no scripts of others', !/unsafe-eval|\*|script-src[^;]*unsafe-inline/.test(policy)],
    [
      'a rule of framing',
      /frame-ancestors|sandbox/.test(policy) ||
        headers['x-frame-options'] !== undefined ||
        /javascript/.test(headers['content-type'] ?? ''),
    ],
    ['a sandbox around rows', !route.path.startsWith('/rest/') || /sandbox/.test(policy)],
    ['a type', text === '' || headers['content-type'] !== undefined],
    [
      'cookies that scripts cannot read',
      (headers['set-cookie'] ?? []).every((cookie) => /HttpOnly/.test(cookie) || /Max-Age=0/.test(cookie)),
    ],
  ];
  for (const [what, is] of has) if (!is) wrong.push(`has not: ${what}`);
  return wrong;
}
