import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { migrateApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import { openSecrets, type SecretBox, type SecretStore } from '@/lib/secrets';
import { administer, createTestDatabase } from '../../support/postgres';
import { until } from '../../support/until';

const newKey = () => randomBytes(32).toString('hex');

test('after a rotation every credential is brought to the new key, as its author', async () => {
  const url = await createTestDatabase('rotation');
  await migrateApplicationDatabase(url);
  const [oldKey, key] = [newKey(), newKey()];
  const open = async (encryptionKey: string, otherEncryptionKeys: string[] = []) =>
    openApplicationDatabase({
      url,
      secretBox: await openSecrets({ encryptionKey, otherEncryptionKeys }),
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

    const box = await openSecrets({ encryptionKey: key, otherEncryptionKeys: [oldKey] });
    const announced: (string | undefined)[] = [];
    const listening = await afterwards.listenToRoutes((id) => announced.push(id));
    assert.equal(await rewriteAll(rotating.secretStores({ actor: 'rotation' }), box), 6);
    assert.equal(await rewriteAll(rotating.secretStores({ actor: 'rotation' }), box), 0);
    assert.deepEqual(await afterwards.tenants.credentials(tenant.id), place);
    assert.deepEqual(await afterwards.tenants.replicas(tenant.id), replicas);
    assert.equal(await afterwards.users.totpSecret(user.id), 'JBSWY3DPEHPK3PXP');
    assert.equal((await afterwards.audit.list({ actor: 'rotation' })).length, 5);
    // Processes are told of replicas only: where the data are has not changed.
    await afterwards.tenants.update(tenant.id, { name: 'U', requiredRegion: 'eu' });
    await until(() => announced.length >= 2);
    assert.deepEqual(announced, [tenant.id, tenant.id]);
    await listening.close();
    // The place did not change: neither did its epoch.
    assert.equal((await afterwards.tenants.get(tenant.id)).routeEpoch, '1');
  } finally {
    await Promise.all([before, rotating, afterwards].map((each) => each.close()));
  }
});

/** @returns how many were written */
async function rewriteAll(stores: SecretStore[], box: SecretBox): Promise<number> {
  let count = 0;
  for (const store of stores) {
    for await (const page of store.pages(assert.fail)) {
      const secrets = await Promise.all(
        page.map(async (secret) => ({
          ...secret,
          rewritten: await box.rewrap(secret.envelope, secret.place),
        })),
      );
      count += await store.replace(
        secrets.flatMap(({ rewritten, ...secret }) => (rewritten ? [{ ...secret, rewritten }] : [])),
      );
    }
  }
  return count;
}

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
    const secretBox = await openSecrets({ encryptionKey: newKey() });
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
