import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { test } from 'node:test';
import pg from 'pg';
import { openTestOperationsDatabase } from '../operations/operations-database';
import { openTestApplicationDatabase } from './application-database';

/** Every row of every table, system tables left out, as text: what a stolen backup shows. */
async function dump(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `select format('%I.%I', nspname, relname) as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
       where relkind in ('r', 'm') and nspname !~ '^pg_' and nspname <> 'information_schema'`,
    );
    const parts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`select each::text as row from ${name} each`);
      parts.push(`${name}:`, ...rows.map(({ row }) => row));
    }
    return parts.join('\n');
  } finally {
    await client.end();
  }
}

/** A marker that no encoding we use leaves unchanged by chance. */
function marker(): string {
  return `clear-${randomBytes(9).toString('hex')}`;
}

function assertAbsent(text: string, secrets: readonly string[]): void {
  for (const secret of secrets) {
    const bytes = Buffer.from(secret);
    for (const form of [
      secret,
      bytes.toString('base64').slice(0, -4),
      bytes.toString('hex'),
      encodeURIComponent(secret),
    ]) {
      assert.ok(!text.includes(form), `A credential stands in the clear: ${secret}`);
    }
  }
}

test('neither database holds a credential in the clear, after every way of writing one', async () => {
  const secrets = Array.from({ length: 16 }, marker);
  const next = (() => {
    const left = [...secrets];
    return () => left.pop() ?? assert.fail('too few markers');
  })();
  const url = () => `postgresql://router:${next()}@db.example.com/tenants`;
  const place = () => ({
    dataSourceId: randomUUID(),
    engine: 'postgresql' as const,
    url: url(),
    anonKey: next(),
    serviceKey: next(),
  });

  const { application, url: applicationUrl } = await openTestApplicationDatabase();
  const { tenants, users, audit } = application;
  const tenant = await tenants.create({ name: 'T', subdomain: 'tenant', place: place(), status: 'active' });
  await tenants.setDataSource(tenant.id, { ...place(), expectedEpoch: tenant.routeEpoch });
  await tenants.setCredentials(tenant.id, place());
  await tenants.setReplicas(tenant.id, [{ id: 'r1', region: null, url: url() }]);
  const user = await users.create({
    tenantId: tenant.id,
    email: 'a@example.com',
    displayName: 'A',
    role: 'admin',
  });
  await users.setTotpSecret(user.id, next());
  await users.remove(user.id);
  await tenants.remove(tenant.id);
  const kept = await tenants.create({ name: 'T', subdomain: 'kept', place: place() });
  assert.ok((await audit.list()).length >= 7);

  const { operations, url: operationsUrl } = await openTestOperationsDatabase();
  const source = await operations.dataSources.create({ name: 'one', kind: 'shared', adminUrl: url() });
  await operations.dataSources.setCredentials(source.id, { routerUrl: url() });
  await operations.jobs.start();
  await operations.jobs.defineQueue('move');
  await operations.jobs.send('move', { tenantId: kept.id });

  const dumps = await Promise.all([dump(applicationUrl), dump(operationsUrl)]);
  // The dumps are real: what is not secret is there.
  assert.match(dumps[0] ?? '', /public\.audit_log:[\s\S]*fingerprint:[0-9a-f]{12}/);
  assert.match(dumps[1] ?? '', /data_sources:\n.*mq1\.[\s\S]*pgboss/);
  for (const text of dumps) assertAbsent(text, secrets);
});
