import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { AuditAction, TenantPlace } from '@/lib/application';
import { withoutPassword } from '@/lib/postgres';
import { administer } from '../../support/postgres';
import { openTestApplicationDatabase } from './application-database';

const { application, secretBox, url } = await openTestApplicationDatabase();

const AUTHOR = { actor: 'user-1', requestId: 'request-1' };
const place: TenantPlace = {
  dataSourceId: randomUUID(),
  engine: 'postgresql',
  url: 'postgresql://router:first-password@db.example.com/one',
  anonKey: null,
  serviceKey: null,
};

test('a change of a data source is recorded with author, before, after and fingerprints', async () => {
  const { tenants, audit } = application;
  const tenant = await tenants.create({ name: 'T', subdomain: 't1', place }, AUTHOR);
  const moved = { ...place, dataSourceId: randomUUID(), url: 'postgresql://router:second-password@db/two' };
  await tenants.setDataSource(tenant.id, { ...moved, expectedEpoch: '1' }, AUTHOR);
  const [update, insert] = await audit.list({ entity: 'tenants', entityId: tenant.id });
  assert.equal(insert?.action, 'tenants.insert');
  assert.equal(insert?.before, null);
  assert.equal(insert?.after?.subdomain, 't1');
  assert.equal(update?.action, 'tenants.update');
  assert.equal(update?.actor, 'user-1');
  assert.equal(update?.requestId, 'request-1');
  assert.equal(update?.tenantId, tenant.id);
  assert.deepEqual(update?.before, {
    data_source_id: place.dataSourceId,
    data_source_url: `fingerprint:${secretBox.fingerprint(place.url)}`,
    data_source_url_at: withoutPassword(place.url),
    route_epoch: 1,
  });
  assert.deepEqual(update?.after, {
    data_source_id: moved.dataSourceId,
    data_source_url: `fingerprint:${secretBox.fingerprint(moved.url)}`,
    data_source_url_at: withoutPassword(moved.url),
    route_epoch: 2,
  });
});

test('the same credential encrypted anew is recorded, without a change of fingerprint', async () => {
  const { tenants, audit } = application;
  const tenant = await tenants.create({ name: 'T', subdomain: 't2', place }, AUTHOR);
  await tenants.setCredentials(tenant.id, place, AUTHOR);
  const [update] = await audit.list({ entityId: tenant.id, action: 'tenants.update' });
  assert.deepEqual(update?.after, { id: tenant.id });
});

test('a change made past the program is recorded under the login', async () => {
  const tenant = await application.tenants.create({ name: 'T', subdomain: 't3' });
  await administer(url, "update tenants set name = 'By hand' where id = $1", [tenant.id]);
  const [update] = await application.audit.list({ entityId: tenant.id });
  assert.equal(update?.actor, 'database:postgres');
  assert.deepEqual(update?.before, { name: 'T' });
});

test('a change that is rolled back leaves no record', async () => {
  const id = randomUUID();
  await administer(
    url,
    `begin; insert into tenants (id, name, subdomain, tenant_id_in_data_source) values ('${id}', 'x', 'gone', '${id}'); rollback`,
  );
  assert.deepEqual(await application.audit.list({ entityId: id }), []);
});

test('users are recorded, their secrets as fingerprints', async () => {
  const { users, audit, tenants } = application;
  const tenant = await tenants.create({ name: 'T', subdomain: 't4' });
  const passwordHash = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA';
  const user = await users.create(
    { tenantId: tenant.id, email: 'a@example.com', displayName: 'A', role: 'admin', passwordHash },
    AUTHOR,
  );
  await users.setTotpSecret(user.id, 'JBSWY3DPEHPK3PXP', AUTHOR);
  await users.confirmTotp(user.id, ['00ff'], AUTHOR);
  await users.remove(user.id, AUTHOR);
  const records = await audit.list({ entity: 'users', entityId: user.id });
  assert.deepEqual(
    records.map((record) => record.action),
    ['users.delete', 'users.update', 'users.update', 'users.insert'],
  );
  assert.ok(records.every((record) => record.tenantId === tenant.id && record.actor === 'user-1'));
  const text = JSON.stringify(records);
  assert.doesNotMatch(text, /argon2id|JBSWY3DP|00ff|mq1\./);
  assert.match(text, /"totp_secret":"fingerprint:[0-9a-f]{12}"/);
});

test('tenants and users are audited with triggers switched off too', async () => {
  const tenant = await application.tenants.create({ name: 'T', subdomain: 't5' });
  const user = await application.users.create({
    tenantId: tenant.id,
    email: 'b@example.com',
    displayName: 'B',
    role: 'staff',
  });
  const { audit } = application;
  const hidden = `set session_replication_role = replica;`;
  await administer(url, `${hidden} update users set display_name = 'Renamed' where id = '${user.id}'`);
  await administer(url, `${hidden} update tenants set name = 'Renamed' where id = '${tenant.id}'`);
  for (const [entityId, action] of [
    [user.id, 'users.update'],
    [tenant.id, 'tenants.update'],
  ] as const)
    assert.equal((await audit.list({ entityId, action })).length, 1, action);
  await administer(url, `${hidden} delete from users where id = '${user.id}'`);
  assert.equal((await audit.list({ entityId: user.id, action: 'users.delete' })).length, 1);
});

test('the audit log cannot be changed, not even by a superuser with triggers switched off', async () => {
  await application.audit.append(
    { action: 'session.sign_in', entity: 'users', details: { from: '::1' } },
    AUTHOR,
  );
  for (const statement of [
    'update audit_log set actor = $$x$$',
    'delete from audit_log',
    'truncate audit_log',
  ]) {
    await assert.rejects(administer(url, statement), { code: 'MQ010' });
    await assert.rejects(administer(url, `set session_replication_role = replica; ${statement}`), {
      code: 'MQ010',
    });
  }
  const [record] = await application.audit.list({ action: 'session.sign_in' });
  assert.equal(record?.actor, 'user-1');
  assert.deepEqual(record?.details, { from: '::1' });
});

test('records are listed newest first, page by page', async () => {
  const entityId = randomUUID();
  for (const action of ['one', 'two', 'three'])
    await application.audit.append({ action: action as AuditAction, entity: 'page', entityId });
  const first = await application.audit.list({ entityId, limit: 2 });
  const second = await application.audit.list({ entityId, limit: 2, beforeId: first[1]?.id });
  assert.deepEqual(
    [...first, ...second].map((record) => record.action),
    ['three', 'two', 'one'],
  );
});
