// A source with several hosts that has lost its primary: what only reads is answered by a standby, as long as one answers.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { provisionDataSource, provisionTenant } from '@/lib/data-sources';
import { administer, createTestDatabase, startTestServer } from '../../../../support/postgres';
import { startProxy } from '../../../../support/proxy';
import { inTime, until } from '../../../../support/until';
import { createInstallation } from '../../installation';

/** Longer than it takes to notice that a server does not answer, and shorter than a statement may take. */
const LIMIT_MS = 20_000;

const primary = await startTestServer({ settings: { wal_keep_size: '64MB' } });
const databaseUrl = await createTestDatabase('tenants', undefined, primary.url());
const standbys = [
  await startTestServer({ replicaOf: primary }),
  await startTestServer({ replicaOf: primary }),
] as const;
const ways = [
  await startProxy(primary.url()),
  await startProxy(standbys[0].url()),
  await startProxy(standbys[1].url()),
] as const;
const hosts = ways.map((way) => new URL(way.through(databaseUrl)).host).join();
const installation = await createInstallation();
const { username, password, pathname } = new URL(databaseUrl);
await provisionDataSource(installation.operations, {
  ...{ name: 'main', kind: 'shared', adminUrl: `postgresql://${username}:${password}@${hosts}${pathname}` },
});
const { id: tenantId } = await provisionTenant(installation, {
  ...{ name: 'Near', subdomain: 'near', dataSource: 'main' },
});

type Manager = ReturnType<typeof installation.newManager>;

const reading = (manager: Manager, text: string) =>
  inTime(manager.execute(tenantId, { text, values: [] }, { readOnly: true }), text, LIMIT_MS);

/** The port of the server that answers. */
async function answering(manager: Manager): Promise<number> {
  const [row] = await reading(manager, 'select inet_server_port()');
  return Number(row?.[0]);
}

test('what a read may not do is refused at once, and not sent again', async () => {
  const manager = installation.newManager();
  await assert.rejects(reading(manager, "insert into accounts (name) values ('Never')"), { code: '25006' });
});

test('a server that answers no more: reads under way and later ones go to one that does', async () => {
  const manager = installation.newManager();
  const client = await manager.getClientForTenant(tenantId, true);
  await client.from('accounts').insert({ name: 'First' }).throwOnError();
  for (const standby of standbys) {
    await until(
      async () => (await administer(standby.url(pathname.slice(1)), 'select from accounts')).rowCount === 1,
      'the standbys to have the row',
    );
  }
  assert.equal(await answering(manager), primary.port);
  const onPrimary = reading(manager, 'select pg_sleep(3), inet_server_port()');
  ways[0].partition();
  assert.equal(Number((await onPrimary)[0]?.[1]), standbys[0].port);
  assert.equal(await answering(manager), standbys[0].port);

  // A manager of a process that starts now has read neither routes nor the schema.
  const late = await installation.newManager().getClientForTenant(tenantId, true);
  const { data } = await inTime(
    Promise.resolve(late.from('accounts').select('name')),
    'a first read',
    LIMIT_MS,
  );
  assert.deepEqual(data, [{ name: 'First' }]);

  // Sessions with the first standby are open by now.
  const onStandby = reading(manager, 'select pg_sleep(3), inet_server_port()');
  ways[1].partition();
  assert.equal(Number((await onStandby)[0]?.[1]), standbys[1].port);
  assert.equal(await answering(manager), standbys[1].port);

  // No server answers for a moment: a read waits for whichever comes back.
  ways[2].partition();
  const waiting = Promise.all([answering(manager), answering(manager)]);
  ways[1].heal();
  assert.deepEqual(await waiting, [standbys[0].port, standbys[0].port]);
  ways[0].heal();
  await until(async () => (await answering(manager)) === primary.port, 'reads at the primary again');
});
