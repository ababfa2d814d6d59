// What one tenant can do to another: nothing, whichever verb, key or context it tries.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { closeFence, openFence, readFence } from '@/lib/tenant-data';
import { administer } from '../../support/postgres';
import { until } from '../../support/until';
import { addTenant, connect, createTenantDatabase, sqlState } from './tenant-database';

const database = await createTenantDatabase();
const { tenantA: a, tenantB: b, as } = database;

async function addAccount(tenant: string, name = 'Acme'): Promise<string> {
  const [row] = await as({ tenant }, (query) =>
    query<{ id: string }>('insert into accounts (name) values ($1) returning id', [name]),
  );
  assert.ok(row);
  return row.id;
}

for (const role of [undefined, 'owner'] as const) {
  const actor = { tenant: b, ...(role ? { role } : {}) };
  test(`${role ?? 'trusted code'} of another tenant sees, changes and deletes nothing`, async () => {
    const id = await addAccount(a);
    await as(actor, async (query) => {
      assert.deepEqual(await query('select * from accounts where id = $1', [id]), []);
      assert.deepEqual(await query('select * from accounts where tenant_id = $1', [a]), []);
      assert.deepEqual(await query("update accounts set name = 'mine' where id = $1 returning id", [id]), []);
      assert.deepEqual(await query('delete from accounts where id = $1 returning id', [id]), []);
    });
    const [row] = await as({ tenant: a }, (query) => query('select name from accounts where id = $1', [id]));
    assert.deepEqual(row, { name: 'Acme' });
  });

  test(`${role ?? 'trusted code'} cannot write a row of another tenant, nor give one away`, async () => {
    await assert.rejects(
      as(actor, (query) => query("insert into accounts (tenant_id, name) values ($1, 'x')", [a])),
      sqlState('42501'),
    );
    const id = await addAccount(b);
    await assert.rejects(
      as(actor, (query) => query('update accounts set tenant_id = $1 where id = $2', [a, id])),
      sqlState('MQ004'),
    );
  });

  test(`${role ?? 'trusted code'} cannot take over a row by upsert`, async () => {
    const id = await addAccount(a);
    await assert.rejects(
      as(actor, (query) =>
        query(
          "insert into accounts (tenant_id, id, name) values ($1, $2, 'x') on conflict (tenant_id, id) do update set name = 'x'",
          [a, id],
        ),
      ),
      sqlState('42501'),
    );
  });
}

test('a row cannot point at another tenant’s row', async () => {
  const account = await addAccount(a);
  const contact = await as({ tenant: b }, async (query) => {
    const [row] = await query<{ id: string }>(
      "insert into contacts (first_name) values ('Eve') returning id",
    );
    return row?.id;
  });
  await assert.rejects(
    as({ tenant: b }, (query) =>
      query('insert into contact_accounts (contact_id, account_id) values ($1, $2)', [contact, account]),
    ),
    sqlState('23503'),
  );
  await assert.rejects(
    as({ tenant: b }, (query) =>
      query("insert into notes (entity_type, entity_id, content) values ('account', $1, 'x')", [account]),
    ),
    sqlState('23503'),
  );
});

test('a stale epoch and a closed fence turn a statement away before it reads', async () => {
  const tenant = await addTenant(database);
  await assert.rejects(
    as({ tenant, epoch: 0 }, (query) => query('select 1')),
    sqlState('MQ001'),
  );
  await assert.rejects(
    as({ tenant, epoch: 2 }, (query) => query('select 1')),
    sqlState('MQ001'),
  );
  await closeFence(database.owner, { tenantId: tenant, reason: 'moving' });
  await assert.rejects(
    as({ tenant }, (query) => query('select 1')),
    sqlState('MQ001'),
  );
  assert.equal((await readFence(database.owner, tenant))?.reason, 'moving');
  await openFence(database.owner, { tenantId: tenant, epoch: 3 });
  await as({ tenant, epoch: 3 }, (query) => query('select 1'));
  await assert.rejects(openFence(database.owner, { tenantId: tenant, epoch: 2 }), sqlState('MQ001'));
});

/** Whether a session of the database waits for a fence. */
async function isWaiting(): Promise<boolean> {
  const { rowCount } = await administer(
    database.url,
    `select from pg_locks where not granted and locktype = 'advisory'
       and database = (select oid from pg_database where datname = current_database())`,
  );
  return rowCount === 1;
}

test('closing the fence waits for the tenant’s running transaction, and no other’s', async () => {
  const tenant = await addTenant(database);
  const inside = Promise.withResolvers<void>();
  const end = Promise.withResolvers<void>();
  let finished = false;
  const running = as({ tenant }, async () => {
    inside.resolve();
    await end.promise;
    finished = true;
  });
  await inside.promise;
  await closeFence(database.owner, { tenantId: await addTenant(database), reason: 'another' });
  const closing = closeFence(database.owner, { tenantId: tenant, reason: 'moving' });
  await until(isWaiting);
  assert.equal(finished, false);
  end.resolve();
  await closing;
  assert.equal(finished, true);
  await running;
});

test('a statement that waited for the fence sees what it then says', async () => {
  const tenant = await addTenant(database);
  const mover = await connect(database.url);
  await mover.query('begin');
  await closeFence(mover, { tenantId: tenant, reason: 'moving' });
  const late = assert.rejects(
    as({ tenant }, (query) => query('select 1')),
    sqlState('MQ001'),
  );
  await until(isWaiting);
  await mover.query('commit');
  await late;
  await mover.end();
});

test('without a tenant in the context there is an error, not an empty answer', async () => {
  const router = await connect(database.routerUrl);
  await assert.rejects(router.query('select * from accounts'), sqlState('42501'));
  for (const role of ['tenant_service', 'tenant_manager', 'tenant_sales', 'tenant_viewer', 'authenticated']) {
    await router.query('begin');
    await router.query(`set local role ${role}`);
    await assert.rejects(router.query('select * from accounts'), sqlState('MQ002'));
    await router.query('rollback');
  }
  await router.end();
});

test('the context ends with the transaction', async () => {
  const router = await connect(database.routerUrl);
  const claims = JSON.stringify({ role: 'tenant_service', tenant_id: a });
  await router.query("select tenancy.enter($1, 1, 'tenant_service', $2, false)", [a, claims]);
  const { rows } = await router.query(
    "select current_user = session_user as itself, current_setting('request.jwt.claims', true) as claims",
  );
  assert.deepEqual(rows, [{ itself: true, claims: '' }]);
  await router.end();
});

test('a read-only context refuses writes', async () => {
  const router = await connect(database.routerUrl);
  const claims = JSON.stringify({ role: 'tenant_service', tenant_id: a });
  await router.query('begin');
  await router.query("select tenancy.enter($1, 1, 'tenant_service', $2, true)", [a, claims]);
  await assert.rejects(router.query("insert into accounts (name) values ('x')"), sqlState('25006'));
  await router.query('rollback');
  await router.end();
});

test('a session cannot enter as the mover, the search or a superuser', async () => {
  const router = await connect(database.routerUrl);
  for (const role of ['tenant_mover', 'tenant_search', 'postgres', 'none'])
    await assert.rejects(
      router.query('select tenancy.enter($1, 1, $2, $3, false)', [a, role, '{}']),
      sqlState('MQ003'),
    );
  await assert.rejects(router.query('set role tenant_mover'), sqlState('42501'));
  await router.end();
});

test('who has entered cannot enter another tenant, nor read or move a fence', async () => {
  for (const actor of [{ tenant: a }, { tenant: a, role: 'owner' as const }]) {
    await assert.rejects(
      as(actor, (query) => query("select tenancy.enter($1, 1, 'tenant_service', '{}', false)", [b])),
      sqlState('42501'),
    );
    await assert.rejects(
      as(actor, (query) => query('select * from tenancy.fence')),
      sqlState('42501'),
    );
    await assert.rejects(
      as(actor, (query) => query('select tenancy.open_fence($1, 9)', [b])),
      sqlState('42501'),
    );
  }
});

test('users cannot pretend that rows are being copied in', async () => {
  const userId = randomUUID();
  const [row] = await as({ tenant: a, role: 'owner', userId }, async (query) => {
    await query("select set_config('tenancy.copying', 'on', true)");
    return query(
      "insert into accounts (name, email) values ('x', ' A@Example.com') returning email, created_by",
    );
  });
  assert.deepEqual(row, { email: 'a@example.com', created_by: userId });
});

test('the version grows with every change, and the stamps cannot be forged', async () => {
  const id = await addAccount(a);
  const userId = randomUUID();
  const [row] = await as({ tenant: a, role: 'sales', userId }, (query) =>
    query("update accounts set name = 'New' where id = $1 and version = 1 returning version, updated_by", [
      id,
    ]),
  );
  assert.deepEqual(row, { version: 2, updated_by: userId });
  for (const forged of ['version = 40', 'updated_by = gen_random_uuid()', "created_at = 'epoch'"])
    await assert.rejects(
      as({ tenant: a, role: 'owner', userId }, (query) =>
        query(`update accounts set ${forged} where id = $1`, [id]),
      ),
      sqlState('42501'),
    );
});
