import assert from 'node:assert/strict';
import { test } from 'node:test';
import { administer } from '../support/postgres';
import { apiKeyOf } from './api-key';
import { startServing } from './serving';

const serving = await startServing({}, 200);
const { tenantIds, dataSourceUrl, url } = serving;
const asB = await serving.supabase('b', 'owner@b.example');

/** Everything of A's, to show that nothing has changed it. */
async function rowsOfA() {
  const { rows } = await administer(
    dataSourceUrl,
    `select 'account' as kind, id, name, version from accounts where tenant_id = $1
     union all select 'contact', id, last_name, version from contacts where tenant_id = $1 order by 1, 3`,
    [tenantIds.a],
  );
  return rows;
}
const before = await rowsOfA();
const accountOfA = before.find((row) => row.kind === 'account')?.id;

test('a signed-in user of B reads B, and B alone', async () => {
  const { data, error } = await asB.from('accounts').select('name, tenant_id').order('name');
  assert.equal(error, null);
  assert.deepEqual(data, [
    { name: 'First of b', tenant_id: tenantIds.b },
    { name: 'Second of b', tenant_id: tenantIds.b },
  ]);
});

for (const [name, read] of Object.entries({
  'a filter on the tenant': () => asB.from('accounts').select().eq('tenant_id', tenantIds.a),
  'a filter on the id': () => asB.from('accounts').select().eq('id', accountOfA),
  'a negated filter': () => asB.from('accounts').select().neq('tenant_id', tenantIds.b),
  'an or of both tenants': () =>
    asB.from('accounts').select().or(`tenant_id.eq.${tenantIds.a},name.like.*of a`),
  'a filter inside an or, negated': () =>
    asB.from('accounts').select().or(`not.and(tenant_id.eq.${tenantIds.b})`),
  'SQL in a value': () => asB.from('accounts').select().eq('name', "' or tenant_id is not null --"),
  'an embedded resource': () =>
    asB.from('accounts').select('*, contact_accounts!inner(*, contacts!inner(*))').eq('name', 'First of a'),
})) {
  test(`nothing of A is read by ${name}`, async () => {
    const { data } = await read();
    assert.deepEqual(data ?? [], []);
  });
}

for (const table of ['fence', 'tenants', 'users', 'pg_roles', 'pg_authid', 'migrations']) {
  test(`there is no way to the relation ${table}`, async () => {
    const { error, status } = await asB.from(table).select();
    assert.ok(error);
    assert.ok(status === 404 || status === 403, `status ${status}`);
  });
}

for (const schema of ['tenancy', 'pg_catalog', 'information_schema']) {
  test(`the schema ${schema} is not exposed`, async () => {
    const { error } = await asB.schema(schema).from('fence').select();
    assert.equal(error?.code, 'PGRST106');
  });
}

test('no cast and no system column tells of the server’s roles, tables and other rows', async () => {
  const types = [
    'regrole',
    'RegClass',
    '_regproc',
    'regnamespace array',
    'pg_proc',
    'aclitem',
    'oid::regtype',
  ];
  for (const type of types) {
    for (const select of [`name::${type}`, `shown:name.max()::${type}`]) {
      const { data, error } = await asB.from('accounts').select(select as 'id');
      assert.deepEqual(data, null);
      assert.match(error?.code ?? '', /^(42501|PGRST100)$/, `${select}: ${error?.message}`);
    }
  }
  for (const column of ['xmin', 'ctid', 'tableoid']) {
    const asked = [
      asB.from('accounts').select(column as 'id'),
      asB.from('contacts').select(`id,contact_accounts(accounts(${column}))` as 'id'),
      asB
        .from('accounts')
        .select('id')
        .order(column as 'id'),
      asB
        .from('accounts')
        .select('id')
        .not(column as 'id', 'is', null),
      asB.from('accounts').select('id').or(`and(name.eq.a,${column}.not.is.null)`),
    ];
    for (const { error } of await Promise.all(asked)) assert.equal(error?.code, '42501', column);
  }
  const { data } = await asB
    .from('accounts')
    .select('name::varchar,created_at::date,version::numeric')
    .limit(1);
  assert.equal(data?.length, 1);
});

for (const [name, call] of Object.entries({
  'tenancy.enter': {
    function: 'enter',
    body: { tenant: tenantIds.a, epoch: 1, role: 'tenant_service', claims: '{}', read_only: false },
  },
  set_config: {
    function: 'set_config',
    body: { setting_name: 'request.jwt.claims', new_value: '{}', is_local: true },
  },
  open_fence: { function: 'open_fence', body: { tenant: tenantIds.a, epoch: 9 } },
  close_fence: { function: 'close_fence', body: { tenant: tenantIds.a, reason: 'no' } },
})) {
  test(`rpc/${name} is not to be had`, async () => {
    const { error, status } = await asB.rpc(call.function, call.body);
    assert.ok(error);
    assert.equal(status, 404);
  });
}

for (const [name, write] of Object.entries({
  'inserting as A': () => asB.from('accounts').insert({ name: 'Mine now', tenant_id: tenantIds.a }),
  'upserting over A’s row': () =>
    asB.from('accounts').upsert({ id: accountOfA, tenant_id: tenantIds.a, name: 'Mine now' }),
  'moving B’s rows to A': () =>
    asB.from('accounts').update({ tenant_id: tenantIds.a }).eq('name', 'First of b'),
  'pointing into A': () => asB.from('opportunities').insert({ name: 'Reach', account_id: accountOfA }),
})) {
  test(`${name} is refused`, async () => {
    const { error } = await write();
    assert.ok(error, 'an error');
    assert.ok(
      ['42501', '23503', 'MQ004', 'tenant_mismatch', '23514', '23502'].includes(error.code),
      error.code,
    );
  });
}

test('updating or deleting A’s rows by id touches none', async () => {
  const updated = await asB.from('accounts').update({ name: 'Mine now' }).eq('id', accountOfA).select();
  assert.deepEqual(updated.data ?? [], []);
  const deleted = await asB.from('accounts').delete().eq('tenant_id', tenantIds.a).select();
  assert.deepEqual(deleted.data ?? [], []);
});

test('a stale epoch reads and writes nothing: the database itself refuses the old route', async () => {
  const epochs = await administer(dataSourceUrl, 'select epoch from tenancy.fence where tenant_id = $1', [
    tenantIds.b,
  ]);
  await administer(dataSourceUrl, 'update tenancy.fence set epoch = epoch + 5 where tenant_id = $1', [
    tenantIds.b,
  ]);
  try {
    // The client would try a read again three times before it says so.
    const token = (await asB.auth.getSession()).data.session?.access_token;
    const read = await fetch(`${url}/rest/v1/accounts`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(read.status, 503);
    assert.match(await read.text(), /"tenant_moving"/);
    const written = await asB.from('accounts').insert({ name: 'Late' });
    assert.equal(written.status, 503);
    assert.equal(written.error?.code, 'tenant_moving');
  } finally {
    const old = [epochs.rows[0]?.epoch, tenantIds.b];
    await administer(dataSourceUrl, 'update tenancy.fence set epoch = $1 where tenant_id = $2', old);
  }
  const again = await asB.from('accounts').select('name').eq('name', 'Late');
  assert.deepEqual(again.data, []);
});

test('B’s token is refused at A’s address, and A’s key does not widen B’s token', async () => {
  const token = (await asB.auth.getSession()).data.session?.access_token;
  const authorization = `Bearer ${token}`;
  const atA = await fetch(`${url}/t/a/rest/v1/accounts`, { headers: { authorization } });
  assert.equal(atA.status, 401);
  const apikey = await apiKeyOf(serving.operations, tenantIds.a, 'service');
  const mixed = await fetch(`${url}/rest/v1/accounts?select=tenant_id`, {
    headers: { authorization, apikey },
  });
  assert.deepEqual(
    new Set((await mixed.json()).map((row: { tenant_id: string }) => row.tenant_id)),
    new Set([tenantIds.b]),
  );
});

test('a token whose signature or claims were tampered with is refused', async () => {
  const token = (await asB.auth.getSession()).data.session?.access_token ?? '';
  const [head, body = '', signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(body, 'base64url').toString());
  claims.tenant_id = tenantIds.a;
  const forged = Buffer.from(JSON.stringify(claims)).toString('base64url');
  const none = Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url');
  for (const bad of [`${head}.${forged}.${signature}`, `${none}.${forged}.`]) {
    const answer = await fetch(`${url}/rest/v1/accounts`, { headers: { authorization: `Bearer ${bad}` } });
    assert.equal(answer.status, 401);
  }
});

test('a viewer reads and cannot write', async () => {
  const viewer = await serving.supabase('b', 'viewer@b.example');
  assert.equal((await viewer.from('accounts').select()).data?.length, 2);
  assert.equal((await viewer.from('accounts').insert({ name: 'No' })).error?.code, '42501');
});

test('after all that, A’s rows are what they were', async () => {
  assert.deepEqual(await rowsOfA(), before);
});
