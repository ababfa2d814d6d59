// The application database as a Supabase project that is reached through its REST API only. The far end is a stand-in: a second Marquee's
// REST API over an application database, with a project's roles, keys and limit of rows (test/support/supabase-project.ts).
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import path from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type ApplicationDatabase,
  ApplicationError,
  migrateApplicationDatabase,
  openApplicationDatabase,
  projectScript,
} from '@/lib/application';
import { administer, createTestDatabase } from '../../support/postgres';
import { startSupabaseProject } from '../../support/supabase-project';
import { testSecretBox } from './application-database';
// Everything that the room can do, it can do over REST: these tests run so from here.
import './reach-over-rest';
import './audit.test';
import './audit-chain.test';
import './tenants.test';
import './users.test';

const url = await createTestDatabase('application');
const notificationsUrl = await createTestDatabase('operations');
const project = await startSupabaseProject(url);
const secretBox = testSecretBox();
const place = { project: { url: project.url, serviceKey: project.serviceKey }, notificationsUrl };

function open(
  more: { url?: string; serviceKey?: string; notificationsUrl?: string | undefined } = {},
): ApplicationDatabase {
  const { notificationsUrl: notifications = notificationsUrl, ...reached } = more;
  const opened = openApplicationDatabase({
    ...{ project: { ...place.project, ...reached }, notificationsUrl: notifications, secretBox },
    author: { actor: 'test' },
  });
  after(() => opened.close());
  return opened;
}

const until = async (holds: () => boolean | Promise<boolean>) => {
  for (const end = Date.now() + 60_000; !(await holds()); await sleep(20))
    assert.ok(Date.now() < end, 'in time');
};

const application = open();

test('a project without the tables says what to run; that script makes them, again changes nothing', async () => {
  await assert.rejects(migrateApplicationDatabase(place), {
    code: 'application_project_not_set_up',
    hint: /marquee migrate --script/,
  });
  const script = await projectScript();
  await administer(url, script);
  await administer(url, script);
  await until(() =>
    application.ping().then(
      () => true,
      () => false,
    ),
  );
  const { applied, functions } = await migrateApplicationDatabase(url);
  assert.deepEqual([applied, functions], [[], 0]);
  assert.deepEqual((await migrateApplicationDatabase(place)).applied, []);
});

test('the script brings a project of an earlier version to this one, and refuses one of a later', async () => {
  const earlier = await createTestDatabase('application');
  const script = await projectScript();
  await administer(earlier, script);
  await administer(
    earlier,
    "update marquee.function_files set checksum = 'earlier' where path = 'audit.sql'",
  );
  await administer(earlier, 'drop function marquee.append_checkpoint');
  await administer(earlier, 'create function public.marquee_of_before() returns int language sql return 1');
  await administer(earlier, script);
  const { rows } = await administer(
    earlier,
    `select path from marquee.function_files where superseded_at is not null
     union all select proname from pg_proc where proname = 'marquee_of_before'`,
  );
  assert.deepEqual(rows, [{ path: 'audit.sql' }]);
  assert.equal(
    (await administer(earlier, "select to_regproc('marquee.append_checkpoint') is not null made")).rows[0]
      .made,
    true,
  );
  await administer(
    earlier,
    "insert into marquee.migrations (version, name, checksum) values (9999, 'later', 'x')",
  );
  await assert.rejects(administer(earlier, script), /newer Marquee/);
});

test('every group of statements is published, and nothing else', async () => {
  const root = path.resolve(import.meta.dirname, '../../../src/lib/application');
  const subjects = ['secrets'];
  for await (const file of glob('**/*.ts', { cwd: root })) {
    const source = await readFile(path.join(root, file), 'utf8');
    subjects.push(...[...source.matchAll(/ statements\('(\w+)'/g)].map(([, subject]) => String(subject)));
  }
  const { rows } = await administer(
    url,
    "select proname from pg_proc where pronamespace = 'public'::regnamespace",
  );
  const functions = rows.map(({ proname }) => String(proname));
  const isOf = (name: string, subject: string) => name.startsWith(`marquee_${subject}_`);
  // Notifications go over PostgreSQL.
  const missing = subjects.filter((one) => one !== 'session' && !functions.some((name) => isOf(name, one)));
  const unknown = functions.filter((name) => !subjects.some((one) => isOf(name, one)));
  assert.deepEqual([missing, unknown], [[], ['marquee_version']]);
});

test('a change and its audit record stand in one transaction, with who made it', async () => {
  const by = { actor: `user:${randomUUID()}`, requestId: 'request', address: '192.0.2.1' };
  const { id } = await application.tenants.create({ name: 'One', subdomain: 'one' }, by);
  await assert.rejects(application.tenants.create({ name: 'Two', subdomain: 'one' }, by), {
    code: 'subdomain_taken',
  });
  const records = await application.audit.list({ entity: 'tenants' });
  assert.deepEqual(
    records.map(({ actor, requestId, address, action, entityId }) => ({
      actor,
      requestId,
      address,
      action,
      entityId,
    })),
    [{ ...by, action: 'tenants.insert', entityId: id }],
  );
  assert.ok(records[0]?.occurredAt instanceof Date);
  assert.ok((await application.tenants.get(id)).createdAt instanceof Date);
});

test('only the service key may call the functions, and no key may read or write the tables otherwise', async () => {
  const call = (key: string, path: string, init: RequestInit = {}) =>
    fetch(`${project.url}/rest/v1${path}`, {
      ...init,
      headers: { apikey: key, authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    });
  const authenticated = await project.sign({ role: 'authenticated', sub: randomUUID() });
  for (const bearer of [project.anonKey, authenticated]) {
    for (const path of [
      '/tenants',
      '/users',
      '/audit_log',
      '/rpc/marquee_tenant_list',
      '/rpc/marquee_version',
    ]) {
      const isCall = path.startsWith('/rpc');
      const answer = await fetch(`${project.url}/rest/v1${path}`, {
        method: isCall ? 'POST' : 'GET',
        headers: {
          apikey: project.anonKey,
          authorization: `Bearer ${bearer}`,
          'content-type': 'application/json',
        },
        ...(isCall ? { body: path.endsWith('list') ? '{"given":[],"author":{}}' : '{}' } : {}),
      });
      assert.ok([401, 403, 404].includes(answer.status), `${path}: ${answer.status}`);
    }
  }
  for (const method of ['PATCH', 'DELETE']) {
    const answer = await call(project.serviceKey, '/audit_log?id=gt.0', {
      method,
      ...(method === 'PATCH' ? { body: '{"actor":"x"}' } : {}),
    });
    assert.equal(answer.status, 403, method);
  }
  assert.deepEqual(await application.audit.weaknesses(), []);
  const { rows } = await administer(
    url,
    "select proname from pg_proc where pronamespace = 'public'::regnamespace and prosecdef",
  );
  assert.deepEqual(rows, []);
});

test('changes of routes and users are heard, also those made in the SQL editor', async () => {
  const other = open();
  const heard: (string | undefined)[] = [];
  const users: (string | undefined)[] = [];
  const schemas: string[] = [];
  const listening = await application.listenToRoutes(
    (id) => heard.push(id),
    (id) => schemas.push(id),
  );
  const listeningToUsers = await application.listenToUsers((id) => users.push(id));
  const { id } = await other.tenants.create({ name: 'Heard', subdomain: 'heard', status: 'active' });
  await until(() => heard.includes(id));
  const user = await other.users.create({
    tenantId: id,
    email: 'a@example.com',
    displayName: 'A',
    role: 'owner',
  });
  await until(() => users.includes(user.id));
  const source = randomUUID();
  await other.announceSchema(source);
  await until(() => schemas.includes(source));
  heard.length = 0;
  await administer(url, "update tenants set status = 'suspended' where id = $1", [id]);
  await until(() => heard.includes(id));
  heard.length = 0;
  await administer(url, 'delete from tenants where id = $1', [id]);
  await until(() => heard.includes(id));
  await Promise.all([listening.close(), listeningToUsers.close()]);
});

test('screens and relayed messages reach other processes', async () => {
  const other = open();
  const changes: (string | undefined)[] = [];
  const relayed: string[] = [];
  const tenantId = randomUUID();
  const closing = [
    await application.listenToChanges((id) => changes.push(id)),
    await application.listenToRelay((message) => relayed.push(String(message))),
  ];
  other.announceChange(tenantId);
  other.relay(Buffer.from('hello'));
  await until(() => changes.includes(tenantId) && relayed.includes('hello'));
  await Promise.all(closing.map((listening) => listening.close()));
});

test('a place is taken before it is prepared, and given back where that fails', async () => {
  const { id } = await application.tenants.create({ name: 'Placed', subdomain: 'placed', status: 'active' });
  const dataSourceId = randomUUID();
  const place = {
    dataSourceId,
    engine: 'postgresql',
    url: 'postgresql://h/d',
    anonKey: null,
    serviceKey: null,
  } as const;
  const to = { ...place, expectedEpoch: '1' };
  const seen: string[] = [];
  const failing = application.tenants.setDataSource(id, to, undefined, async (moved) => {
    const { status, dataSourceId } = await application.tenants.get(id);
    seen.push(status, String(dataSourceId), moved.routeEpoch);
    throw new Error('no room');
  });
  await assert.rejects(failing, /no room/);
  assert.deepEqual(seen, ['provisioning', to.dataSourceId, '2']);
  const now = await application.tenants.get(id);
  assert.deepEqual([now.dataSourceId, now.status], [null, 'active']);
  const placed = await application.tenants.setDataSource(
    id,
    { ...to, expectedEpoch: now.routeEpoch },
    undefined,
    async () => {},
  );
  assert.deepEqual([placed.dataSourceId, placed.status], [to.dataSourceId, 'active']);
});

test('passkeys, single sign-on, second factors and secrets stand in the project as they do elsewhere', async () => {
  const tenant = await application.tenants.create({ name: 'Whole', subdomain: 'whole' });
  const user = await application.users.create({
    tenantId: tenant.id,
    email: 'w@example.com',
    displayName: 'W',
    role: 'owner',
  });
  const passkey = {
    id: 'k',
    publicKey: 'p',
    counter: 1,
    transports: [],
    name: 'Key',
    createdAt: '2026-01-01T00:00:00Z',
    lastUsedAt: null,
  };
  assert.equal(await application.passkeys.add(user.id, passkey, 2), true);
  assert.equal(await application.passkeys.add(user.id, passkey, 2), false);
  assert.equal(await application.passkeys.use(user.id, 'k', 1), false);
  assert.equal(await application.passkeys.use(user.id, 'k', 2), true);
  assert.equal((await application.passkeys.list(user.id))[0]?.counter, 2);
  assert.equal(await application.passkeys.remove(user.id, 'k'), true);
  const settings = { issuer: 'https://id.example.com', clientId: 'c', label: 'ID', roleClaim: '', roles: [] };
  const signOn = { ...settings, defaultRole: null, createsUsers: false, required: false };
  await application.singleSignOn.set(tenant.id, signOn, 'the secret');
  assert.deepEqual(await application.singleSignOn.find(tenant.id), signOn);
  assert.equal(await application.singleSignOn.secret(tenant.id), 'the secret');
  assert.equal(await application.users.beginTotp(user.id, 'JBSWY3DPEHPK3PXP'), true);
  await application.users.confirmTotp(user.id, ['a"{}\\b', 'c']);
  assert.equal(await application.users.takeRecoveryCode(user.id, 'a"{}\\b'), true);
  assert.equal(await application.users.takeTotpStep(user.id, 5), true);
  assert.equal(await application.users.takeTotpStep(user.id, 5), false);
  const names: string[] = [];
  for (const store of application.secretStores()) {
    for await (const page of store.pages(assert.fail)) {
      if (page.length > 0) names.push(store.name);
      assert.equal(
        await store.replace(page.map((one) => ({ ...one, rewritten: one.envelope }))),
        page.length,
      );
    }
  }
  assert.ok(
    names.includes('tenants.single_sign_on_secret') && names.includes('users.totp_secret'),
    String(names),
  );
});

const CANARY = 'canary-of-the-answer';
const REFUSED: [
  what: string,
  code: string,
  hint: RegExp,
  answer: Awaited<ReturnType<NonNullable<typeof project.instead>>>,
][] = [
  ['a paused project', 'application_project_paused', /dashboard/, { status: 540, body: `<html>${CANARY}` }],
  [
    'a gateway without a project',
    'application_database_unreachable',
    /paused/,
    { status: 503, body: `<html>${CANARY}` },
  ],
  ['a broken connection', 'application_database_unreachable', /NEXT_PUBLIC_SUPABASE_URL/, 'destroy'],
  [
    'a redirect',
    'application_database_unreachable',
    /NEXT_PUBLIC_SUPABASE_URL/,
    { status: 307, headers: { location: 'https://example.com/' } },
  ],
  ['a web page', 'application_project_invalid', /supabase\.co/, { status: 200, body: `<html>${CANARY}` }],
  [
    'a missing page',
    'application_project_invalid',
    /supabase\.co/,
    { status: 404, body: `{"message":"${CANARY}"}` },
  ],
  ['no rows', 'application_project_invalid', /supabase\.co/, { status: 200, body: `{"rows":"${CANARY}"}` }],
  [
    'a database that is away',
    'application_database_unreachable',
    /healthy/,
    { status: 503, body: '{"code":"PGRST001","message":"no connection"}' },
  ],
  [
    'an expired key',
    'application_key_refused',
    /clock/,
    { status: 401, body: `{"code":"PGRST303","message":"JWT expired ${CANARY}"}` },
  ],
  [
    'a key of the future',
    'application_key_refused',
    /clock/,
    { status: 401, body: '{"code":"PGRST303","message":"JWT issued at future"}' },
  ],
  [
    'too many requests',
    'application_project_busy',
    /120 s/,
    { status: 429, headers: { 'retry-after': '120' }, body: '{}' },
  ],
];

test('what a project answers instead of rows is a typed error that repeats nothing of it', async () => {
  for (const [what, code, hint, answer] of REFUSED) {
    project.instead = () => answer;
    await assert.rejects(application.tenants.list(), (error: ApplicationError) => {
      assert.ok(error instanceof ApplicationError, `${what}: ${error}`);
      assert.deepEqual(
        [error.code, hint.test(error.hint ?? '')],
        [code, true],
        `${what}: ${error.code} ${error.hint}`,
      );
      const said = `${error.message} ${error.hint} ${error.stack}`;
      for (const secret of [CANARY, project.serviceKey]) assert.ok(!said.includes(secret), what);
      return true;
    });
  }
  project.instead = undefined;
});

test('a wrong key, a key for browsers and a wrong URL are refused by name', async () => {
  assert.throws(() => open({ serviceKey: project.anonKey }), {
    code: 'application_key_refused',
    hint: /for browsers/,
  });
  assert.throws(() => open({ serviceKey: 'sb_publishable_x' }), { code: 'application_key_refused' });
  await assert.rejects(open({ serviceKey: 'sb_secret_x' }).ping(), { code: 'application_key_refused' });
  for (const wrong of ['project', 'ftp://project', 'https://user:password@project'])
    assert.throws(() => open({ url: wrong }), { code: 'application_project_invalid' });
  await assert.rejects(open({ url: 'http://127.0.0.1:1' }).ping(), {
    code: 'application_database_unreachable',
  });
});

test('a refusal for too many requests is waited out, for changes too', async () => {
  let refusals = 2;
  project.instead = () =>
    refusals-- > 0 ? { status: 429, headers: { 'retry-after': '0' }, body: '{}' } : undefined;
  const { id } = await application.tenants.create({ name: 'Patient', subdomain: 'patient' });
  project.instead = undefined;
  assert.equal((await application.audit.list({ entityId: id })).length, 1);
});

test('an answer that is too large is given up', async () => {
  const body = `["${'x'.repeat(65 * 1024 * 1024)}"]`;
  project.instead = () => ({ status: 200, body });
  await assert.rejects(application.tenants.list(), { code: 'application_project_invalid', message: /64 MB/ });
  project.instead = undefined;
});

test('functions of another version are not used', async () => {
  await administer(
    url,
    "create or replace function public.marquee_version() returns text language sql stable return 'another'",
  );
  await assert.rejects(application.ping(), {
    code: 'application_project_not_set_up',
    message: /another version/,
  });
  await assert.rejects(migrateApplicationDatabase(place), { code: 'application_project_not_set_up' });
  await administer(url, await projectScript());
  await until(() =>
    application.ping().then(
      () => true,
      () => false,
    ),
  );
});
