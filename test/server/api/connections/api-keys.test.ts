import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '@supabase/supabase-js';
import { startCompany } from '../start-company';

const company = await startCompany();
const url = `http://127.0.0.1:${company.port}`;
const options = { auth: { persistSession: false, autoRefreshToken: false } };

interface MadeKey {
  id: string;
  key: string;
}
async function make(
  who: Parameters<typeof company.ask>[0],
  body: object,
): Promise<MadeKey & { status: number }> {
  const response = await company.ask(who, 'POST', '/api/keys', body);
  return { status: response.status, ...((await response.json()) as MadeKey) };
}

test('owners and admins make keys; others, and keys themselves, do not', async () => {
  const body = { name: 'Website', kind: 'service' };
  for (const who of ['a:manager', 'a:sales', 'a:staff', 'a:viewer'] as const)
    assert.equal((await make(who, body)).status, 403, who);
  const made = await make('a:owner', body);
  assert.equal(made.status, 201);
  assert.match(made.key, /^mq_service_[\w-]{43}$/);
  const byKey = await fetch(`${url}/api/keys`, { headers: { authorization: `Bearer ${made.key}` } });
  assert.equal(byKey.status, 401);
  assert.equal((await make('a:owner', { name: 'x', kind: 'scoped' })).status, 400, 'a scoped key has a role');
  const { rows } = await company.operations.pool.query('select * from api_keys');
  assert.equal(JSON.stringify(rows).includes(made.key.slice(11)), false, 'only its hash is kept');
});

test('a service key is the whole company for the real client, and no other company', async () => {
  const { key } = await make('a:owner', { name: 'Server', kind: 'service' });
  const client = createClient(url, key, options);
  const { data, error } = await client
    .from('accounts')
    .insert({ name: 'By key' })
    .select('tenant_id')
    .single();
  assert.equal(error, null);
  assert.equal(data?.tenant_id, company.tenantIds.a);
  const foreign = await client.from('accounts').select('id').eq('tenant_id', company.tenantIds.b);
  assert.deepEqual(foreign.data, []);
});

test('an anon key alone reads nothing and says what is wanted; a scoped key may what its role may', async () => {
  const anon = await make('a:owner', { name: 'Browser', kind: 'anon' });
  const alone = await createClient(url, anon.key, options).from('accounts').select('id');
  assert.deepEqual([alone.status, alone.error?.code], [401, 'api_key_required']);
  assert.match(alone.error?.hint ?? '', /service or scoped key/);
  const scoped = await make('a:owner', { name: 'Dashboard', kind: 'scoped', role: 'viewer' });
  const client = createClient(url, scoped.key, options);
  assert.equal((await client.from('accounts').select('id').limit(1)).error, null);
  assert.ok((await client.from('accounts').insert({ name: 'By a viewer' })).error);
});

test('a revoked or expired key is refused at once, with its reason', async () => {
  const { id, key } = await make('a:owner', { name: 'Leaked', kind: 'service' });
  const client = createClient(url, key, options);
  assert.equal((await client.from('accounts').select('id').limit(1)).error, null);
  assert.equal((await company.ask('b:owner', 'DELETE', `/api/keys/${id}`)).status, 404, 'of another company');
  assert.equal((await company.ask('a:owner', 'DELETE', `/api/keys/${id}`)).status, 200);
  assert.equal((await client.from('accounts').select('id').limit(1)).error?.code, 'api_key_revoked');
  const expired = await make('a:owner', { name: 'Old', kind: 'service', expiresInDays: 1 });
  await company.operations.pool.query(
    "update api_keys set expires_at = now() - interval '1 second' where id = $1",
    [expired.id],
  );
  const late = await createClient(url, expired.key, options).from('accounts').select('id');
  assert.equal(late.error?.code, 'api_key_expired');
  const { keys } = (await (await company.ask('a:owner', 'GET', '/api/keys')).json()) as {
    keys: { id: string; lastUsedAt: string | null; revokedAt: string | null }[];
  };
  const leaked = keys.find((one) => one.id === id);
  assert.ok(leaked?.revokedAt && leaked.lastUsedAt);
});
