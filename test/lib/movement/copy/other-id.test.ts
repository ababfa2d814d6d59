// Real moves of a tenant at work to where it has another id, and back, between databases and to a Supabase project.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import type { PostgrestClient } from '@supabase/postgrest-js';
import { loginUrl } from '@/lib/data-sources/provisioning/logins';
import type { MoveMode } from '@/lib/movement/control/move';
import { workWhile } from '../../data-sources/routing/at-work';
import type { World as AtWork } from '../../data-sources/routing/verbs';
import { startProject } from '../../data-sources/sources/supabase/project';
import type { TenantDatabase } from '../../data-sources/tenant-database';
import { createWorld } from '../world';

const world = await createWorld();

async function atWork(tenantId: string): Promise<AtWork> {
  const client = (await world.manager.getClientForTenant(tenantId, true)) as unknown as PostgrestClient;
  const send = () => Promise.reject(new Error('no HTTP here'));
  return { manager: world.manager, tenantId, client, user: client, send, rows: new Map() };
}

/** Of the accounts in a database, those that clients wrote. */
async function expectWritten(database: TenantDatabase, tenantId: string, { rows }: AtWork): Promise<void> {
  const found = await database.sql(
    "select id, name, notes from accounts where tenant_id = $1 and notes like 'worker %'",
    [tenantId],
  );
  const written = Object.fromEntries(found.rows.map(({ id, name, notes }) => [id, [name, notes]]));
  assert.deepEqual(written, Object.fromEntries(rows));
}

/** The machine has other work. */
const PACED = { pauseMs: 10 };
const pause = () => new Promise((resolve) => setTimeout(resolve, 100));

for (const mode of ['logical', 'change_log'] as MoveMode[]) {
  test(`a tenant at work moves to another id and is rolled back (${mode})`, async () => {
    const [source, target] = world.databases;
    const tenant = await world.tenant(source, 20);
    const there = randomUUID();
    const clients = await atWork(tenant);
    await workWhile(
      clients,
      async () => {
        const move = await world.start(tenant, target, { mode, toTenantId: there });
        assert.equal(await world.run(move), 'ready');
        assert.equal(await world.want(move, 'cut_over'), 'moved');
        await pause();
        assert.equal(await world.want(move, 'rollback'), 'rolled_back');
        await pause();
      },
      PACED,
    );
    await expectWritten(source, tenant, clients);
    const left = await target.sql('select count(*)::int as n from accounts where tenant_id = $1', [there]);
    assert.equal(left.rows[0]?.n, 0);
  });
}

test('what was deleted before a move to another id can be restored after it', async () => {
  const [source, target] = world.databases;
  const tenant = await world.tenant(source, 3);
  const run = (text: string) => world.manager.execute(tenant, { text, values: [] });
  const [account] = await run(`insert into accounts (name) values ('Deleted') returning id`);
  await run(
    `insert into notes (entity_type, entity_id, content) values ('account', '${account?.[0]}', 'Goes with it')`,
  );
  // Only what users delete is kept.
  const claims = { role: 'authenticated', tenant_id: tenant, sub: randomUUID(), user_role: 'owner' };
  await source.sql(`begin; set local role tenant_manager;
    select set_config('request.jwt.claims', '${JSON.stringify(claims)}', true);
    select delete_records('accounts', array['${account?.[0]}']::uuid[]); commit`);
  const move = await world.start(tenant, target, {
    toTenantId: randomUUID(),
    options: { autoCutOver: true, autoComplete: true },
  });
  assert.equal(await world.run(move), 'completed');
  const [restored] = await run(
    `select restore_archived(array_agg(id)) #>> '{0,left}' from archived_records() where title = 'Deleted'`,
  );
  assert.equal(restored?.[0], '[]');
  const [found] = await run(`select count(*) from accounts where name = 'Deleted' and deleted_at is null`);
  assert.equal(found?.[0], '1');
});

test('a tenant at work moves to a Supabase project under another id, and back', async () => {
  const project = await startProject({ fenced: true });
  const there = randomUUID();
  const supabase = await world.operations.dataSources.create({
    ...{ name: 'project', kind: 'supabase', engine: 'supabase', routerUrl: project.url },
    ...{ adminUrl: project.database.adminUrl, anonKey: 'anon', serviceKey: `tenant:${there}` },
    moverUrl: loginUrl(project.database.adminUrl, project.database.logins.mover),
  });
  const [source] = world.databases;
  const tenant = await world.tenant(source, 20);
  const clients = await atWork(tenant);
  await workWhile(
    clients,
    async () => {
      const move = await world.start(tenant, supabase, { toTenantId: there });
      assert.equal(await world.run(move), 'ready');
      assert.equal(await world.want(move, 'cut_over'), 'moved');
      assert.equal((await world.manager.route(tenant)).engine, 'supabase');
      await pause();
      assert.equal(await world.want(move, 'complete'), 'completed');
      const back = await world.start(tenant, source, {
        ...{ from: supabase, fromTenantId: there, toTenantId: randomUUID() },
      });
      assert.equal(await world.run(back), 'ready');
      assert.equal(await world.want(back, 'cut_over'), 'moved');
      await pause();
      assert.equal(await world.want(back, 'complete'), 'completed');
    },
    PACED,
  );
  const { tenantIdInDataSource } = await world.manager.route(tenant);
  await expectWritten(source, tenantIdInDataSource, clients);
  const left = await project.sql('select count(*)::int as n from accounts where tenant_id = $1', [there]);
  assert.equal(left.rows[0]?.n, 0);
});
