// A copy slows down while statements of others run at its databases, and only then.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import type { MoveProgress } from '@/lib/movement/control/move';
import { createWorld } from '../lib/movement/world';
import { startTestServer } from '../support/postgres';
import { until } from '../support/until';

const [sourceServer, targetServer] = [await startTestServer(), await startTestServer()];
const world = await createWorld({ databases: [sourceServer.url(), targetServer.url()] });
const [source, target] = world.databases;
const RANGES = 20;
const ROWS = 8_000;

async function grow(tenant: string): Promise<void> {
  await source.sql(
    `insert into accounts (tenant_id, name, website) select $1, 'Account ' || n, repeat(md5(n::text), 4) from generate_series(1, $2::int) n`,
    [tenant, ROWS],
  );
}

/** Sessions of others that keep the source busy until they are stopped. */
async function burden(sessions: number): Promise<() => Promise<void>> {
  let running = true;
  const loops = Array.from({ length: sessions }, async () => {
    const client = new pg.Client({ connectionString: source.adminUrl });
    await client.connect();
    while (running) await client.query('select count(*) from generate_series(1, 200000)');
    await client.end();
  });
  return async () => {
    running = false;
    await Promise.all(loops);
  };
}

/** Copies a tenant. @returns the copy's share of its time at each range */
async function copy(tenant: string, atRange: (n: number) => Promise<void>) {
  const move = await world.start(tenant, target, {
    options: {
      rangeRows: ROWS / RANGES,
      copyWorkers: 1,
      bytesPerSecond: 1_000_000,
      load: { active: 2, latencyRatio: 1_000 },
    },
  });
  let n = 0;
  const shares: number[] = [];
  world.onPoint(async (point) => {
    if (point !== 'copied_range') return;
    n += 1;
    await atRange(n);
    const { progress } = await world.store.get(move.id);
    shares.push(progress.copyShare ?? 1);
  });
  assert.equal(await world.run(move), 'ready');
  world.onPoint(() => {});
  const done = await world.store.get(move.id);
  assert.equal(await world.want(move, 'abort'), 'aborted');
  return { shares, progress: done.progress };
}

describe('pacing of a copy', { concurrency: false }, () => {
  test('comes to full speed on quiet databases, and reports its progress', async () => {
    const tenant = await world.tenant(source, 10);
    await grow(tenant);
    const isAtFullSpeed = async () => {
      const [move] = await world.store.list({ open: true, tenantId: tenant });
      return move?.progress.copyShare === 1;
    };
    const { shares, progress } = await copy(tenant, async (n) => {
      if (n === 2) await until(isAtFullSpeed, 'full speed', { limitMs: 180_000, everyMs: 250 });
    });
    assert.deepEqual(new Set(shares.slice(1)), new Set([1]));
    assert.equal(progress.slowedBy, null);
    assert.equal(progress.rows, progress.rowsExpected);
    assert.ok((progress.bytes ?? 0) > 1_000_000 && (progress.bytesExpected ?? 0) > 500_000);
    assert.ok((progress.bytesPerSecond ?? 0) > 100_000);
    assert.equal(progress.secondsLeft, 0);
  });

  test('slows down while statements of others run, reports why, and returns to full speed', async (t) => {
    const tenant = await world.tenant(source, 10);
    await grow(tenant);
    let relieve = async () => {};
    t.after(() => relieve());
    let reason: string | null | undefined;
    /** Waits until the move's progress, reported once a second, is as expected. */
    const reported = async (enough: (progress: MoveProgress) => boolean) => {
      const look = async () => {
        const [move] = await world.store.list({ open: true, tenantId: tenant });
        reason = move?.progress.slowedBy;
        return move && enough(move.progress);
      };
      await until(look, `progress: ${enough}`, { limitMs: 180_000, everyMs: 250 });
    };
    const { shares } = await copy(tenant, async (n) => {
      if (n === 3) relieve = await burden(8);
      if (n === 4) {
        await reported(({ copyShare = 1, slowedBy }) => Boolean(slowedBy) && copyShare <= 0.25);
        assert.match(reason ?? '', /active statements of others$/);
      }
      if (n === 5) {
        await relieve();
        await reported(({ copyShare }) => copyShare === 1);
      }
    });
    assert.ok(Math.min(...shares) <= 0.25, `shares: ${shares}`);
    assert.equal(shares.at(-1), 1, `shares: ${shares}`);
  });
});
