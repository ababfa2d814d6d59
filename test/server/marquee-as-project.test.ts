// A tenant whose data source is a Supabase project, end to end, with users. The far end is a stand-in: a second Marquee's /rest/v1 and
// /auth/v1, which the real Supabase clients accept (supabase-clients.test.ts, sign-in/auth-v1).
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { createInstallation } from '../lib/data-sources/installation';
import { apiKeyOf } from './api-key';
import { startServing } from './serving';

const project = await startServing();
const keyOf = (kind: 'anon' | 'service') => apiKeyOf(project.operations, project.tenantIds.a, kind);
const [anonKey, serviceKey] = [await keyOf('anon'), await keyOf('service')];
const ours = await createInstallation();
const manager = ours.newManager();
await provisionDataSource(ours.operations, {
  ...({ name: 'project', kind: 'supabase', networks: 'any', url: `${project.url}/t/a` } as const),
  ...{ serviceKey, anonKey },
});
const tenant = await provisionTenant(ours, {
  ...{ name: 'Ours', subdomain: 'ours', dataSource: 'project', tenantIdInDataSource: project.tenantIds.a },
});
const userId = randomUUID();
const clientOf = async (role: string) => {
  const token = await ours.tokens.signAccessToken(
    { userId, tenantId: tenant.id, role, tokenVersion: 1 },
    600,
  );
  return { token, client: await manager.getClientForTenant(tenant.id, false, { accessToken: token }) };
};
/** Their accounts at the far end. */
const accounts = async () =>
  (await project.application.users.list(project.tenantIds.a)).filter(({ email }) => email.startsWith(userId));

test('the service reads and writes the tenant’s rows, by either of its ids', async () => {
  const client = await manager.getClientForTenant(tenant.id, true);
  const { data, error } = await client
    .from('accounts')
    .select('name')
    .eq('tenant_id', tenant.id)
    .order('name');
  assert.deepEqual([data, error], [[{ name: 'First of a' }, { name: 'Second of a' }], null]);
  assert.equal((await client.from('accounts').insert({ name: 'Third', tenant_id: tenant.id })).error, null);
});

test('a user is signed in at the far end with an account of their own, and the role they have here', async () => {
  const { client } = await clientOf('owner');
  const { data, error } = await client.from('accounts').select('name').order('name');
  assert.deepEqual([data?.length, error], [3, null]);
  assert.deepEqual(
    (await accounts()).map(({ id, email, role }) => ({ id, email, role })),
    [{ id: userId, email: `${userId}@users.marquee.invalid`, role: 'owner' }],
  );
  const viewer = (await clientOf('viewer')).client;
  assert.equal((await viewer.from('accounts').select('name')).data?.length, 3);
  assert.equal((await viewer.from('accounts').insert({ name: 'By a viewer' })).error?.code, '42501');
  assert.deepEqual(
    (await accounts()).map(({ role }) => role),
    ['viewer'],
  );
});

test('a session that the far end has ended is replaced, and a token of here opens nothing there', async () => {
  const { client, token } = await clientOf('viewer');
  await project.application.users.bumpTokenVersion(userId);
  assert.equal((await client.from('accounts').select('name')).error, null);
  const answer = await fetch(`${project.url}/t/a/rest/v1/accounts`, {
    headers: { apikey: anonKey, authorization: `Bearer ${token}` },
  });
  assert.equal(answer.status, 401);
});
