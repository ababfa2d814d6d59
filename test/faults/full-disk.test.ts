// The target's disk is full, during the copy and during replication; and the disk of a drill.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chown, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { Alerts, watchOnce } from '@/lib/alerts';
import { createBackup, drillBackup, openStore } from '@/lib/backups';
import type { MovePoint } from '@/lib/movement';
import { createWorld } from '../lib/movement/world';
import { administer, createTestDatabase, startTestServer } from '../support/postgres';
import { until } from '../support/until';
import { checkAll, insistOn, prepareMoves } from './frozen';

const disk = await mkdtemp(path.join(tmpdir(), 'marquee-disk-'));
const mounted = mount();
after(async () => {
  if (mounted) execFileSync('umount', ['--lazy', disk]);
  await rm(disk, { recursive: true, force: true });
});

/** Whether this machine allows mounting a disk of 64 MiB. */
function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', disk], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Fills the disk. @returns frees the space again */
async function fillDisk(): Promise<() => Promise<void>> {
  const file = path.join(disk, 'ballast');
  const handle = await open(file, 'w');
  for (const size of [1 << 20, 4096]) {
    const chunk = Buffer.alloc(size, 1);
    while (await handle.write(chunk).catch(() => undefined));
  }
  await handle.close();
  return () => rm(file, { force: true });
}

describe('a full disk of the target', {
  concurrency: false,
  skip: mounted ? false : 'no disk can be mounted here',
}, async () => {
  if (!mounted) return;
  const server = await startTestServer();
  await chown(disk, 65534, 65534);
  await administer(server.url(), `create tablespace small location '${disk}'`);
  const targetServer = await createTestDatabase('database', undefined, server.url());
  await administer(
    server.url(),
    `alter database ${new URL(targetServer).pathname.slice(1)} set tablespace small`,
  );
  const world = await createWorld({ databases: [undefined, targetServer] });

  for (const point of ['copied_range', 'apply', 'close_fence'] as MovePoint[]) {
    test(`at ${point}: the tenant works on at the source, and with room the move goes on`, async () => {
      const frozen = await prepareMoves(world, [point]);
      const [{ move, tenant, writer }] = frozen as [(typeof frozen)[0]];
      let makeRoom: (() => Promise<void>) | undefined;
      const run = world.run(move, async (at) => {
        if (at !== point || makeRoom) return;
        makeRoom = await fillDisk();
        await world.databases[0].sql(
          `insert into locations (tenant_id, name) select $1, 'Hall ' || n from generate_series(1, 3000) n`,
          [tenant],
        );
      });
      await assert.rejects(run);
      const { error, step } = await world.store.get(move.id);
      assert.deepEqual([error?.code, error?.message], ['53100', 'A disk is full (53100).'], step);
      assert.equal((await world.application.tenants.get(tenant)).dataSourceId, world.databases[0].id);
      const before = writer.acknowledged.length;
      await until(() => writer.acknowledged.length >= before + 10, '10 writes at the source');
      await makeRoom?.();
      await insistOn(world, frozen, 'completed');
      await checkAll(world, frozen);
    });
  }

  test('a drill fails, says why, leaves nothing behind and raises an alert; with room it passes', async () => {
    const { application, operations, secretBox } = world;
    const [source, small] = world.databases;
    const directory = await mkdtemp(path.join(tmpdir(), 'marquee-drill-'));
    after(() => rm(directory, { recursive: true, force: true }));
    const stored = new Map<string, Uint8Array>();
    const dependencies = {
      ...{ application, operations, secretBox },
      files: {
        put: async (key: string, content: Uint8Array) => void stored.set(key, content),
        get: async (key: string) =>
          stored.get(key) ?? Promise.reject(Object.assign(new Error(key), { code: 'file_missing' })),
        remove: async (key: string) => void stored.delete(key),
        list: async (tenantId: string) => [...stored.keys()].filter((key) => key.startsWith(`${tenantId}/`)),
      },
    };
    const tenantId = await world.tenant(source, 10);
    const key = `${tenantId}/photo`;
    stored.set(key, Buffer.from('photo'));
    await source.sql(
      `insert into locations (tenant_id, name) select $1, repeat('Hall ', 40) || n from generate_series(1, 5000) n`,
      [tenantId],
    );
    await source.sql(
      `insert into attachments (tenant_id, entity_type, entity_id, file_name, mime_type, size_bytes, sha256, storage_key, visibility)
       select $1, 'location', id, 'p', 'text/plain', 5, repeat('0', 64), $2, 'internal' from locations where tenant_id = $1 limit 1`,
      [tenantId, key],
    );
    const requestedBy = 'test';
    await createBackup(dependencies, {
      ...{ tenantId, store: await openStore(directory), reason: 'manual', requestedBy },
    });
    const alerting = { application, operations, channels: [] };
    await watchOnce(alerting);
    const makeRoom = await fillDisk();
    const drill = () => drillBackup(dependencies, { tenantId, dataSource: small.id, requestedBy });
    const { id, state, error } = await drill();
    assert.deepEqual([state, error], ['failed', { code: '53100', message: 'A disk is full (53100).' }]);
    const { rows } = await operations.pool.query(
      'select scratch_tenant as scratch, scratch_removed as removed from drills where id = $1',
      [id],
    );
    assert.equal(rows[0]?.removed, true);
    const nothingIsLeft = async (scratch: string) => {
      assert.equal(await application.tenants.find(scratch), undefined);
      for (const table of ['locations', 'accounts', 'attachments'])
        assert.equal((await small.sql(`select from ${table} where tenant_id = $1`, [scratch])).rowCount, 0);
      assert.deepEqual([...stored.keys()], [key]);
    };
    await nothingIsLeft(rows[0]?.scratch);
    await watchOnce(alerting);
    const alerts = (await new Alerts(alerting).list()).filter(({ rule }) => rule === 'backup-drill-failed');
    assert.deepEqual(
      alerts.map((alert) => alert.tenantId),
      [tenantId],
    );
    await makeRoom();
    const again = await drill();
    assert.deepEqual([again.state, again.error], ['passed', null]);
  });
});
