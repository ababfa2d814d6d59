// A real Patroni cluster of three with etcd loses its primary in every way while Marquee serves a tenant there.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { migrateApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import { provisionDataSource, setHosts } from '@/lib/data-sources';
import { migrateOperationsDatabase, openOperationsDatabase } from '@/lib/operations';
import { parsePostgresUrl } from '@/lib/postgres';
import { createLocalKeyProvider, createSecretBox } from '@/lib/secrets';
import { FAULTS, FailoverStage, query } from '../support/failover-stage';
import { NO_PATRONI } from '../support/patroni-cluster';

describe('a cluster of several hosts', { concurrency: false, skip: NO_PATRONI }, () => {
  let stage: FailoverStage;
  before(async () => {
    stage = await FailoverStage.open();
    await stage.start();
  });
  after(() => stage.close());

  for (const fault of FAULTS) {
    test(`fails over (${fault}), and Marquee goes on at the new primary`, async () => {
      await stage.round(fault);
      assert.deepEqual(stage.account.readsRefused, {});
    });
  }

  test('an old primary that has not noticed gets no write', async () => {
    const old = await stage.cluster.leader();
    const timeline = await stage.patroniDies(old);
    const rows = 'select count(*)::int as n from accounts where website is not null';
    const direct = `postgresql://postgres:secret@${old.host}/tenants`;
    const { rows: state } = await query(direct, `select pg_is_in_recovery() as standby, (${rows}) as n`);
    assert.equal(state[0]?.standby, false);
    const writes = Array.from({ length: 30 }, () => stage.insert());
    assert.deepEqual(new Set(await Promise.all(writes)), new Set([timeline]));
    const { rows: now } = await query(direct, rows);
    assert.equal(now[0]?.n, state[0]?.n);
    old.start();
    await stage.cluster.settled();
  });

  test('a primary that hangs for a moment stays the primary', async () => {
    await stage.hiccup();
    assert.equal(stage.account.falseFailovers, 0);
  });

  test('the application database, the operations database and a source at several hosts follow a switchover', async () => {
    for (const name of ['app', 'ops', 'more']) await query(stage.cluster.url(), `create database ${name}`);
    const key = randomBytes(32).toString('hex');
    const secretBox = createSecretBox({ provider: createLocalKeyProvider(key), fingerprintKey: key });
    await migrateApplicationDatabase(stage.cluster.url('app'));
    await migrateOperationsDatabase(stage.cluster.url('ops'));
    const author = { actor: 'test' };
    const application = openApplicationDatabase({ url: stage.cluster.url('app'), secretBox, author });
    const operations = openOperationsDatabase({ url: stage.cluster.url('ops'), secretBox });
    try {
      const { dataSource } = await provisionDataSource(operations, {
        ...{ name: 'more', kind: 'shared', adminUrl: stage.cluster.url('more') },
      });
      const { hosts } = parsePostgresUrl(stage.cluster.url()) ?? { hosts: [] };
      const heard: (string | undefined)[] = [];
      const listening = await application.listenToRoutes((tenantId) => heard.push(tenantId));
      await stage.round('switchover');
      const fewer = await setHosts({ application, operations }, 'more', hosts.slice().reverse());
      assert.equal(fewer.serverKey, dataSource.serverKey);
      const tenant = await application.tenants.create({ name: 'After', subdomain: 'after' });
      assert.equal((await application.tenants.get(tenant.id)).name, 'After');
      // The lost connection is told as “anything may have changed”.
      assert.ok(heard.includes(undefined));
      await listening.close();
    } finally {
      await operations.close();
      await application.close();
    }
  });

  test('no acknowledged write is lost, none is doubled, none is reported wrongly', async () => {
    const account = await stage.count();
    const { lost, doubled, misreported, falseFailovers } = account;
    assert.deepEqual(
      { lost, doubled, misreported, falseFailovers },
      { lost: 0, doubled: 0, misreported: 0, falseFailovers: 0 },
    );
    assert.ok(account.acknowledged > 100);
  });
});
