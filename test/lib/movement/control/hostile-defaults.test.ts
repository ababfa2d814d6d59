// What the owner of a database makes the defaults of its sessions changes nothing about requests and moves.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import pg from 'pg';
import { sealClaims, sealKeyOf } from '@/lib/tenant-data';
import { createWorld, leftovers, NOTHING, Writer } from '../world';

const world = await createWorld();
const [source, target] = world.databases;
for (const database of world.databases) {
  await database.sql(`
    create table measures (tenant_id uuid not null default tenancy.current_tenant(), id int, at timestamptz, took interval,
      raw bytea, number float8, price money, list text[], document xml, primary key (tenant_id, id));
    alter table measures owner to test_owner;
    alter table measures enable row level security;
    create policy own on measures to tenant_service using (tenant_id = (select tenancy.current_tenant()));
    create policy tenant_mover on measures to tenant_mover using (true) with check (true);
    grant select, insert, update, delete on measures to tenant_service, tenant_mover`);
}

const HOSTILE: Record<string, Record<string, string>> = {
  'repeatable read': { default_transaction_isolation: 'repeatable read' },
  'serializable, read only, deferrable': {
    default_transaction_isolation: 'serializable',
    default_transaction_read_only: 'on',
    default_transaction_deferrable: 'on',
  },
  'short limits': {
    statement_timeout: '40ms',
    lock_timeout: '1ms',
    idle_in_transaction_session_timeout: '200ms',
    idle_session_timeout: '1s',
    transaction_timeout: '500ms',
    wal_sender_timeout: '300ms',
  },
  'other texts': {
    TimeZone: 'Asia/Kathmandu',
    DateStyle: 'German, DMY',
    IntervalStyle: 'sql_standard',
    bytea_output: 'escape',
    extra_float_digits: '-15',
    lc_monetary: 'C',
    array_nulls: 'off',
    xmloption: 'document',
    xmlbinary: 'hex',
    standard_conforming_strings: 'off',
    transform_null_equals: 'on',
    client_encoding: 'LATIN1',
  },
  'other names, rows and plans': {
    search_path: 'nowhere',
    quote_all_identifiers: 'on',
    row_security: 'off',
    gin_fuzzy_search_limit: '1',
    exit_on_error: 'on',
    plan_cache_mode: 'force_generic_plan',
    jit: 'on',
    'plpgsql.extra_errors': 'all',
  },
};

/** For both logins of both databases in that database: the strongest default there is. */
async function setDefaults(defaults: Record<string, string>): Promise<void> {
  for (const { adminUrl, logins, sql } of world.databases) {
    const database = new URL(adminUrl).pathname.slice(1);
    for (const { name } of [logins.router, logins.mover]) {
      await sql(`alter role ${name} in database ${database} reset all`);
      for (const [setting, value] of Object.entries(defaults))
        await sql(`alter role ${name} in database ${database} set ${setting} to '${value}'`);
    }
  }
}

const rowsOf = async (database: typeof source, tenant: string) =>
  (await database.sql('select m::text as row from measures m where tenant_id = $1 order by id', [tenant]))
    .rows;

describe('defaults of a database do not matter', { concurrency: false }, () => {
  for (const [name, defaults] of Object.entries(HOSTILE)) {
    test(`statements and moves work with: ${name}`, async (t) => {
      await setDefaults(defaults);
      t.after(() => setDefaults({}));
      const tenant = await world.tenant(source, 20);
      // Of its own, since sessions that are open keep what they began with.
      const manager = world.deafManager();
      await manager.execute(tenant, {
        text: `insert into measures select tenancy.current_tenant(), n, timestamptz '2026-03-29 00:30Z' + n * interval '1 hour',
          n * interval '-1 day 3 hours', decode('00ff5c27', 'hex'), n / 3.0, n * 1.5, array['a', null, 'b\\c', 'ü'],
          xmlparse(content 'a<b/>') from generate_series(1, 5) n`,
        values: [],
      });
      const move = await world.start(tenant, target, { options: { pauseLimitMs: 20_000 } });
      assert.equal(await world.run(move), 'ready');
      const writer = new Writer(manager, tenant, { writers: 2, pauseMs: 5 });
      t.after(() => writer.stop());
      await manager.withTenantTransaction(tenant, async ({ query }) => {
        await query(`update measures set took = took * 2, at = at + interval '1 day', number = number / 7`);
        await query(`insert into measures (id, list) values (6, '{NULL,"null"}')`);
      });
      const client = await manager.getClientForTenant(tenant, true);
      assert.equal((await client.from('measures' as 'accounts').select('id')).data?.length, 6);
      const rows = await rowsOf(source, tenant);
      assert.equal(await world.want(move, 'cut_over'), 'moved');
      assert.deepEqual(await rowsOf(target, tenant), rows);
      await manager.execute(tenant, { text: 'update measures set number = number * 3', values: [] });
      const { data, error } = await client.from('accounts').insert({ name: 'Over REST' }).select('name');
      assert.deepEqual([data, error], [[{ name: 'Over REST' }], null]);
      const after = await rowsOf(target, tenant);
      assert.equal(await world.want(move, 'rollback'), 'rolled_back');
      assert.deepEqual(await rowsOf(source, tenant), after);
      await writer.stop();
      assert.deepEqual(writer.errors, []);
      assert.deepEqual(await writer.check(source), { lost: 0, doubled: 0 });
      assert.deepEqual(await leftovers(target, move.id, tenant), NOTHING);
    });
  }

  test('sessions with session_replication_role = replica are refused', async (t) => {
    await setDefaults({ session_replication_role: 'replica' });
    t.after(() => setDefaults({}));
    const tenant = await world.tenant(source, 1);
    await assert.rejects(world.deafManager().execute(tenant, { text: 'select 1', values: [] }), {
      code: 'data_source_triggers_off',
    });
    await assert.rejects(world.run(await world.start(tenant, target)), { code: 'move_not_possible' });
  });

  test('a fence can be read and changed at read committed only', async (t) => {
    const tenant = await world.tenant(source, 1);
    const mover = (await world.dependencies.endpoint(source.id)).url;
    const [router, fences] = [source.routerUrl, mover].map(
      (url) => new pg.Client({ connectionString: url }),
    ) as [pg.Client, pg.Client];
    t.after(() => Promise.all([router.end(), fences.end()]));
    await Promise.all([router.connect(), fences.connect()]);
    const plain = JSON.stringify({ role: 'tenant_service', tenant_id: tenant });
    const claims = sealClaims(plain, sealKeyOf(source.routerUrl));
    const refused = { code: 'MQ030', hint: /begin isolation level read committed/ };
    for (const level of ['repeatable read', 'serializable']) {
      for (const [client, text] of [
        [router, `select tenancy.enter('${tenant}', 1, 'tenant_service', '${claims}', false)`],
        [fences, `select tenancy.assert_held('${tenant}', 'move x#1')`],
        [fences, `select tenancy.open_fence('${tenant}', 2)`],
        [fences, `select tenancy.close_fence('${tenant}', 'x')`],
        [fences, `update tenancy.fence set holder = 'x'`],
      ] as [pg.Client, string][]) {
        await client.query(`begin isolation level ${level}`);
        await assert.rejects(client.query(text), refused);
        await client.query('rollback');
      }
    }
  });
});
