// Everything that would make a move fail later is said before it begins.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { checkMove } from '@/lib/movement/requests';
import { startTestServer } from '../../support/postgres';
import { createWorld } from './world';

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
const faults: { name: string; check: string; level: 'problem' | 'warning'; spoil: string; mend: string }[] = [
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
    spoil: 'revoke insert on accounts from tenant_mover',
    mend: 'grant insert on accounts to tenant_mover',
  },
  {
    name: 'a column that the other home has not',
    check: 'tables',
    level: 'problem',
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
    name: 'a table without a replica identity',
    check: 'replica_identity',
    level: 'problem',
    spoil: 'alter table accounts replica identity nothing',
    mend: 'alter table accounts replica identity default',
  },
];

describe('the preflight', { concurrency: false }, () => {
  test('finds nothing wrong with two like homes, and says how much there is to do', async () => {
    const result = await checkMove(world.dependencies, { tenantId: tenant, toSource: next.id });
    const wrong = result.findings.filter(({ level }) => level === 'problem');
    assert.deepEqual(wrong, []);
    assert.equal(result.mode, 'logical');
    assert.equal(result.rows, 81);
    assert.ok(result.bytes > 0 && result.estimatedSeconds > 0);
    assert.match((await findings()).get('space')?.message ?? '', /needs \d+\.\d MB/);
  });

  for (const { name, check, level, spoil, mend } of faults) {
    test(`finds ${name}`, async () => {
      await old.sql(spoil);
      try {
        assert.equal(await levelOf(check), level);
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
    await next.sql(`revoke tenant_mover from ${next.logins.mover.name}`);
    assert.equal(await levelOf('mover'), 'problem');
    await next.sql(`grant tenant_mover to ${next.logins.mover.name}`);
    await next.sql(`alter role ${next.logins.mover.name} noreplication`);
    const found = await checkMove(world.dependencies, { tenantId: tenant, toSource: next.id });
    assert.equal(found.mode, 'change_log');
  });
});
