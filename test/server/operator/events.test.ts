// What the operator's console is told as it happens, and who may hear it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SignIn } from '@/lib/identity';
import { Sessions } from '@/lib/identity/sessions';
import { LiveSubjects } from '@/server/operator/live-subjects';
import { until } from '../../support/until';
import { PASSWORD, startServing } from '../serving';

const serving = await startServing();
const { application, operations, url, tenantIds } = serving;

async function signIn(email: string, code?: string): Promise<string> {
  const response = await fetch(`${url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: url },
    body: JSON.stringify({ email, password: PASSWORD, ...(code ? { code } : {}) }),
  });
  assert.equal(response.status, 200, await response.clone().text());
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}

/** A stream, and what came of it so far. */
async function watch(cookie: string) {
  const abort = new AbortController();
  const headers = { cookie, accept: 'text/event-stream' };
  const response = await fetch(`${url}/api/operator/events`, { headers, signal: abort.signal });
  assert.equal(response.status, 200);
  const stream = { text: '', ended: false, end: () => abort.abort() };
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) stream.text += decoder.decode(chunk, { stream: true });
  };
  void read()
    .catch(() => {})
    .finally(() => {
      stream.ended = true;
    });
  await until(() => stream.text.includes('event: ready'), 'the stream to be ready');
  return stream;
}

const told = (stream: { text: string }, subject: string) =>
  until(() => stream.text.includes(`event: change\ndata: ${subject}\n`), `${subject} to be announced`);

test('changes of tenants, data sources and alerts are announced by their subject', async () => {
  const { code } = await serving.addOperator('eva@marquee.example', 'engineer');
  const stream = await watch(await signIn('eva@marquee.example', code()));
  await application.tenants.setStatus(tenantIds.b, 'suspended');
  await told(stream, 'tenants');
  const source = await operations.dataSources.get('shared');
  await operations.pool.query('update data_sources set notes = $2 where id = $1', [source.id, 'a note']);
  await told(stream, 'sources');
  await operations.pool.query(
    `insert into alerts (rule, severity, cause, title) values ('rule', 'notice', 'cause', 'title')`,
  );
  await told(stream, 'alerts');
  assert.ok(!stream.text.includes('data: health'), 'nothing of health has changed');
  await application.tenants.setStatus(tenantIds.b, 'active');
  stream.end();
});

test('a stream ends when the operator’s role changes, and with the session', async () => {
  const { id, code } = await serving.addOperator('otto@marquee.example', 'engineer');
  const cookie = await signIn('otto@marquee.example', code());
  const stream = await watch(cookie);
  await application.users.update(id, { role: 'operator', operatorRole: 'auditor' });
  await until(() => stream.ended, 'the stream to end');
});

test('a company’s user and an operator without a second factor hear nothing', async () => {
  await serving.addUser(null, 'new@marquee.example', 'operator');
  const cookie = await signIn('new@marquee.example');
  const refused = await fetch(`${url}/api/operator/events`, { headers: { cookie } });
  assert.equal(refused.status, 403);
  const self = await fetch(`${url}/api/operator/me`, { headers: { cookie } });
  assert.equal((await self.json()).secondFactor, false);
  const owner = await serving.cookieOf('a', 'owner@a.example');
  for (const path of ['events', 'me', 'tenants']) {
    const answer = await fetch(`${url}/t/a/api/operator/${path}`, { headers: { cookie: owner } });
    assert.equal(answer.status, 403, path);
  }
});

test('a tenant is made with its first owner, suspended by name of the operator, and resumed', async () => {
  const { id, code } = await serving.addOperator('ed@marquee.example', 'engineer');
  const headers = {
    cookie: await signIn('ed@marquee.example', code()),
    origin: url,
    'content-type': 'application/json',
  };
  const post = async (path: string, body: object) => {
    const answer = await fetch(`${url}/api/operator${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    return { status: answer.status, ...(await answer.json()) };
  };
  const wish = { name: 'Newcomer', subdomain: 'newcomer', source: 'shared' };
  const refused = await post('/tenants', { ...wish, owner: 'no address' });
  assert.deepEqual([refused.status, refused.code], [422, 'email_invalid']);
  const { tenant, owner } = await post('/tenants', { ...wish, owner: 'ann@newcomer.example' });
  assert.equal(owner.email, 'ann@newcomer.example');
  assert.ok(owner.password.length >= 10);
  const gone = crypto.randomUUID();
  const outcome = await post('/tenants/suspension', { tenants: [gone, tenant.id], suspended: true });
  assert.deepEqual([outcome.changed, outcome.failed[0]?.id], [1, gone]);
  const page = await (await fetch(`${url}/api/operator/tenants/newcomer`, { headers })).json();
  assert.deepEqual([page.status, page.source, page.backup.lastAt], ['suspended', 'shared', null]);
  const [record] = await application.audit.list({ tenantId: tenant.id, limit: 1 });
  assert.equal(record?.actor, `user:${id}`);
  await post('/tenants/suspension', { tenants: [tenant.id], suspended: false });
  await application.tenants.remove(tenant.id);
});

test('data sources and what needs attention are read with what is known of each', async () => {
  const { code } = await serving.addOperator('ute@marquee.example', 'auditor');
  const cookie = await signIn('ute@marquee.example', code());
  const read = async (path: string) =>
    (await fetch(`${url}/api/operator${path}`, { headers: { cookie } })).json();
  const { rows, total } = await read('/data-sources?search=sha&sort=tenants');
  assert.deepEqual([total, rows[0]?.name, rows[0]?.tenants], [1, 'shared', 2]);
  assert.equal((await read('/data-sources?health=healthy')).total, 0, 'nothing was probed yet');
  const one = await read('/data-sources/shared');
  assert.deepEqual([one.replicas, one.oldLogins], [[], []]);
  assert.ok(!JSON.stringify(one).includes('postgres://'));
  const attention = await read('/attention');
  assert.ok(attention.parts.some(({ name }: { name: string }) => name === 'sources'));
  const unseen = attention.items.find(({ subject }: { subject: string }) => subject === 'shared');
  assert.deepEqual([unseen?.state, unseen?.place], ['unknown', 'shared']);
});

test('who acts is said with what the role allows', async () => {
  const { code } = await serving.addOperator('sue@marquee.example', 'support');
  const cookie = await signIn('sue@marquee.example', code());
  const self = await (await fetch(`${url}/api/operator/me`, { headers: { cookie } })).json();
  assert.equal(self.role, 'support');
  assert.ok(self.permissions.includes('tenants.read') && !self.permissions.includes('tenants.change'));
});

test('tenants are listed in parts, searched and sorted', async () => {
  const { code } = await serving.addOperator('ada@marquee.example', 'auditor');
  const cookie = await signIn('ada@marquee.example', code());
  const list = async (query: string) =>
    (await fetch(`${url}/api/operator/tenants?${query}`, { headers: { cookie } })).json();
  const names = ({ rows }: { rows: { name: string }[] }) => rows.map(({ name }) => name);
  assert.deepEqual(names(await list('descending=true')), ['Company b', 'Company a']);
  const second = await list('offset=1&limit=1');
  assert.deepEqual([second.total, names(second)], [2, ['Company b']]);
  assert.deepEqual(names(await list('search=Y+A')), ['Company a']);
  assert.deepEqual(names(await list('source=shared&status=suspended')), []);
  assert.deepEqual(names(await list('source=unknown')), []);
});

test('a page without its user keeps no session in use; one request looks the session up once', async (context) => {
  const { id, code } = await serving.addOperator('ida@marquee.example', 'owner');
  const cookie = await signIn('ida@marquee.example', code());
  const touch = context.mock.method(Sessions.prototype, 'touch');
  const recognize = context.mock.method(SignIn.prototype, 'recognize');
  const read = async (path: string, headers = {}) => {
    recognize.mock.resetCalls();
    const answer = await fetch(`${url}/api${path}`, { headers: { cookie, ...headers } });
    assert.ok(answer.status < 500, `${path}: ${answer.status}`);
    await answer.body?.cancel();
    return recognize.mock.callCount();
  };
  const unusedFor = (minutes: number) =>
    operations.pool.query(
      'update sessions set last_used_at = now() - make_interval(mins => $2) where user_id = $1',
      [id, minutes],
    );
  await unusedFor(50);
  const stream = await watch(cookie);
  await read('/operator/tenants', { 'x-marquee-idle': '120' });
  assert.equal(touch.mock.callCount(), 0, 'by the page alone');

  const { paths } = (await (await fetch(`${url}/api/openapi.json`)).json()) as {
    paths: Record<string, { get?: object }>;
  };
  const lists = Object.keys(paths).filter(
    (path) => path.startsWith('/operator/') && paths[path]?.get && !/[{]|events$/.test(path),
  );
  assert.ok(lists.length > 15);
  for (const path of lists) assert.equal(await read(path, { 'x-marquee-idle': '3' }), 1, path);
  assert.equal(touch.mock.callCount(), 1, 'by its user, written once a minute');

  await unusedFor(61);
  await application.announceUser(id);
  await until(() => stream.ended, 'the stream to end with the session');
});

test('where one database cannot be listened to, no connection to the other one stays open', async () => {
  let open = 0;
  const live = new LiveSubjects({
    application: {
      listenToRoutes: async () => {
        open += 1;
        return {
          close: async () => {
            open -= 1;
          },
        };
      },
    },
    operations: { listenToSubjects: () => Promise.reject(new Error('too many connections')) },
  });
  for (let attempt = 0; attempt < 3; attempt += 1)
    await assert.rejects(
      live.watch(() => {}),
      /too many connections/,
    );
  assert.equal(open, 0);
});
