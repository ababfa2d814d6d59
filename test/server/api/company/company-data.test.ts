// Where a company's data are, and the way to a database of its own: script, test, request, the operator's answer.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { readOverview } from '@/lib/fleet/overview';
import { marquee } from '../../../cli/marquee';
import { administer, createTestDatabase } from '../../../support/postgres';
import { startServing } from '../../serving';

const serving = await startServing({ customerDatabaseNetworks: ['127.0.0.0/8'] });
const { application, operations, url, tenantIds } = serving;
const cookies = new Map<string, string>();
for (const role of ['owner', 'viewer']) cookies.set(role, await serving.cookieOf('a', `${role}@a.example`));
await serving.addUser(tenantIds.a, 'admin@a.example', 'admin');
cookies.set('admin', await serving.cookieOf('a', 'admin@a.example'));

async function ask(
  path: string,
  { method = 'GET', body, as = 'owner' }: { method?: string; body?: unknown; as?: string } = {},
) {
  const response = await fetch(`${url}/t/a/api/company-data${path}`, {
    method,
    headers: { 'content-type': 'application/json', origin: url, cookie: cookies.get(as) ?? '' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, text, body: JSON.parse(text) };
}
const post = (path: string, body: unknown, as?: string) =>
  ask(path, { method: 'POST', body, ...(as ? { as } : {}) });

/** As the page composes it: a login that does not exist yet, with a password made up for it. */
const password = randomBytes(24).toString('hex');
const adminUrl = await createTestDatabase('own');
const own = new URL(adminUrl);
own.username = `marquee_${randomBytes(4).toString('hex')}`;
own.password = password;

test('owners and admins see where the data are; never a host that is not theirs', async () => {
  await operations.pool.query(
    `insert into backups (tenant_id, data_source, state, reason, store, data_key, requested_by, as_of, manifest, proven_at)
     select $1, 'x', 'complete', 'scheduled', 'file:///x', admin_url, 'test', make_timestamptz(2026, 11, day, 12, 0, 0), '{}', case when day = 1 then now() end
     from data_sources, generate_series(1, 2) day where name = 'shared'`,
    [tenantIds.a],
  );
  for (const as of ['owner', 'admin']) {
    const { body, text } = await ask('', { as });
    assert.deepEqual([body.kind, body.database, body.requests], ['shared', null, []]);
    assert.match(body.serverVersion, /^PostgreSQL \d+\.\d+$/);
    assert.deepEqual(
      [new Date(body.lastBackupAt).getUTCDate(), new Date(body.lastProvenAt).getUTCDate()].map(Number),
      [new Date('2026-11-02').getUTCDate(), new Date('2026-11-01').getUTCDate()],
    );
    assert.ok(
      !text.includes('127.0.0.1') && !text.includes(new URL(serving.dataSourceUrl).pathname.slice(1)),
    );
  }
  assert.equal((await ask('', { as: 'viewer' })).status, 403);
});

test('only owners ask; the script holds no password, and a URL that names none is refused in words', async () => {
  for (const path of ['/own-database/script', '/own-database/test', '/requests'])
    assert.equal((await post(path, { kind: 'export', url: own.href }, 'admin')).status, 403, path);
  const { status, body } = await post('/own-database/script', { url: own.href });
  assert.equal(status, 200);
  assert.ok(body.script.includes(own.username) && !body.script.includes(password));
  const short = await post('/own-database/script', { url: 'postgresql://marquee:short@db.example/crm' });
  assert.deepEqual([short.status, short.body.code], [409, 'own_database_refused']);
  assert.match(short.body.hint, /password/);
});

test('the test says what is missing until the DBA has run the script; addresses follow the rules', async () => {
  const before = await post('/own-database/test', { url: own.href });
  assert.equal(before.body.code, 'data_source_authentication_refused');
  const early = await post('/requests', { kind: 'own_database', url: own.href });
  assert.deepEqual([early.status, early.body.code], [409, 'own_database_refused']);
  const { body } = await post('/own-database/script', { url: own.href });
  await administer(adminUrl, body.script);
  const after = await post('/own-database/test', { url: own.href });
  assert.ok(after.body.ok, after.text);
  const inner = await post('/own-database/test', { url: 'postgresql://u:p@10.0.0.1/x' });
  assert.equal(inner.body.code, 'data_source_address_refused');
  for (const { text } of [before, early, after, inner]) assert.ok(!text.includes(password));
  // Names of the operator's network read as names that there are none of.
  const told = async (host: string) =>
    JSON.stringify((await post('/own-database/test', { url: `postgresql://u:p@${host}/x` })).body).replaceAll(
      host,
      'HOST',
    );
  assert.match(await told('10.0.0.1'), /HOST leads to no server on the internet/);
  assert.equal(await told('10.0.0.1'), await told('db.invalid'));
});

test('a request is kept encrypted, seen by the operator, approved, and its URL forgotten; nothing has moved', async () => {
  const asked = await post('/requests', { kind: 'own_database', url: own.href, note: 'For our auditors' });
  assert.equal(asked.status, 201, asked.text);
  const again = await post('/requests', { kind: 'own_database', url: own.href });
  assert.deepEqual([again.status, again.body.code], [409, 'customer_request_open']);
  const stored = async () =>
    (await operations.pool.query('select database, customer_requests::text as line from customer_requests'))
      .rows;
  const [row] = await stored();
  assert.match(row.database, /^mq1\./);
  assert.ok(!row.line.includes(own.hostname) && !row.line.includes(password));
  const [part] = await readOverview({ application, operations }, ['requests']);
  assert.equal(part?.items[0]?.next, `marquee request approve ${asked.body.id.slice(0, 8)}`);

  const environment = {
    MARQUEE_STATE_DIRECTORY: '/nonexistent',
    APPLICATION_DATABASE_URL: serving.applicationUrl,
    OPERATIONS_DATABASE_URL: serving.operationsUrl,
    ENCRYPTION_KEY: serving.key,
    CUSTOMER_DATABASE_NETWORKS: '127.0.0.0/8',
  };
  const args = ['request', 'approve', asked.body.id.slice(0, 8), '--name', 'a-own', '--answer', 'Tonight.'];
  const approved = await marquee(args, environment).ended;
  assert.equal(approved.code, 0, approved.stderr);
  assert.match(approved.stdout, /marquee move start a --to a-own/);
  assert.ok(!(approved.stdout + approved.stderr).includes(password));
  const { kind, capacity } = await operations.dataSources.get('a-own');
  assert.deepEqual([kind, capacity], ['byod', 1]);
  assert.equal((await stored())[0].database, null);
  const { body } = await ask('');
  assert.equal(body.kind, 'shared', 'nothing moves by itself');
  assert.deepEqual([body.requests[0].state, body.requests[0].answer], ['done', 'Tonight.']);
  const actions = (await application.audit.list({ tenantId: tenantIds.a, limit: 50 })).map(
    ({ action }) => action,
  );
  for (const action of ['customer_requests.create', 'customer_requests.answer'])
    assert.ok(actions.includes(action as never), action);
  const lines = await administer(serving.applicationUrl, 'select audit_log::text as line from audit_log');
  assert.ok(!JSON.stringify(lines.rows).includes(password));
});

test('an export is asked for, and withdrawn; another company’s request cannot be', async () => {
  const { status, body } = await post('/requests', { kind: 'export' });
  assert.equal(status, 201);
  const foreign = await fetch(`${url}/t/b/api/company-data/requests/${body.id}`, {
    method: 'DELETE',
    headers: { origin: url, cookie: await serving.cookieOf('b', 'owner@b.example') },
  });
  assert.equal(foreign.status, 404);
  const withdrawn = await ask(`/requests/${body.id}`, { method: 'DELETE' });
  assert.equal(withdrawn.body.state, 'withdrawn');
  assert.equal((await ask(`/requests/${body.id}`, { method: 'DELETE' })).status, 404);
});
