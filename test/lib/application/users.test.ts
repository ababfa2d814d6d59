import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestApplicationDatabase } from './application-database';

const { application } = await openTestApplicationDatabase();
const { users, tenants } = application;
const HASH = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA';
const tenant = await tenants.create({ name: 'T', subdomain: 'tenant' });
const other = await tenants.create({ name: 'O', subdomain: 'other' });

test('a user is found by email address within its tenant only', async () => {
  const user = await users.create({
    tenantId: tenant.id,
    email: ' Ann@Example.com ',
    displayName: 'Ann',
    role: 'owner',
    passwordHash: HASH,
  });
  assert.equal(user.email, 'ann@example.com');
  const found = await users.findByEmail(tenant.id, 'ANN@example.com');
  assert.deepEqual([found?.id, found?.passwordHash, found?.tokenVersion], [user.id, HASH, 1]);
  assert.equal(await users.findByEmail(other.id, 'ann@example.com'), undefined);
  assert.equal(await users.findByEmail(null, 'ann@example.com'), undefined);
  assert.ok(!('passwordHash' in user));
});

test('one address signs in to two tenants, but is one user in each, and one operator', async () => {
  const person = { email: 'bob@example.com', displayName: 'Bob' };
  for (const tenantId of [tenant.id, other.id]) await users.create({ ...person, tenantId, role: 'staff' });
  await users.create({ ...person, tenantId: null, role: 'operator' });
  await assert.rejects(users.create({ ...person, tenantId: tenant.id, role: 'viewer' }), {
    code: 'email_taken',
  });
  await assert.rejects(users.create({ ...person, tenantId: null, role: 'operator' }), {
    code: 'email_taken',
  });
});

test('bad input is refused by code', async () => {
  const person = { email: 'c@example.com', displayName: 'C', tenantId: tenant.id, role: 'staff' as const };
  await assert.rejects(users.create({ ...person, email: 'no address' }), { code: 'user_invalid' });
  await assert.rejects(users.create({ ...person, displayName: ' ' }), { code: 'user_invalid' });
  await assert.rejects(users.create({ ...person, passwordHash: 'hunter2' }), { code: 'user_invalid' });
  await assert.rejects(users.create({ ...person, role: 'operator' }), { code: 'user_invalid' });
  await assert.rejects(users.create({ ...person, tenantId: null }), { code: 'user_invalid' });
  await assert.rejects(users.create({ ...person, tenantId: '00000000-0000-4000-8000-000000000000' }), {
    code: 'tenant_unknown',
  });
  for (const id of ['', 'x', '00000000-0000-4000-8000-000000000000']) {
    await assert.rejects(users.bumpTokenVersion(id), { code: 'user_unknown' });
    assert.equal(await users.find(id), undefined);
  }
});

test('what changes a user’s rights ends the sessions', async () => {
  const user = await users.create({
    tenantId: tenant.id,
    email: 'd@example.com',
    displayName: 'D',
    role: 'staff',
  });
  assert.equal((await users.update(user.id, { displayName: 'Dee', locale: 'de' })).tokenVersion, 1);
  assert.equal((await users.update(user.id, { role: 'manager' })).tokenVersion, 2);
  assert.equal((await users.setPassword(user.id, HASH)).tokenVersion, 3);
  assert.equal((await users.bumpTokenVersion(user.id)).tokenVersion, 4);
  assert.equal((await users.update(user.id, { status: 'disabled' })).tokenVersion, 5);
});

test('a tenant keeps an owner who can sign in, also when two give it up at once', async () => {
  const owners = await Promise.all(
    ['o1', 'o2'].map((name) =>
      users.create({ tenantId: other.id, email: `${name}@example.com`, displayName: name, role: 'owner' }),
    ),
  );
  const results = await Promise.allSettled(owners.map(({ id }) => users.update(id, { role: 'viewer' })));
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const refused = results.find((result) => result.status === 'rejected');
  assert.deepEqual([refused?.reason.code], ['last_owner']);
  const last = (await users.list(other.id)).find(({ role }) => role === 'owner');
  assert.ok(last);
  await users.create({
    ...{ tenantId: other.id, email: 'o3@example.com', displayName: 'o3', role: 'owner', status: 'disabled' },
  });
  // A disabled owner is none.
  await assert.rejects(users.update(last.id, { status: 'disabled' }), { code: 'last_owner' });
  await assert.rejects(users.remove(last.id), { code: 'last_owner' });
});

test('operators keep an owner, also when two give it up at once', async () => {
  const operators = (await users.list(null)).filter(({ operatorRole }) => operatorRole === 'owner');
  const person = { tenantId: null, displayName: 'P', role: 'operator', operatorRole: 'owner' } as const;
  operators.push(await users.create({ ...person, email: 'p@example.com' }));
  const results = await Promise.allSettled(
    operators.map(({ id }) => users.update(id, { operatorRole: 'auditor' })),
  );
  const refused = results.filter((result) => result.status === 'rejected');
  assert.deepEqual(
    refused.map(({ reason }) => [reason.code, reason.message]),
    [['last_owner', 'The operators need an owner who can sign in.']],
  );
  const last = (await users.list(null)).find(({ operatorRole }) => operatorRole === 'owner');
  assert.ok(last);
  await assert.rejects(users.remove(last.id), { code: 'last_owner' });
  await assert.rejects(users.update(last.id, { status: 'disabled' }), { code: 'last_owner' });
});

test('a second factor is kept encrypted, and each recovery code works once', async () => {
  const user = await users.create({
    tenantId: tenant.id,
    email: 'f@example.com',
    displayName: 'F',
    role: 'staff',
  });
  assert.equal(await users.totpSecret(user.id), undefined);
  await users.setTotpSecret(user.id, 'JBSWY3DPEHPK3PXP');
  assert.equal(await users.totpSecret(user.id), 'JBSWY3DPEHPK3PXP');
  assert.ok((await users.confirmTotp(user.id, ['aa', 'bb'])).totpConfirmedAt);
  const uses = await Promise.all([1, 2, 3].map(() => users.takeRecoveryCode(user.id, 'aa')));
  assert.equal(uses.filter(Boolean).length, 1);
  assert.equal(await users.takeRecoveryCode(user.id, 'cc'), false);
  await users.setTotpSecret(user.id, null);
  assert.equal(await users.totpSecret(user.id), undefined);
});
