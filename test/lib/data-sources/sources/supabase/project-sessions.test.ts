// Users of a tenant on a Supabase project. The far end follows GoTrue's published contract (/admin/users, /admin/generate_link, /verify);
// behind it the project's REST API runs with the claims of the token that it gave out.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { provisionDataSource, provisionTenant, testConnection } from '@/lib/data-sources';
import { createInstallation } from '../../installation';
import { startProject } from './project';

const installation = await createInstallation();
const { operations, tokens } = installation;
const manager = installation.newManager();
const project = await startProject();
const sourceOf = (more: object = {}) => ({
  ...({ name: 'project', kind: 'supabase', networks: 'any', url: project.url } as const),
  ...{ serviceKey: 'service', anonKey: 'anon', ...more },
});
await provisionDataSource(operations, sourceOf());
const tenant = await provisionTenant(installation, {
  ...{ name: 'ours', subdomain: 'ours', dataSource: 'project', tenantIdInDataSource: randomUUID() },
});
const idThere = tenant.tenantIdInDataSource;
const userId = randomUUID();
const tokenOf = (role: string, ttl = 600, tenantId = tenant.id) =>
  tokens.signAccessToken({ userId, tenantId, role, tokenVersion: 1 }, ttl);
const clientOf = async (accessToken: string) => manager.getClientForTenant(tenant.id, false, { accessToken });
const service = await manager.getClientForTenant(tenant.id, true);
await service.from('accounts').insert({ name: 'Ours' });

/** Everything that was sent to the project. */
const sent = () => JSON.stringify(project.requests);

test('a user is signed in at the project, in an account of their own; Marquee’s token stays here', async () => {
  const token = await tokenOf('owner');
  const { data, error } = await (await clientOf(token)).from('accounts').select('name');
  assert.deepEqual([data, error], [[{ name: 'Ours' }], null]);
  assert.ok(!sent().includes(token));
  assert.ok(!sent().includes(token.split('.')[2] ?? ''));
  const [user] = project.users;
  assert.deepEqual([user?.id, user?.email], [userId, `${userId}@users.marquee.invalid`]);
  assert.deepEqual(user?.app_metadata, { tenant_id: idThere, user_role: 'owner' });
  const rest = project.requests.filter(({ url }) => url.startsWith('/rest/v1/accounts'));
  assert.match(rest.at(-1)?.headers.authorization ?? '', /^Bearer session-/);
  assert.equal(rest.at(-1)?.headers.apikey, 'anon');
  // Once for many requests.
  const before = project.requests.length;
  await (await clientOf(await tokenOf('owner', 500))).from('accounts').select('name');
  assert.equal(project.requests.length, before + 1);
});

test('the role that they have here holds there, also after it has changed', async () => {
  const viewer = await clientOf(await tokenOf('viewer'));
  assert.equal((await viewer.from('accounts').select('name')).error, null);
  const { error } = await viewer.from('accounts').insert({ name: 'By a viewer' });
  assert.equal(error?.code, '42501');
  assert.equal(project.users.length, 1);
  assert.equal(project.users[0]?.app_metadata.user_role, 'viewer');
});

test('a token of Marquee’s that is not valid here is refused, and not sent either', async () => {
  project.requests.length = 0;
  const expired = await tokenOf('owner', -10);
  const foreign = await tokenOf('owner', 600, randomUUID());
  const { createTokens, tokenKeysOf } = await import('@/lib/secrets');
  const other = createTokens(tokenKeysOf(Buffer.alloc(32, 7).toString('hex')));
  const unknown = await other.signAccessToken(
    { userId, tenantId: tenant.id, role: 'owner', tokenVersion: 1 },
    600,
  );
  for (const token of [expired, foreign, unknown, `mq_service_${'a'.repeat(43)}`]) {
    const { error } = await (await clientOf(token)).from('accounts').select('name');
    assert.equal(error?.code, 'access_token_invalid');
  }
  assert.equal(project.requests.length, 0);
});

test('a session that the project ends is replaced once; a sign-in service that refuses is a typed error', async () => {
  const client = await clientOf(await tokenOf('viewer'));
  project.endSessions();
  assert.equal((await client.from('accounts').select('name')).error, null);
  project.endSessions();
  project.signInRefuses = true;
  const { error } = await client.from('accounts').select('name');
  assert.equal(error?.code, 'data_source_sign_in_refused');
  project.signInRefuses = false;
});

test('the connection test says whether users can be signed in, rows are hidden from the anon key, and the fence holds', async () => {
  const result = await testConnection({
    kind: 'supabase',
    url: project.url,
    serviceKey: 'service',
    anonKey: 'anon',
  });
  const outcomes = Object.fromEntries(
    result.checks.map(({ name, code, outcome }) => [name, code ?? outcome]),
  );
  assert.equal(outcomes.sign_in, 'passed');
  // This one lets its anon key see everything, and has no function before requests.
  assert.equal(outcomes.isolation, 'data_source_isolation_broken');
  assert.equal(outcomes.fence, 'fence_missing');
});

test('a customer’s project at a private address is refused, as one without TLS elsewhere is', async () => {
  await assert.rejects(provisionDataSource(operations, sourceOf({ name: 'inside', networks: [] })), {
    code: 'data_source_address_refused',
  });
  await assert.rejects(
    provisionDataSource(operations, sourceOf({ name: 'plain', url: 'http://project.example.com' })),
    { code: 'data_source_tls_unverified' },
  );
});
