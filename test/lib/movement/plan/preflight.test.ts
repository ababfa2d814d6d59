// Everything that would make a move fail later is said before it begins.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { checkMove } from '@/lib/movement/control/requests';
import { administer, startTestServer } from '../../../support/postgres';
import { createWorld } from '../world';

const server = await startTestServer({
  settings: { max_replication_slots: 2, max_slot_wal_keep_size: '1MB' },
});
const world = await createWorld({ homes: [undefined, server.url()] });
const [old, next] = world.homes;
const tenant = await world.tenant(old);
// As where provisioning may not give it: policies apply to the mover then.
await old.sql(`alter role ${old.logins.mover.name} nobypassrls`);

async function findings(toTenantId?: string): Promise<Map<string, { level: string; message: string }>> {
  const result = await checkMove(world.dependencies, { tenantId: tenant, toSource: next.id, toTenantId });
  return new Map(result.findings.map((finding) => [finding.check, finding]));
}

const levelOf = async (check: string) => (await findings()).get(check)?.level;

/** A change of a home, and the finding it makes; taken back afterwards. */
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
    name: 'a policy that shows the mover nothing, so that COPY would be silently empty',
    check: 'visible_rows',
    level: 'problem',
    spoil: 'alter policy tenant_mover on accounts using (false)',
    mend: 'alter policy tenant_mover on accounts using (true)',
  },
  {
    name: 'a restrictive policy, which hides rows however many others show them',
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
    name: 'a column that the other home has not',
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
    name: 'a migration of the same number that was another',
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
    name: 'a foreign table that the mover cannot look into',
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
    name: 'a schema of the customer’s own',
    check: 'left_behind',
    level: 'problem',
    says: /shop\.orders cannot be looked into \(grant/,
    spoil: `create schema shop; create table shop.orders (tenant_id text, id int, primary key (tenant_id, id))`,
    mend: 'drop schema shop cascade',
  },
  {
    name: 'a view that the other home has not',
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
    name: 'a trigger of the customer’s own, which would fire for what is copied',
    check: 'own_triggers',
    level: 'warning',
    says: /noisy on locations/,
    spoil: `create function noisy() returns trigger language plpgsql as 'begin return null; end';
      create trigger noisy after insert on locations for each row execute function noisy()`,
    mend: 'drop function noisy cascade',
  },
];

describe('the preflight', { concurrency: false }, () => {
  test('finds nothing wrong with two like homes, and says how much there is to do', async () => {
    const result = await checkMove(world.dependencies, { tenantId: tenant, toSource: next.id });
    const wrong = result.findings.filter(({ level }) => level === 'problem');
    assert.deepEqual(wrong, []);
    assert.equal(result.mode, 'logical');
    assert.equal(result.rows, 85);
    assert.ok(result.bytes > 0 && result.estimatedSeconds > 0);
    assert.match((await findings()).get('space')?.message ?? '', /needs \d+\.\d MB/);
  });

  for (const { name, check, level, says, spoil, mend } of faults) {
    test(`finds ${name}`, async () => {
      await old.sql(spoil);
      try {
        const found = (await findings()).get(check);
        assert.equal(found?.level, level);
        if (says) assert.match(found?.message ?? '', says);
      } finally {
        await old.sql(mend);
      }
      assert.equal(await levelOf(check), 'ok');
    });
  }

  test('finds rows of the tenant in the new home', async () => {
    await next.sql(`insert into locations (tenant_id, name) values ($1, 'left behind')`, [tenant]);
    assert.equal(await levelOf('target_empty'), 'problem');
    await next.sql('delete from locations where tenant_id = $1', [tenant]);
    assert.equal(await levelOf('target_empty'), 'ok');
    assert.equal((await findings(randomUUID())).get('target_empty')?.level, 'ok');
  });

  test('finds that no slot is free, and how much a slot may hold back', async () => {
    assert.equal(await levelOf('slots'), 'ok');
    for (const slot of ['one', 'two'])
      await next.sql(`select pg_create_physical_replication_slot('${slot}')`);
    assert.equal(await levelOf('slots'), 'problem');
    for (const slot of ['one', 'two']) await next.sql(`select pg_drop_replication_slot('${slot}')`);
    // The shared server has no limit, this one has.
    assert.equal(await levelOf('slot_limit'), 'warning');
  });

  test('finds a region where the tenant may not go', async () => {
    await world.application.tenants.update(tenant, { requiredRegion: 'eu' }, { actor: 'test' });
    assert.equal(await levelOf('region'), 'problem');
    await world.application.tenants.update(tenant, { requiredRegion: null }, { actor: 'test' });
    assert.equal(await levelOf('region'), 'ok');
  });

  test('finds that the mover cannot see how busy a server is', async () => {
    assert.equal(await levelOf('load_visible'), 'ok');
    await next.sql(`revoke pg_read_all_stats from ${next.logins.mover.name}`);
    assert.equal(await levelOf('load_visible'), 'warning');
  });

  test('finds a login that is no mover, and one that may not replicate', async () => {
    await administer(next.ownerUrl, `revoke tenant_mover from ${next.logins.mover.name}`);
    assert.equal(await levelOf('mover'), 'problem');
    await administer(next.ownerUrl, `grant tenant_mover to ${next.logins.mover.name}`);
    await next.sql(`alter role ${next.logins.mover.name} noreplication`);
    const found = await checkMove(world.dependencies, { tenantId: tenant, toSource: next.id });
    assert.equal(found.mode, 'change_log');
  });
});
