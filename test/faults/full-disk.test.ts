// The target's disk is full, during the copy and during replication.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chown, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import type { MovePoint } from '@/lib/movement';
import { createWorld } from '../lib/movement/world';
import { administer, createTestDatabase, startTestServer } from '../support/postgres';
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
      while (writer.acknowledged.length < before + 10)
        await new Promise((resolve) => setTimeout(resolve, 20));
      await makeRoom?.();
      await insistOn(world, frozen, 'completed');
      await checkAll(world, frozen);
    });
  }
});
