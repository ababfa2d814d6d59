// Shadow reads: a tenant's reads repeated at source and target before the cut-over.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { repeatRead } from '@/lib/data-sources';
import { commandMove } from '@/lib/movement';
import type { MoveMode, MoveOptions } from '@/lib/movement/control/move';
import { observeForMoves } from '@/lib/movement/control/observe-statements';
import { runMove } from '@/lib/movement/control/state-machine';
import { alike } from '@/lib/movement/verify/shadow-reads/answers';
import { sumShadowReads } from '@/lib/movement/verify/shadow-reads/findings';
import { sealKeyOf } from '@/lib/tenant-data';
import { administer } from '../../../../support/postgres';
import { inTime, until } from '../../../../support/until';
import { createWorld, Writer } from '../../world';

const world = await createWorld();
const [source, target] = world.databases;
const problems: unknown[] = [];
const observer = observeForMoves(world.dependencies, world.manager, (error) => problems.push(error));
after(() => observer.close());

/** A move that stays in step until the test wants something else of it. */
async function catchingUp(
  tenant: string,
  options: MoveOptions,
  mode: MoveMode = 'logical',
  toTenantId = tenant,
) {
  // A busy machine may pause for longer than a tenant should wait.
  const move = await world.start(tenant, target, {
    options: { pauseLimitMs: 20_000, ...options },
    mode,
    toTenantId,
  });
  const running = runMove(world.dependencies, move.id);
  running.catch(() => {});
  const verified = async () => (await world.store.get(move.id)).progress.verifiedAt;
  await Promise.race([until(verified, 'the verification'), running]);
  return { move, running };
}

/** Keeps reading as the tenant's trusted code does, until there is enough to judge. */
async function readUntil(
  tenant: string,
  moveId: string,
  enough: (found: Awaited<ReturnType<typeof sumShadowReads>>) => boolean,
) {
  const client = await world.manager.getClientForTenant(tenant, true);
  return until(async () => {
    const answers = await Promise.all([
      client.from('accounts').select('*'),
      client.from('accounts').select('id, name').order('name').limit(5),
      client.from('locations').select('*', { count: 'exact' }).gte('lat', 1),
    ]);
    for (const { error } of answers) assert.equal(error, null);
    const found = await sumShadowReads(world.operations.pool, moveId);
    return enough(found) && found;
  }, `shadow reads: ${enough}`);
}

describe('shadow reads', { concurrency: false }, () => {
  for (const mode of ['logical', 'change_log'] as MoveMode[]) {
    test(`agree while the tenant writes (${mode}), and are recorded without texts and values`, async (t) => {
      const tenant = await world.tenant(source);
      const { move, running } = await catchingUp(tenant, { shadowReads: { share: 1 } }, mode);
      const writer = new Writer(world.manager, tenant, { writers: 2, pauseMs: 20 });
      t.after(() => writer.stop());
      await readUntil(tenant, move.id, ({ same }) => same >= 10);
      await writer.stop();
      const found = await readUntil(tenant, move.id, ({ same }) => same >= 30);
      assert.deepEqual([found.different, found.refused, found.statements], [0, 0, 3]);
      assert.ok((found.latencyRatio ?? 0) > 0.05 && (found.latencyRatio ?? 0) < 20);
      const { rows } = await world.operations.pool.query(
        'select * from move_shadow_reads where move_id = $1',
        [move.id],
      );
      assert.deepEqual(rows.map(({ role, tables }) => `${role} ${tables}`).sort(), [
        'tenant_service accounts',
        'tenant_service accounts',
        'tenant_service locations',
      ]);
      assert.doesNotMatch(JSON.stringify(rows), /select|Account \d/);
      await world.store.want(move.id, 'cut_over');
      const isCutOver = async () => (await world.store.get(move.id)).step === 'reverse_replication';
      // A cut-over that fails ends the run, and says why.
      await Promise.race([until(isCutOver, 'the cut-over'), running]);
      assert.equal((await world.store.get(move.id)).progress.shadowReads?.different, 0);
      await world.store.want(move.id, 'complete');
      assert.equal(await running, 'completed');
    });
  }

  const spoilt: { name: string; spoil: string; mend: string; kind: 'different' | 'refused' }[] = [
    {
      name: 'a policy at the target that hides a row',
      kind: 'different',
      spoil: `create policy hiding on accounts as restrictive for select to tenant_service using (name <> 'Account 7')`,
      mend: 'drop policy hiding on accounts',
    },
    {
      name: 'a privilege that is missing at the target',
      kind: 'refused',
      spoil: 'revoke select on accounts from tenant_service',
      mend: 'grant select on accounts to tenant_service',
    },
  ];
  for (const { name, spoil, mend, kind } of spoilt) {
    test(`find ${name}, and forbid the cut-over until the operator turns the gate off`, async () => {
      const tenant = await world.tenant(source);
      await target.sql(spoil);
      let mended = false;
      try {
        const { move, running } = await catchingUp(tenant, { shadowReads: { share: 1 } });
        const found = await readUntil(tenant, move.id, (sum) => sum[kind] > 0);
        assert.deepEqual(found.tables, ['accounts']);
        await world.store.want(move.id, 'cut_over');
        await assert.rejects(running, { code: 'move_shadow_reads_differ' });
        const kept = await world.store.get(move.id);
        assert.deepEqual(
          [kept.step, kept.wanted, kept.error?.code],
          ['catching_up', 'run', 'move_shadow_reads_differ'],
        );
        assert.equal((await world.application.tenants.get(tenant)).dataSourceId, source.id);
        await target.sql(mend);
        mended = true;
        await commandMove(world.dependencies, move.id, 'cut_over', { despiteShadowReads: true });
        assert.equal(await world.run(move), 'moved');
        assert.equal(await world.want(move, 'complete'), 'completed');
      } finally {
        if (!mended) await target.sql(mend);
      }
    });
  }

  test('have the tenant’s id at the target, also within arrays', async () => {
    const tenant = await world.tenant(source, 5);
    const { move, running } = await catchingUp(
      tenant,
      { shadowReads: { share: 1 } },
      'logical',
      randomUUID(),
    );
    const statement = { text: 'select name from accounts where tenant_id = any ($1)', values: [[tenant]] };
    const compared = () => sumShadowReads(world.operations.pool, move.id);
    for (let found = await compared(); found.same + found.different < 2; found = await compared()) {
      await world.manager.execute(tenant, statement, { readOnly: true });
      await sleep(50);
    }
    assert.deepEqual([(await compared()).different, (await compared()).refused], [0, 0]);
    await world.store.want(move.id, 'abort');
    assert.equal(await running, 'aborted');
  });

  test('that are slower at the target than allowed forbid the cut-over', async () => {
    const tenant = await world.tenant(source);
    const { move, running } = await catchingUp(tenant, { shadowReads: { share: 1, latencyRatio: 0.0001 } });
    await readUntil(tenant, move.id, ({ same }) => same >= 20);
    await world.store.want(move.id, 'cut_over');
    await assert.rejects(running, { code: 'move_shadow_reads_slow' });
    assert.equal(await world.want(move, 'abort'), 'aborted');
  });

  test('that hang at the target delay no statement of the tenant', async (t) => {
    const tenant = await world.tenant(source);
    const { move, running } = await catchingUp(tenant, { shadowReads: { share: 1 } });
    const client = new pg.Client({ connectionString: target.adminUrl });
    await client.connect();
    t.after(() => client.end());
    await client.query('begin; lock table accounts in access exclusive mode');
    const readAll = async (times: number) => {
      for (let n = 0; n < times; n += 1) {
        await world.manager.execute(
          tenant,
          { text: 'select name from accounts', values: [] },
          { readOnly: true },
        );
      }
    };
    const countWaiting = async () => {
      // Not within the transaction that locks: it would go on seeing what it saw first.
      const { rows } = await administer(
        target.adminUrl,
        `select count(*)::int as n from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like 'select name from accounts%'`,
      );
      return rows[0]?.n ?? 0;
    };
    // The process takes the move up in its own time.
    await until(async () => {
      await readAll(20);
      return (await countWaiting()) > 0;
    }, 'a read that waits in the target');
    // Had they waited for the other database, it would be two seconds each.
    await inTime(readAll(60), 'the tenant’s reads', 90_000);
    const waiting: number[] = [];
    for (let looks = 0; looks < 20; looks += 1) {
      waiting.push(await countWaiting());
      await sleep(25);
    }
    assert.equal(Math.max(...waiting), 1, 'one read at a time waits in the target');
    await client.query('rollback');
    await world.store.want(move.id, 'abort');
    assert.equal(await running, 'aborted');
  });

  test('cannot write, and cannot enter a closed or unknown tenant', async (t) => {
    const tenant = await world.tenant(source, 5);
    const client = new pg.Client({ connectionString: source.routerUrl });
    await client.connect();
    t.after(() => client.end());
    const read = (text: string, tenantId = tenant, sealKey = sealKeyOf(source.routerUrl)) =>
      repeatRead(
        client,
        tenantId,
        {
          role: 'tenant_service',
          claims: JSON.stringify({ role: 'tenant_service', tenant_id: tenantId }),
          settings: [],
          statement: { text, values: [] },
        },
        { maxBytes: 1_000_000, sealKey },
      );
    assert.deepEqual(await read('select count(*) from accounts'), [['5']]);
    await assert.rejects(read(`insert into accounts (name) values ('x')`), { code: '25006' });
    await assert.rejects(read(`select set_config('transaction_read_only', 'off', true)`), { code: '25001' });
    await assert.rejects(read('select count(*) from accounts', tenant, Buffer.alloc(32)), { code: 'MQ005' });
    await source.sql(`select tenancy.close_fence($1, 'suspended')`, [tenant]);
    await assert.rejects(read('select 1'), { code: 'MQ001' });
    await assert.rejects(read('select 1', '00000000-0000-4000-8000-000000000000'), { code: 'MQ001' });
  });
});

test('answers are compared without regard to order, and differ where one row does', () => {
  const answer = (...rows: object[]) => [['2', JSON.stringify(rows)]];
  const [a, b, c] = [
    { id: 1, n: 'a' },
    { id: 2, n: 'b' },
    { id: 3, n: 'c' },
  ];
  assert.ok(alike(answer(a, b), answer(b, a), false));
  assert.ok(!alike(answer(a, b), answer(a, c), false));
  assert.ok(!alike(answer(a, b), answer(a), false));
  assert.ok(!alike([['1'], ['2']], [['1'], ['3']], false));
  assert.ok(alike([['1'], ['2']], [['2'], ['1']], false));
  // Which rows a limit cuts off is open; what is in them is not.
  assert.ok(alike(answer(a, b), answer(a, c), true));
  assert.ok(!alike(answer(a, b), answer({ ...a, n: 'x' }, b), true));
  assert.ok(!alike([['2', 'x']], [['3', 'x']], true));
});
