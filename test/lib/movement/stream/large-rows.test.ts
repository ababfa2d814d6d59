// Replication holds a bounded part of what changes in memory, however large the rows are; and what bounds mean for a change log.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { loginUrl } from '@/lib/data-sources/provisioning/logins';
import { connectMover } from '@/lib/movement/control/mover-connection';
import { ChangeStream } from '@/lib/movement/stream/change-stream';
import { createSlot, dropSlot } from '@/lib/movement/stream/slots';
import { endQuietly, readTables } from '@/lib/tenant-data/rows';
import { administer } from '../../../support/postgres';
import { createWorld, leftovers, NOTHING } from '../world';

const MIB = 1024 * 1024;
const world = await createWorld();
const [source, target] = world.databases;
for (const { ownerUrl } of world.databases) {
  const own = (name: string, columns: string) => `
    create table ${name} (tenant_id uuid not null default tenancy.current_tenant(), id int, ${columns}, primary key (tenant_id, id));
    alter table ${name} enable row level security;
    create policy own on ${name} to tenant_service using (tenant_id = (select tenancy.current_tenant()));
    create policy tenant_mover on ${name} to tenant_mover using (true) with check (true);
    grant select, insert, update, delete on ${name} to tenant_service, tenant_mover`;
  await administer(
    ownerUrl,
    [
      own('papers', 'body text'),
      own('parents', 'place int unique'),
      own('children', 'parent int'),
      'alter table children add foreign key (tenant_id, parent) references parents',
    ].join(';'),
  );
}

/** Bodies that do not compress: 1 MiB each. */
const BODY = `(select string_agg(md5(n::text || m::text), '') from generate_series(1, 32768) m)`;

async function rowsOf(database: typeof source, tenant: string, table: string) {
  const { rows } = await database.sql(
    `select md5(t::text) as row from ${table} t where tenant_id = $1 order by id`,
    [tenant],
  );
  return rows;
}

describe('replication of large rows', { concurrency: false }, () => {
  test('a large transaction is handed on in parts of a few megabytes', async (t) => {
    const tenant = await world.tenant(source, 1);
    const moveId = tenant;
    const url = loginUrl(source.adminUrl, source.logins.mover);
    const mover = await connectMover({ url, moveId });
    const slot = `marquee_move_${moveId.replaceAll('-', '')}_forward`;
    await mover.query(`select tenancy.publish_table($1, $2, 'papers'::regclass)`, [slot, tenant]);
    const made = await createSlot({ url, moveId, slot }, 600_000);
    await made.release();
    const tables = await readTables(mover);
    const stream = new ChangeStream({ url, moveId, slot, publication: slot, tables });
    t.after(async () => {
      await stream.stop();
      await dropSlot(mover, slot);
      await endQuietly(mover);
    });
    await world.manager.execute(tenant, {
      text: `insert into papers (id, body) select n, ${BODY} from generate_series(1, 60) n`,
      values: [],
    });
    await stream.start(made.position);
    let rows = 0;
    while (rows < 60) {
      const batch = await stream.next(1_000);
      const sizes = batch.map(({ changes }) => {
        rows += changes.length;
        return changes.reduce((sum, change) => sum + JSON.stringify(change).length, 0);
      });
      assert.ok(Math.max(0, ...sizes) < 12 * MIB, `a part of ${sizes}`);
      assert.ok(sizes.reduce((sum, size) => sum + size, 0) < 48 * MIB, `${sizes} at once`);
      const end = batch.findLast(({ commitLsn }) => commitLsn !== undefined)?.commitLsn;
      if (end !== undefined) stream.confirm(end);
    }
  });

  test('a change log is read in rounds of a few megabytes', async () => {
    const tenant = await world.tenant(source, 1);
    const move = await world.start(tenant, target, { mode: 'change_log' });
    assert.equal(await world.run(move), 'ready');
    await world.manager.execute(tenant, {
      text: `insert into papers (id, body) select n, ${BODY} from generate_series(1, 24) n`,
      values: [],
    });
    let rounds = 0;
    await world.store.want(move.id, 'cut_over');
    const end = await world.run(move, (point) => {
      if (point === 'apply') rounds += 1;
    });
    assert.equal(end, 'moved');
    assert.ok(rounds >= 5, `${rounds} rounds`);
    assert.deepEqual(await rowsOf(target, tenant, 'papers'), await rowsOf(source, tenant, 'papers'));
    assert.equal(await world.want(move, 'complete'), 'completed');
    assert.deepEqual(await leftovers(source, move.id, tenant), NOTHING);
  });

  test('rows of a change log that need later ones go with them', async () => {
    const tenant = await world.tenant(source, 1);
    await world.manager.execute(tenant, {
      text: `insert into parents (id, place) values (2, 2)`,
      values: [],
    });
    const move = await world.start(tenant, target, { mode: 'change_log' });
    assert.equal(await world.run(move), 'ready');
    await world.manager.withTenantTransaction(tenant, async ({ query }) => {
      // More keys than a round has lie between a row and the one that it needs.
      await query('insert into children (id) select generate_series(1, 6000)');
      await query('insert into parents (id, place) values (1, 1)');
      await query('update children set parent = 1');
      await query('update parents set place = 3 where id = 2');
    });
    assert.equal(await world.want(move, 'cut_over'), 'moved');
    for (const table of ['parents', 'children'])
      assert.deepEqual(await rowsOf(target, tenant, table), await rowsOf(source, tenant, table));
    assert.equal(await world.want(move, 'rollback'), 'rolled_back');
    assert.deepEqual(await leftovers(target, move.id, tenant), NOTHING);
  });

  test('a table that is emptied and filled again goes with the change log', async () => {
    const tenant = await world.tenant(source, 1);
    const insert = (text: string) => world.manager.execute(tenant, { text, values: [] });
    await insert(`insert into papers (id, body) values (1, 'first'), (2, 'second')`);
    const move = await world.start(tenant, target, { mode: 'change_log' });
    assert.equal(await world.run(move), 'ready');
    await insert(`update papers set body = 'changed'`);
    await administer(source.ownerUrl, 'truncate papers');
    await insert(`insert into papers (id, body) values (2, 'again'), (3, '')`);
    assert.equal(await world.want(move, 'cut_over'), 'moved');
    assert.deepEqual(await rowsOf(target, tenant, 'papers'), await rowsOf(source, tenant, 'papers'));
    assert.equal(await world.want(move, 'complete'), 'completed');
    assert.deepEqual(await leftovers(source, move.id, tenant), NOTHING);
  });
});
