// Between PostgreSQL 18 and 15, owned by a login that is no superuser, with tables of the customer's own: there, back, given up.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MovePoint } from '@/lib/movement/control/hooks';
import type { MoveMode } from '@/lib/movement/control/move';
import { connectMover } from '@/lib/movement/control/mover-connection';
import { BEGIN_COPYING, endQuietly, inTransaction } from '@/lib/tenant-data/rows';
import { administer, createTestDatabase, OLDEST_POSTGRES, startTestServer } from '../../../support/postgres';
import { createWorld, leftovers, NOTHING } from '../world';

const server = await startTestServer({
  ...OLDEST_POSTGRES,
  settings: { max_replication_slots: 20, max_wal_senders: 20 },
});
const world = await createWorld({
  databases: [undefined, await createTestDatabase('database', undefined, server.url())],
});
const [newer, older] = world.databases;
const options = { autoCutOver: true, pauseLimitMs: 20_000 };

/** By name: numbers of their own, generated columns, large values, keys that change, keys of other types, partitions. */
const OWN = {
  tickets: `id uuid default gen_random_uuid(), no bigint generated always as identity, title text, body text,
    loud text generated always as (upper(title)) stored, primary key (tenant_id, id)`,
  counters: 'no int generated always as identity, note text, primary key (tenant_id, no) include (note)',
  articles: `code text, body text, tags int[], no int default nextval('article_numbers'), primary key (tenant_id, code)`,
  comments: `id uuid default gen_random_uuid(), code text, primary key (tenant_id, id),
    foreign key (tenant_id, code) references articles on update cascade on delete restrict`,
  readings: 'at timestamptz, value numeric, primary key (tenant_id, at)',
  visits:
    'id uuid default gen_random_uuid(), day date, primary key (tenant_id, id, day)) partition by range (day',
  arrivals: `id uuid default gen_random_uuid(), visit uuid, day date, primary key (tenant_id, id, day),
    foreign key (tenant_id, visit, day) references visits) partition by range (day`,
};
for (const database of world.databases) {
  const tables = Object.entries(OWN).map(
    ([name, columns]) =>
      `create table ${name} (tenant_id uuid not null default tenancy.current_tenant(), ${columns})`,
  );
  await administer(
    database.ownerUrl,
    `create sequence article_numbers; grant usage on sequence article_numbers to tenant_service;
     ${tables.join(';')};
     ${Object.keys(OWN)
       .map(
         (name) => `alter table ${name} enable row level security;
           create policy own on ${name} to tenant_service using (tenant_id = (select tenancy.current_tenant()));
           create policy tenant_mover on ${name} to tenant_mover using (true) with check (true)`,
       )
       .join(';')};
     alter table articles alter body set storage external;
     alter table tickets alter body set storage external;
     create table visits_2025 partition of visits for values from ('2025-01-01') to ('2026-01-01');
     create table visits_2026 partition of visits for values from ('2026-01-01') to ('2027-01-01');
     create table arrivals_2026 partition of arrivals for values from ('2026-01-01') to ('2027-01-01');
     grant select, insert, update, delete on ${Object.keys(OWN).join(', ')}, visits_2025, visits_2026, arrivals_2026 to tenant_service, tenant_mover`,
  );
}

async function tenantWithOwnRows(database: typeof newer): Promise<string> {
  const tenant = await world.tenant(database, 10);
  const large = "(select string_agg(md5(n::text || m::text), '') from generate_series(1, 200) m)";
  await world.manager.withTenantTransaction(tenant, async ({ query }) => {
    await query(
      `insert into tickets (title, body) select 'Ticket ' || n, ${large} from generate_series(1, 5) n`,
    );
    await query(`insert into counters (note) select 'Count ' || n from generate_series(1, 5) n`);
    await query(
      `insert into articles (code, body, tags) select 'A' || n, ${large}, '[0:1]={1,null}' from generate_series(1, 5) n`,
    );
    await query(`insert into comments (code) select code from articles`);
    await query(
      `insert into readings (at, value) select timestamptz '2026-01-01' + n * interval '1 hour', n from generate_series(1, 5) n`,
    );
    await query(`insert into visits (day) values ('2025-03-01'), ('2026-03-01'), ('2026-04-01')`);
    await query(`insert into arrivals (visit, day) select id, day from visits where day = '2026-03-01'`);
  });
  return tenant;
}

/** What is hard to repeat elsewhere. */
async function change(tenant: string): Promise<void> {
  await world.manager.withTenantTransaction(tenant, async ({ query }) => {
    await query(`update tickets set title = title || '!'`);
    await query(`update counters set note = note || '!'`);
    await query(`delete from counters where note = 'Count 2!'`);
    // The key changes and the large value does not: the stream does not send it.
    await query(`update articles set code = code || 'x' where code <> 'A1'`);
    await query(`update articles set code = code || 'y', body = 'short' where code like 'A2%'`);
    await query(`update readings set value = value + 1`);
    await query(`delete from readings where at = timestamptz '2026-01-01 02:00Z'`);
    await query(`update readings set at = at + interval '1 minute' where value > 4`);
    await query(`update visits set day = '2025-05-01' where day = '2026-04-01'`);
    await query(`insert into visits (day) values ('2026-06-01')`);
    await query(`insert into arrivals (visit, day) select id, day from visits where day = '2026-06-01'`);
    await query(`insert into tickets (title) values ('New')`);
    // A foreign key that cannot be deferred: parents first, and gone last.
    await query(`update comments set id = id where code = 'A1'`);
    await query(`insert into articles (code) values ('Z1')`);
    await query(`insert into comments (code) values ('Z1')`);
    await query(`delete from comments where code = 'A5x'`);
    await query(`delete from articles where code = 'A5x'`);
    // Their numbers become others, with and without a large value that is not sent.
    await query(`update tickets set no = default where title in ('Ticket 1!', 'New')`);
  });
}

/** All rows of a tenant in its own tables, as text. */
async function rowsOf(database: typeof newer, tenant: string): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of Object.keys(OWN)) {
    const { rows } = await database.sql(
      `select t::text as row from ${table} t where tenant_id = $1 order by 1`,
      [tenant],
    );
    found[table] = rows.map(({ row }) => row);
  }
  return found;
}

async function newest(tenant: string): Promise<number> {
  const [row] = await world.manager.execute(tenant, {
    text: 'insert into tickets (title) values ($1) returning no',
    values: ['Next'],
  });
  return Number(row?.[0]);
}

describe('moves without a superuser', { concurrency: false }, () => {
  for (const [way, from, to, mode] of [
    ['18 to 15', newer, older, 'logical'],
    ['15 to 18', older, newer, 'logical'],
    ['18 to 15', newer, older, 'change_log'],
  ] as [string, typeof newer, typeof newer, MoveMode][]) {
    test(`from ${way}: rolled back, then moved again and completed (${mode})`, async () => {
      const tenant = await tenantWithOwnRows(from);
      const move = await world.start(tenant, to, { from, mode, options: { pauseLimitMs: 20_000 } });
      assert.equal(await world.run(move), 'ready');
      await change(tenant);
      const before = await rowsOf(from, tenant);
      const last = await newest(tenant);
      assert.equal(await world.want(move, 'cut_over'), 'moved');
      assert.equal((await rowsOf(to, tenant)).tickets?.length, 7);
      assert.ok((await newest(tenant)) > last, 'numbers go on at the target');
      await world.manager.execute(tenant, { text: `delete from tickets where title = 'Next'`, values: [] });
      assert.deepEqual(await rowsOf(to, tenant), before);
      await world.manager.execute(tenant, { text: `update articles set code = 'B' || code`, values: [] });
      await world.manager.execute(tenant, { text: `update tickets set title = title || '?'`, values: [] });
      const after = await rowsOf(to, tenant);
      const latest = await newest(tenant);
      assert.equal(await world.want(move, 'rollback'), 'rolled_back');
      assert.ok((await newest(tenant)) > latest, 'and at the source');
      await world.manager.execute(tenant, { text: `delete from tickets where title = 'Next'`, values: [] });
      assert.deepEqual(await rowsOf(from, tenant), after);
      assert.deepEqual(await leftovers(to, move.id, tenant), NOTHING);
      const again = await world.start(tenant, to, { from, mode, options });
      assert.equal(await world.run(again), 'moved');
      assert.equal(await world.want(again, 'complete'), 'completed');
      assert.deepEqual(await rowsOf(to, tenant), after);
      assert.deepEqual(await leftovers(from, again.id, tenant), NOTHING);
    });
  }

  for (const point of ['create_publication', 'copied_range', 'verified', 'drained'] as MovePoint[]) {
    test(`a move that fails at ${point} can be aborted without leftovers`, async () => {
      const tenant = await tenantWithOwnRows(newer);
      const move = await world.start(tenant, older, { options });
      await assert.rejects(
        world.run(move, (reached) => {
          if (reached === point) throw new Error(`failed at ${point}`);
        }),
      );
      assert.equal(await world.want(move, 'abort'), 'aborted');
      assert.deepEqual(await leftovers(older, move.id, tenant), NOTHING);
      assert.equal((await rowsOf(older, tenant)).tickets?.length, 0);
    });
  }

  test('foreign key actions during a copy fire no triggers either', async (t) => {
    for (const database of world.databases) {
      const tenant = await world.tenant(database, 1);
      const { url } = await world.dependencies.endpoint(database.id);
      const mover = await connectMover({ url, moveId: tenant });
      t.after(() => endQuietly(mover));
      await inTransaction(mover, BEGIN_COPYING, () =>
        mover.query('delete from opportunities where tenant_id = $1', [tenant]),
      );
      const { rows } = await database.sql(
        'select distinct converted_opportunity_id as emptied, version from leads where tenant_id = $1',
        [tenant],
      );
      assert.deepEqual(rows, [{ emptied: null, version: 1 }]);
      await database.sql('delete from tenancy.fence where tenant_id = $1', [tenant]);
    }
  });

  test('an offline move is completed without a superuser', async () => {
    const tenant = await tenantWithOwnRows(older);
    const before = await rowsOf(older, tenant);
    const move = await world.start(tenant, newer, { from: older, mode: 'offline' });
    assert.equal(await world.run(move), 'moved');
    assert.deepEqual(await rowsOf(newer, tenant), before);
    assert.equal(await world.want(move, 'complete'), 'completed');
    assert.deepEqual(await leftovers(older, move.id, tenant), NOTHING);
  });
});
