import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '@supabase/supabase-js';
import { PASSWORD, startMarquee } from './running-server';

const marquee = await startMarquee();
const accountOfA = await makeRows(marquee.a.id, 'Secret of A');
const accountOfB = await makeRows(marquee.b.id, 'Account of B');
const userOfB = createClient(marquee.address('b'), await marquee.tokens.signAnonKey(marquee.b.id), {
  auth: { persistSession: false, autoRefreshToken: false },
});
const signedIn = await userOfB.auth.signInWithPassword({ email: 'owner@b.example', password: PASSWORD });
assert.equal(signedIn.error, null);

/** An account and a contact of that name. @returns the account's id */
async function makeRows(tenantId: string, name: string): Promise<string> {
  const client = await marquee.manager.getClientForTenant(tenantId, true);
  const { data } = await client.from('accounts').insert({ name }).select('id').single().throwOnError();
  await client.from('contacts').insert({ first_name: name }).throwOnError();
  return (data as { id: string }).id;
}

test('a user of B reads the rows of B and no other, whatever is asked', async () => {
  const all = await userOfB.from('accounts').select('name').throwOnError();
  assert.deepEqual(all.data, [{ name: 'Account of B' }]);
  const attempts = [
    userOfB.from('accounts').select().eq('tenant_id', marquee.a.id),
    userOfB.from('accounts').select().eq('id', accountOfA),
    userOfB
      .from('accounts')
      .select()
      .or(`tenant_id.eq.${marquee.a.id},id.eq.${accountOfA}`)
      .neq('name', 'Account of B'),
    userOfB.from('accounts').select().not('tenant_id', 'eq', marquee.b.id),
    userOfB.from('contacts').select('*, contact_accounts(*, accounts(*))').neq('first_name', 'Account of B'),
  ];
  for (const attempt of attempts) {
    const { data, error } = await attempt;
    assert.ok(error !== null || data?.length === 0, JSON.stringify(data));
    assert.ok(!JSON.stringify({ data, error }).includes('Secret of A'));
  }
  const found = await userOfB.rpc('search_records', { query: 'Secret' });
  assert.ok(!JSON.stringify(found.data ?? []).includes('Secret of A'));
});

test('a user of B writes nothing into A', async () => {
  const id = marquee.a.id;
  const inserted = await userOfB.from('accounts').insert({ name: 'Planted', tenant_id: id });
  assert.notEqual(inserted.error, null);
  const upserted = await userOfB
    .from('accounts')
    .upsert({ id: accountOfA, tenant_id: id, name: 'Taken over' });
  assert.notEqual(upserted.error, null);
  const moved = await userOfB.from('accounts').update({ tenant_id: id }).eq('id', accountOfB);
  assert.notEqual(moved.error, null);
  await userOfB.from('accounts').update({ name: 'Changed' }).eq('id', accountOfA);
  await userOfB.from('accounts').delete().eq('tenant_id', id);
  const linked = await userOfB
    .from('contact_accounts')
    .insert({ contact_id: accountOfA, account_id: accountOfA });
  assert.notEqual(linked.error, null);
  const ofA = await marquee.manager.getClientForTenant(id, true);
  const { data } = await ofA.from('accounts').select('name');
  assert.deepEqual(data, [{ name: 'Secret of A' }]);
});

test('the token of B opens no other address, and forged or broken tokens open none', async () => {
  const { data } = await userOfB.auth.getSession();
  const token = data.session?.access_token ?? '';
  const [head = '', , signature = ''] = token.split('.');
  const claims = {
    sub: 'x',
    tenant_id: marquee.a.id,
    user_role: 'owner',
    token_version: 1,
    iss: 'marquee',
    aud: 'authenticated',
  };
  const forged = `${head}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
  const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${forged.split('.')[1]}.`;
  const anon = await marquee.tokens.signAnonKey(marquee.a.id);
  for (const [place, bearer] of [
    ['a', token],
    ['a', forged],
    ['b', forged],
    ['b', unsigned],
    ['b', 'nonsense'],
    ['a', anon],
  ] as const) {
    const response = await fetch(`${marquee.address(place)}/rest/v1/accounts`, {
      headers: { authorization: `Bearer ${bearer}` },
    });
    assert.equal(response.status, 401, `${place} ${bearer.slice(0, 20)}`);
    assert.ok(!(await response.text()).includes('Secret'));
  }
});

test('a service key reads its own tenant only', async () => {
  const key = await marquee.tokens.signServiceKey(marquee.b.id);
  const service = createClient(marquee.address('b'), key, { auth: { persistSession: false } });
  const { data } = await service.from('accounts').select('name').eq('tenant_id', marquee.b.id);
  assert.deepEqual(data, [{ name: 'Account of B' }]);
  const elsewhere = await fetch(`${marquee.address('a')}/rest/v1/accounts`, { headers: { apikey: key } });
  assert.equal(elsewhere.status, 401);
});

test('SQL in every place stays a value', async () => {
  const injection = `'; drop table accounts; select '`;
  const tries = [
    userOfB.from('accounts').select().eq('name', injection),
    userOfB.from('accounts').select().or(`name.eq."${injection}"`),
    userOfB.from('accounts').select(`id, "${injection}"`),
    userOfB.from(`accounts${injection}`).select(),
    userOfB.from('accounts').select().order(injection),
    userOfB.rpc(injection),
  ];
  for (const attempt of tries) {
    const { status } = await attempt;
    assert.ok(status < 500, `${status}`);
  }
  assert.equal(
    (await userOfB.from('accounts').insert({ name: injection }).select('name').single()).data?.name,
    injection,
  );
});
