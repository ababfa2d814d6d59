// Everything that would make a move fail later is said before it begins.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { startMove } from '@/lib/movement/control/requests';
import { checkMove } from '@/lib/movement/plan/check-move';
import { administer, startTestServer } from '../../../support/postgres';
import { createWorld } from '../world';

const server = await startTestServer({
  settings: { max_replication_slots: 2, max_slot_wal_keep_size: '1MB' },
});
const world = await createWorld({ databases: [undefined, server.url()] });
const [source, target] = world.databases;
const tenant = await world.tenant(source);
// As where provisioning may not give it: policies apply to the mover then.
await source.sql(`alter role ${source.logins.mover.name} nobypassrls`);

async function findings(toTenantId?: string): Promise<Map<string, { level: string; message: string }>> {
  const result = await checkMove(world.dependencies, { tenantId: tenant, toSource: target.id, toTenantId });
  return new Map(result.findings.map((finding) => [finding.check, finding]));
}

const levelOf = async (check: string) => (await findings()).get(check)?.level;

/** A change of a database, and the finding it makes; taken back afterwards. */
const faults: {
  name: string;
  check: string;
  level: 'problem' | 'warning';
  /** Of the message: what is wrong is named. */
  says?: RegExp;
  spoil: string;
  mend: string;
}[] = [
  {
    name: 'a policy that hides all rows from the mover',
    check: 'visible_rows',
    level: 'problem',
    spoil: 'alter policy tenant_mover on accounts using (false)',
    mend: 'alter policy tenant_mover on accounts using (true)',
  },
  {
    name: 'a restrictive policy that hides rows',
    check: 'visible_rows',
    level: 'problem',
    spoil: `create policy hiding on accounts as restrictive for select using (name <> 'x')`,
    mend: 'drop policy hiding on accounts',
  },
  {
    name: 'a table that the mover may not write',
    check: 'visible_rows',
    level: 'problem',
    says: /accounts \(grant insert on accounts/,
    spoil: 'revoke insert on accounts from tenant_mover',
    mend: 'grant insert on accounts to tenant_mover',
  },
  {
    name: 'a column that the target lacks',
    check: 'tables',
    level: 'problem',
    says: /accounts\."shoe_size" is integer in .*, missing in/,
    spoil: 'alter table accounts add column shoe_size int',
    mend: 'alter table accounts drop column shoe_size',
  },
  {
    name: 'another version of the schema',
    check: 'schema_version',
    level: 'problem',
    spoil: `insert into tenancy.migrations (version, name, checksum) values (9999, 'later', 'x')`,
    mend: 'delete from tenancy.migrations where version = 9999',
  },
  {
    name: 'another migration with the same number',
    check: 'schema_version',
    level: 'problem',
    spoil: `update tenancy.migrations set checksum = 'x' || checksum where version = 1`,
    mend: `update tenancy.migrations set checksum = substr(checksum, 2) where version = 1`,
  },
  {
    name: 'another text of a function',
    check: 'schema_version',
    level: 'problem',
    says: /same version of the schema, but other functions/,
    spoil: `update tenancy.function_files set checksum = 'x' || checksum where path = 'tenancy/enter.sql'`,
    mend: `update tenancy.function_files set checksum = substr(checksum, 2) where path = 'tenancy/enter.sql'`,
  },
  {
    name: 'a table without a replica identity',
    check: 'replica_identity',
    level: 'problem',
    spoil: 'alter table accounts replica identity nothing',
    mend: 'alter table accounts replica identity default',
  },
  {
    name: 'a foreign table with rows of the tenant',
    check: 'left_behind',
    level: 'problem',
    says: /the foreign table elsewhere/,
    spoil: `create extension file_fdw; create server files foreign data wrapper file_fdw;
      create foreign table elsewhere (tenant_id uuid, note text) server files options (program 'echo ${tenant},hello', format 'csv');
      grant select on elsewhere to tenant_mover`,
    mend: 'drop extension file_fdw cascade',
  },
  {
    name: 'a foreign table that the mover cannot read',
    check: 'left_behind',
    level: 'problem',
    says: /the foreign table elsewhere cannot be looked into/,
    spoil: `create foreign data wrapper nothing; create server nowhere foreign data wrapper nothing;
      create foreign table elsewhere (tenant_id text) server nowhere; grant select on elsewhere to tenant_mover`,
    mend: 'drop foreign data wrapper nothing cascade',
  },
  {
    name: 'a table without a key',
    check: 'left_behind',
    level: 'problem',
    says: /loose \(its primary key does not begin with tenant_id\)/,
    spoil: `create table loose (tenant_id uuid, note text); insert into loose values ('${tenant}', 'x'); grant select on loose to tenant_mover`,
    mend: 'drop table loose',
  },
  {
    name: 'a table in a schema of the customer’s own',
    check: 'left_behind',
    level: 'problem',
    says: /shop\.orders cannot be looked into \(grant/,
    spoil: `create schema shop; create table shop.orders (tenant_id text, id int, primary key (tenant_id, id))`,
    mend: 'drop schema shop cascade',
  },
  {
    name: 'large objects that rows name',
    check: 'left_behind',
    level: 'problem',
    says: /pictures\."photo" \(it names large objects/,
    spoil: `create table pictures (tenant_id uuid, id int, photo oid, primary key (tenant_id, id)); grant select, insert, update, delete on pictures to tenant_mover;
      insert into pictures values ('${tenant}', 1, lo_from_bytea(0, 'x'))`,
    mend: 'select lo_unlink(photo) from pictures; drop table pictures',
  },
  {
    name: 'a view that the target lacks',
    check: 'views',
    level: 'warning',
    says: /lacks the views seen\./,
    spoil: 'create view seen as select tenant_id, name from accounts',
    mend: 'drop view seen',
  },
  ...[
    ['tenant_id is no uuid', 'tenant_id text, id int, primary key (tenant_id, id)'],
    ['primary key is tenant_id alone', 'tenant_id uuid primary key'],
    ['primary key is deferrable', 'tenant_id uuid, id int, primary key (tenant_id, id) deferrable'],
    [
      'primary key has a generated column',
      'tenant_id uuid, a int, id int generated always as (a + 1) stored, primary key (tenant_id, id)',
    ],
    ['primary key has an array', 'tenant_id uuid, id int[], primary key (tenant_id, id)'],
    [
      'it has rules',
      'tenant_id uuid, id int, primary key (tenant_id, id)); create rule r as on delete to odd do instead (select 1',
    ],
    ['it inherits', 'tenant_id uuid, id int, primary key (tenant_id, id)) inherits (tenancy.router_keys'],
    ['it belongs to', 'tenant_id uuid, id int, primary key (tenant_id, id)'],
  ].map(([why, columns]) => ({
    name: `a table of the customer’s own: ${why}`,
    check: 'own_tables',
    level: 'problem' as const,
    says: new RegExp(`odd \\(.*${why}`),
    spoil: `create table odd (${columns})`,
    mend: 'drop table odd',
  })),
  {
    name: 'a trigger of the customer’s own that would fire for copied rows',
    check: 'own_triggers',
    level: 'warning',
    says: /noisy on locations/,
    spoil: `create function noisy() returns trigger language plpgsql as 'begin return null; end';
      create trigger noisy after insert on locations for each row execute function noisy()`,
    mend: 'drop function noisy cascade',
  },
];

describe('the preflight', { concurrency: false }, () => {
  test('finds no problem with two alike databases, and estimates the work', async () => {
    const result = await checkMove(world.dependencies, { tenantId: tenant, toSource: target.id });
    const wrong = result.findings.filter(({ level }) => level === 'problem');
    assert.deepEqual(wrong, []);
    assert.equal(result.mode, 'logical');
    assert.equal(result.rows, 85);
    assert.ok(result.bytes > 0 && result.estimatedSeconds > 0);
    assert.match((await findings()).get('space')?.message ?? '', /needs \d+\.\d MB/);
  });

  for (const { name, check, level, says, spoil, mend } of faults) {
    test(`finds ${name}`, async () => {
      await source.sql(spoil);
      try {
        const found = (await findings()).get(check);
        assert.equal(found?.level, level);
        if (says) assert.match(found?.message ?? '', says);
      } finally {
        await source.sql(mend);
      }
      assert.equal(await levelOf(check), 'ok');
    });
  }

  describe('of a table of the customer’s own in both databases', { concurrency: false }, () => {
    const both = async (sql: string) => {
      for (const { ownerUrl } of [source, target]) await administer(ownerUrl, sql);
    };
    const constraints = async () => (await findings()).get('constraints');
    before(async () => {
      await both(
        `create table kinds (code text primary key);
         create table own (tenant_id uuid, id int, kind text references kinds, parent int, primary key (tenant_id, id));
         grant select, insert, update, delete on own to tenant_mover`,
      );
      await source.sql(`insert into kinds values ('tent'), ('booth')`);
      await source.sql(`insert into own values ($1, 1, 'tent', 7), ($2, 2, 'booth', null)`, [
        tenant,
        randomUUID(),
      ]);
    });
    after(() => both('drop table own, kinds'));

    test('finds rows that reference a table without tenant_id, as long as the target lacks what they reference', async () => {
      const closed = await constraints();
      assert.equal(closed?.level, 'problem');
      assert.match(closed.message, /own \("kind"\) references kinds, .*cannot be looked into \(grant/);
      await administer(target.ownerUrl, 'grant select on kinds to tenant_mover');
      const lacking = await constraints();
      assert.equal(lacking?.level, 'problem');
      assert.match(lacking.message, /rows of kinds that the target lacks, such as tent \(.*copy them/);
      await target.sql(`insert into kinds values ('tent')`);
      assert.equal((await constraints())?.level, 'ok');
    });

    for (const [kind, name, added, mended] of [
      ['a check', 'known', `check (kind <> 'tent')`, 'kind = null'],
      ['a foreign key', 'parents', 'foreign key (tenant_id, parent) references own', 'parent = null'],
      ['a NOT NULL constraint', 'filled', 'not null parent', 'parent = 1'],
    ] as const) {
      test(`finds rows that violate ${kind} that is not valid`, async () => {
        await both(`alter table own add constraint ${name} ${added} not valid`);
        const found = await constraints();
        assert.equal(found?.level, 'problem');
        assert.match(
          found.message,
          new RegExp(`own has rows that violate "${name}".*validate constraint "${name}"`),
        );
        await source.sql(`update own set ${mended} where tenant_id = $1`, [tenant]);
        assert.equal((await constraints())?.level, 'ok');
      });
    }
  });

  test('finds that source and target are one database under two names', async () => {
    const { adminUrl, routerUrl, moverUrl } = await world.operations.dataSources.credentials(source.id);
    const [admin, router, mover] = [adminUrl, routerUrl, moverUrl].map((url) =>
      (url as string).replace(
        /@(127\.0\.0\.1|localhost)/,
        (_, host) => `@${host === 'localhost' ? '127.0.0.1' : 'localhost'}`,
      ),
    );
    const other = await world.operations.dataSources.create({
      ...{
        name: 'by-another-name',
        kind: 'shared',
        adminUrl: admin,
        routerUrl: router as string,
        moverUrl: mover,
      },
    });
    const request = { tenantId: tenant, toSource: other.id, toTenantId: randomUUID() };
    const found = (await checkMove(world.dependencies, request)).findings.find(
      ({ check }) => check === 'places',
    );
    assert.match(found?.message ?? '', /are one database/);
    await assert.rejects(startMove(world.dependencies, { ...request, requestedBy: 'test' }), {
      code: 'move_not_possible',
      message: /are one database/,
    });
    // Recorded while one of them could not be reached.
    const move = await world.start(tenant, other, { toTenantId: request.toTenantId });
    await assert.rejects(world.run(move), { code: 'move_not_possible' });
    assert.equal(await world.want(move, 'abort'), 'aborted');
  });

  test('finds rows of the tenant at the target', async () => {
    await target.sql(`insert into locations (tenant_id, name) values ($1, 'left behind')`, [tenant]);
    assert.equal(await levelOf('target_empty'), 'problem');
    await target.sql('delete from locations where tenant_id = $1', [tenant]);
    assert.equal(await levelOf('target_empty'), 'ok');
    assert.equal((await findings(randomUUID())).get('target_empty')?.level, 'ok');
  });

  test('finds that no slot is free, and that the WAL a slot keeps is unlimited', async () => {
    assert.equal(await levelOf('slots'), 'ok');
    for (const slot of ['one', 'two'])
      await target.sql(`select pg_create_physical_replication_slot('${slot}')`);
    assert.equal(await levelOf('slots'), 'problem');
    for (const slot of ['one', 'two']) await target.sql(`select pg_drop_replication_slot('${slot}')`);
    // The shared server has no limit, this one has.
    assert.equal(await levelOf('slot_limit'), 'warning');
  });

  test('finds that the target takes no more tenants', async () => {
    const { dataSources } = world.operations;
    const start = () =>
      startMove(world.dependencies, { tenantId: tenant, toSource: target.id, requestedBy: 'test' });
    for (const status of ['draining', 'offline', 'provisioning'] as const) {
      await dataSources.update(target.id, { status });
      assert.equal(await levelOf('room'), 'problem');
      await assert.rejects(start(), { code: 'move_not_possible', message: new RegExp(status) });
    }
    await dataSources.update(target.id, { status: 'active', capacity: 1 });
    assert.equal(await levelOf('room'), 'ok');
    // Recorded at the same moment as the one before it: both found room.
    const others = [await world.tenant(source, 1), await world.tenant(source, 1)];
    const moves = await Promise.all(others.map((one) => world.start(one, target)));
    await assert.rejects(start(), { code: 'move_not_possible', message: /full/ });
    const ends = await Promise.allSettled(moves.map((move) => world.run(move)));
    assert.deepEqual(ends.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    for (const move of moves) assert.equal(await world.want(move, 'abort'), 'aborted');
    await dataSources.update(target.id, { capacity: null });
    assert.equal(await levelOf('room'), 'ok');
  });

  test('finds a region that the tenant may not be in', async () => {
    await world.application.tenants.update(tenant, { requiredRegion: 'eu' }, { actor: 'test' });
    assert.equal(await levelOf('region'), 'problem');
    await world.application.tenants.update(tenant, { requiredRegion: null }, { actor: 'test' });
    assert.equal(await levelOf('region'), 'ok');
  });

  test('finds that the mover cannot see how busy a server is', async () => {
    assert.equal(await levelOf('load_visible'), 'ok');
    await target.sql(`revoke pg_read_all_stats from ${target.logins.mover.name}`);
    assert.equal(await levelOf('load_visible'), 'warning');
  });

  test('finds a login without tenant_mover, and one without REPLICATION', async () => {
    await administer(target.ownerUrl, `revoke tenant_mover from ${target.logins.mover.name}`);
    assert.equal(await levelOf('mover'), 'problem');
    await administer(target.ownerUrl, `grant tenant_mover to ${target.logins.mover.name}`);
    await target.sql(`alter role ${target.logins.mover.name} noreplication`);
    const found = await checkMove(world.dependencies, { tenantId: tenant, toSource: target.id });
    assert.equal(found.mode, 'change_log');
  });
});
