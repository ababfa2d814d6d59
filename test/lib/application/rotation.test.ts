import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { migrateApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import { openSecrets } from '@/lib/secrets';
import { administer, createTestDatabase } from '../../support/postgres';

const newKey = () => randomBytes(32).toString('hex');

test('after a rotation every credential is brought to the new key, as its author', async () => {
  const url = await createTestDatabase('rotation');
  await migrateApplicationDatabase(url);
  const [oldKey, key] = [newKey(), newKey()];
  const open = async (encryptionKey: string, previousEncryptionKeys: string[] = []) =>
    openApplicationDatabase({
      url,
      secretBox: (await openSecrets({ encryptionKey, previousEncryptionKeys })).secretBox,
      maxConnections: 2,
    });
  const [before, rotating, afterwards] = [await open(oldKey), await open(key, [oldKey]), await open(key)];
  try {
    const place = {
      dataSourceId: randomUUID(),
      engine: 'supabase' as const,
      url: 'https://abc.supabase.co',
      anonKey: 'anon',
      serviceKey: 'service',
    };
    const tenant = await before.tenants.create({ name: 'T', subdomain: 'tenant', place });
    const replicas = ['a', 'b'].map((id) => ({ id, region: null, url: `postgresql://${id}` }));
    await before.tenants.setReplicas(tenant.id, replicas);
    const user = await before.users.create({
      tenantId: tenant.id,
      email: 'a@b.c',
      displayName: 'A',
      role: 'owner',
    });
    await before.users.setTotpSecret(user.id, 'JBSWY3DPEHPK3PXP');

    assert.equal(await rotating.rewrapSecrets({ actor: 'rotation' }), 6);
    assert.equal(await rotating.rewrapSecrets({ actor: 'rotation' }), 0);
    assert.deepEqual(await afterwards.tenants.credentials(tenant.id), place);
    assert.deepEqual(await afterwards.tenants.replicas(tenant.id), replicas);
    assert.equal(await afterwards.users.totpSecret(user.id), 'JBSWY3DPEHPK3PXP');
    assert.equal((await afterwards.audit.list({ actor: 'rotation' })).length, 5);
    // The place did not change: neither did its epoch.
    assert.equal((await afterwards.tenants.get(tenant.id)).routeEpoch, '1');
  } finally {
    await Promise.all([before, rotating, afterwards].map((each) => each.close()));
  }
});

test('an owner that is no superuser, as on managed PostgreSQL, can migrate and use the database', async () => {
  const adminUrl = await createTestDatabase('managed');
  const login = `owner_${randomBytes(5).toString('hex')}`;
  const url = new URL(adminUrl);
  await administer(adminUrl, `create role ${login} login password '${login}' nosuperuser`);
  await administer(adminUrl, `grant create on database ${url.pathname.slice(1)} to ${login}`);
  await administer(adminUrl, `grant create on schema public to ${login}`);
  url.username = login;
  url.password = login;
  try {
    await migrateApplicationDatabase(url.toString());
    const { secretBox } = await openSecrets({ encryptionKey: newKey() });
    const application = openApplicationDatabase({ url: url.toString(), secretBox });
    const tenant = await application.tenants.create({ name: 'T', subdomain: 'tenant' }, { actor: 'a' });
    const [record] = await application.audit.list({ entityId: tenant.id });
    assert.equal(record?.actor, 'a');
    await application.close();
    await assert.rejects(administer(url.toString(), 'delete from audit_log'), { code: 'MQ010' });
  } finally {
    await administer(adminUrl, `drop owned by ${login} cascade`);
    await administer(adminUrl, `drop role ${login}`);
  }
});
