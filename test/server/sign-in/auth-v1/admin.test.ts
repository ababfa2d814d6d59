// /auth/v1/admin with the real client and a service key, and what Supabase's other services answer where they are not offered.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createClient } from '@supabase/supabase-js';
import { apiKeyOf } from '../../api-key';
import { PASSWORD, PLAIN, startAuthCompany } from './company';

const company = await startAuthCompany();
const { url, application, operations, tenantIds } = company;
const service = await company.serviceClient('a');
const { admin } = service.auth;
const foreign = await company.addUser('theirs@b.example', { tenant: 'b' });
const { id: operator } = await application.users.create({
  tenantId: null,
  email: 'operator@service.example',
  displayName: 'Operator',
  role: 'operator',
});

test('a service key lists its company’s people only', async () => {
  const { data, error } = await admin.listUsers({ page: 1, perPage: 3 });
  assert.equal(error, null);
  assert.deepEqual([data.users.length, 'nextPage' in data && data.nextPage], [3, 2]);
  const all = (await admin.listUsers()).data.users;
  assert.ok(all.length >= 5 && all.every(({ app_metadata }) => app_metadata.tenant_id === tenantIds.a));
});

test('a service key finds neither users of another company nor operators', async () => {
  for (const id of [foreign, operator, crypto.randomUUID()]) {
    const answers = [
      await admin.getUserById(id),
      await admin.updateUserById(id, { password: 'taken over by a' }),
      await admin.deleteUser(id),
      await admin.mfa.listFactors({ userId: id }),
      await admin.mfa.deleteFactor({ userId: id, id }),
    ];
    for (const { error } of answers) assert.deepEqual([error?.status, error?.code], [404, 'user_not_found']);
  }
  for (const email of ['theirs@b.example', 'operator@service.example']) {
    const link = await admin.generateLink({ type: 'recovery', email });
    assert.equal(link.error?.code, 'user_not_found');
  }
  assert.equal((await application.users.find(foreign))?.status, 'active');
});

test('a service key makes and changes no user above the role that its maker has now', async () => {
  const maker = await company.addUser('maker@a.example', { role: 'admin' });
  const boss = await company.addUser('chief@a.example', { role: 'owner' });
  const key = await apiKeyOf(operations, tenantIds.a, 'service', maker);
  const { admin: byAdmin } = createClient(url, key, PLAIN).auth;
  const make = (role: string) =>
    byAdmin.createUser({ email: `${crypto.randomUUID()}@a.example`, app_metadata: { user_role: role } });
  const before = await application.users.find(boss);
  const refusals = async () => [
    await make('owner'),
    await byAdmin.updateUserById(boss, { password: 'taken over by an admin' }),
    await byAdmin.updateUserById(maker, { app_metadata: { user_role: 'owner' } }),
    await byAdmin.deleteUser(boss),
    await byAdmin.deleteUser(boss, true),
    await byAdmin.mfa.deleteFactor({ userId: boss, id: boss }),
    await byAdmin.generateLink({ type: 'recovery', email: 'chief@a.example' }),
    await byAdmin.generateLink({ type: 'magiclink', email: 'chief@a.example' }),
  ];
  for (const { error } of await refusals())
    assert.deepEqual([error?.status, error?.code], [403, 'not_admin']);
  assert.deepEqual(await application.users.find(boss), before);
  assert.equal((await make('admin')).error, null);
  assert.equal((await byAdmin.getUserById(boss)).error, null, 'reading is not changing');

  await application.users.update(maker, { role: 'sales' });
  assert.equal((await make('manager')).error?.code, 'not_admin');
  assert.equal((await make('sales')).error, null);
  await application.users.update(maker, { status: 'disabled' });
  assert.equal((await make('sales')).error?.code, 'not_admin');
  assert.equal((await make('viewer')).error, null);
  // Of an owner, and of the operator.
  const owners = await apiKeyOf(operations, tenantIds.a, 'service', boss);
  const asOwner = createClient(url, owners, PLAIN).auth.admin;
  assert.equal((await asOwner.updateUserById(boss, { email: 'chief2@a.example' })).error, null);
  assert.equal((await admin.updateUserById(boss, { email: 'chief@a.example' })).error, null);
});

test('only a service key may', async () => {
  const anon = await company.client('a');
  const owner = await company.addUser('boss@a.example', { role: 'owner' });
  const signedIn = await company.client('a', 'boss@a.example');
  for (const client of [anon, signedIn]) {
    const token = (await client.auth.getSession()).data.session?.access_token;
    const headers = { ...(token ? { Authorization: `Bearer ${token}` } : {}) };
    const key = await apiKeyOf(operations, tenantIds.a, 'anon');
    const asker = createClient(url, key, { ...PLAIN, global: { headers } });
    const { error } = await asker.auth.admin.getUserById(owner);
    assert.deepEqual([error?.status, error?.code], [403, 'not_admin']);
  }
  const misplaced = createClient(`${url}/t/b`, await apiKeyOf(operations, tenantIds.a, 'service'), PLAIN);
  assert.ok((await misplaced.auth.admin.listUsers()).error);
});

test('accounts are made, changed, banned and removed', async () => {
  const made = await admin.createUser({
    email: 'New@a.example',
    password: PASSWORD,
    email_confirm: true,
    user_metadata: { name: 'New Person' },
    app_metadata: { user_role: 'staff' },
  });
  assert.equal(made.error, null);
  const id = made.data.user?.id ?? '';
  const client = await company.client('a', 'new@a.example');
  assert.equal((await client.auth.getUser()).data.user?.user_metadata.name, 'New Person');
  const twice = await admin.createUser({ email: 'new@a.example' });
  assert.deepEqual([twice.error?.status, twice.error?.code], [422, 'email_exists']);
  assert.equal(
    (await admin.createUser({ email: 'x@a.example', password: 'short' })).error?.code,
    'weak_password',
  );
  const role = await admin.updateUserById(id, { app_metadata: { user_role: 'sales' } });
  assert.equal(role.data.user?.app_metadata.user_role, 'sales');
  assert.ok((await client.auth.getUser()).error, 'another role ends sessions');
  assert.equal((await admin.updateUserById(id, { ban_duration: '24h' })).error, null);
  const credentials = { email: 'new@a.example', password: PASSWORD };
  const banned = await client.auth.signInWithPassword(credentials);
  assert.equal(banned.error?.code, 'invalid_credentials');
  assert.equal((await admin.updateUserById(id, { ban_duration: 'none' })).error, null);
  assert.equal((await client.auth.signInWithPassword(credentials)).error, null);
  const token = (await client.auth.getSession()).data.session?.access_token ?? '';
  assert.equal((await admin.signOut(token, 'global')).error, null);
  assert.ok((await client.auth.getUser()).error);
  assert.equal((await admin.deleteUser(id)).data.user?.id, id);
  assert.equal((await admin.getUserById(id)).error?.code, 'user_not_found');
});

test('a company keeps an owner', async () => {
  const owners = (await admin.listUsers({ perPage: 100 })).data.users.filter(
    ({ app_metadata }) => app_metadata.user_role === 'owner',
  );
  const errors = await Promise.all(owners.map(({ id }) => admin.updateUserById(id, { ban_duration: '1h' })));
  assert.equal(errors.filter(({ error }) => error?.code === 'conflict').length, 1);
});

test('an account that is not confirmed signs in once its mail was read', async () => {
  await admin.createUser({ email: 'waiting@a.example', password: PASSWORD });
  const client = await company.client('a');
  const credentials = { email: 'waiting@a.example', password: PASSWORD };
  const early = await client.auth.signInWithPassword(credentials);
  assert.deepEqual([early.error?.status, early.error?.code], [400, 'email_not_confirmed']);
  assert.equal((await client.auth.resend({ type: 'signup', email: credentials.email })).error, null);
  const { code: token } = company.mailTo(credentials.email);
  assert.equal(
    (await client.auth.verifyOtp({ email: credentials.email, token, type: 'signup' })).error,
    null,
  );
  assert.equal((await client.auth.signInWithPassword(credentials)).error, null);
});

test('people are invited by mail, to our own page or by a link that the application mails', async () => {
  const invited = await admin.inviteUserByEmail('guest@a.example', { data: { name: 'Guest' } });
  assert.equal(invited.data.user?.app_metadata.user_role, 'viewer');
  assert.ok(company.mailTo('guest@a.example').link.startsWith(`${url}/t/a/accept-invitation#`));
  const known = await admin.inviteUserByEmail('viewer@a.example');
  assert.equal(known.error?.code, 'email_exists');
  const { data } = await admin.generateLink({ type: 'invite', email: 'linked@a.example' });
  const client = await company.client('a');
  const accepted = await client.auth.verifyOtp({
    token_hash: data.properties?.hashed_token ?? '',
    type: 'invite',
  });
  assert.equal(accepted.data.user?.email, 'linked@a.example');
  assert.equal((await client.auth.updateUser({ password: PASSWORD })).error, null);
  const other = await admin.generateLink({ type: 'recovery', email: 'linked@a.example' });
  await admin.updateUserById(data.user?.id ?? '', { password: 'changed meanwhile' });
  const late = await client.auth.verifyOtp({
    token_hash: other.data.properties?.hashed_token ?? '',
    type: 'recovery',
  });
  assert.equal(late.error?.code, 'otp_expired', 'the password was changed since');
});

test('what Supabase’s other services would answer is refused in their own form, never with a page', async () => {
  const functions = await service.functions.invoke('hello');
  assert.deepEqual([functions.error?.name, functions.response?.status], ['FunctionsHttpError', 404]);
  for (const path of [
    '/functions/v1/x',
    '/graphql/v1',
    '/realtime/v1/nothing',
    '/storage/v1/nothing',
    '/auth/v1/nothing',
  ]) {
    for (const method of ['GET', 'POST']) {
      const response = await fetch(`${url}/t/a${path}`, { method });
      assert.match(response.headers.get('content-type') ?? '', /^application\/json/, path);
      const body = await response.json();
      assert.equal(response.status >= 400 && response.status < 500, true, path);
      assert.equal(typeof (body.message ?? body.msg), 'string', path);
    }
  }
});

test('/docs/connect says how to connect to the company at this address, and is linked from the API’s description', async () => {
  const page = await (await fetch(`${url}/t/a/docs/connect`)).text();
  assert.ok(page.includes(`createClient(&#39;${url}/t/a&#39;`) || page.includes(`createClient('${url}/t/a'`));
  assert.match(page, /storageKey: '?(&#39;)?sb-a/);
  const { info } = await (await fetch(`${url}/t/a/api/openapi.json`)).json();
  assert.match(info.description, /\]\(\/t\/a\/docs\/connect\)/);
});
