// Changes of many records: done in parts with the rights of the user who began them, cancelled, taken up again, and undone.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { add } from './business';
import { createTenantDatabase, type Query, sqlState, type UserRole } from './tenant-database';

const { as, tenantA: tenant } = await createTenantDatabase();
const service = <T>(work: (query: Query) => Promise<T>) => as({ tenant }, work);

interface Change {
  id: string;
  status: string;
  total: number;
  tried: number;
  changed: number;
  restored: number;
  refusals: number;
  refused: { id: string; name: string | null; reason: string | null }[];
}

const SALES = randomUUID();
const MANAGER = randomUUID();

function user(role: UserRole, userId: string) {
  const call = async (text: string, values: unknown[]) => {
    const [row] = await as({ tenant, role, userId }, (query) =>
      query<{ answer: Change }>(`select ${text} as answer`, values),
    );
    return row?.answer as Change;
  };
  return {
    begin: (kind: string, ids: string[], column?: string, value?: unknown, id = randomUUID() as string) =>
      call('begin_bulk_change($1, $2, $3, $4, $5)', [
        id,
        kind,
        ids,
        column ?? null,
        value === undefined ? null : JSON.stringify(value),
      ]),
    next: (id: string, most = 200) => call('continue_bulk_change($1, $2)', [id, most]),
    cancel: (id: string) => call('cancel_bulk_change($1)', [id]),
    undo: (id: string) => call('undo_bulk_change($1)', [id]),
    async run(id: string, most = 200) {
      for (;;) {
        const change = await this.next(id, most);
        if (!['running', 'undoing'].includes(change.status)) return change;
      }
    },
  };
}
const sales = user('sales', SALES);
const manager = user('manager', MANAGER);

const addLeads = (count: number, status = 'new') =>
  service(async (query) => {
    const rows = await query<{ id: string }>(
      "insert into leads (first_name, last_name, status) select 'Lead', n::text, $2 from generate_series(1, $1) n returning id",
      [count, status],
    );
    return rows.map(({ id }) => id);
  });
const valuesOf = (table: string, column: string, ids: string[]) =>
  service(async (query) =>
    Object.fromEntries(
      (
        await query<{ value: string; count: string }>(
          `select coalesce(${column}::text, 'null') as value, count(*) from ${table} where id = any ($1) group by 1`,
          [ids],
        )
      ).map(({ value, count }) => [value, Number(count)]),
    ),
  );

test('a value is set in parts; begun twice it is one change; undo restores each value but those changed since', async () => {
  const ids = [...(await addLeads(700)), ...(await addLeads(50, 'contacted'))];
  const begun = await sales.begin('leads', ids, 'status', 'qualified');
  assert.deepEqual([begun.status, begun.total, begun.tried], ['running', 750, 0]);
  const again = await sales.begin('leads', ids, 'status', 'qualified', begun.id);
  assert.equal(again.id, begun.id);
  // Another change of the same user waits; a colleague's does not.
  await assert.rejects(sales.begin('leads', ids, 'status', 'contacted'), sqlState('PT409'));
  const part = await sales.next(begun.id, 300);
  assert.deepEqual([part.status, part.tried, part.changed], ['running', 300, 300]);
  // Its process was killed here: another process does the parts that are left.
  const done = await sales.run(begun.id);
  assert.deepEqual([done.status, done.tried, done.changed, done.refusals], ['done', 750, 750, 0]);
  assert.deepEqual(await valuesOf('leads', 'status', ids), { qualified: 750 });
  await service((query) => query("update leads set status = 'lost' where id = $1", [ids[0]]));
  assert.equal((await sales.undo(begun.id)).status, 'undoing');
  const undone = await sales.run(begun.id);
  assert.deepEqual([undone.status, undone.restored, undone.refusals], ['undone', 749, 1]);
  assert.equal(undone.refused[0]?.id, ids[0]);
  assert.deepEqual(await valuesOf('leads', 'status', ids), { new: 699, contacted: 50, lost: 1 });
  // Undone once: nothing more happens.
  assert.equal((await sales.undo(begun.id)).status, 'undone');
  assert.equal((await sales.next(begun.id)).restored, 749);
});

test('a cancelled change keeps what it did, says how much, and can be undone', async () => {
  const ids = await addLeads(500);
  const { id } = await sales.begin('leads', ids, 'source', 'Fair');
  await sales.next(id, 200);
  const cancelled = await sales.cancel(id);
  assert.deepEqual([cancelled.status, cancelled.tried], ['cancelled', 200]);
  assert.equal((await sales.next(id)).tried, 200, 'a process that goes on finds it ended');
  assert.deepEqual(await valuesOf('leads', 'source', ids), { Fair: 200, null: 300 });
  await sales.undo(id);
  assert.equal((await sales.run(id)).restored, 200);
  assert.deepEqual(await valuesOf('leads', 'source', ids), { null: 500 });
});

test('a user changes only what the role may; the records that stay are named, and why', async () => {
  const [mine, theirs] = await service(async (query) => [
    await add(query, 'tasks', { title: 'Mine', assigned_to: SALES }),
    await add(query, 'tasks', { title: 'Theirs', assigned_to: MANAGER }),
  ]);
  const staff = user('staff', SALES);
  const { id } = await staff.begin('tasks', [mine as string, theirs as string], 'priority', 'high');
  const done = await staff.run(id);
  assert.deepEqual([done.changed, done.refusals], [1, 1]);
  assert.equal(done.refused[0]?.id, theirs);
  assert.deepEqual(await valuesOf('tasks', 'priority', [theirs as string]), { medium: 1 });
  // Deleting is for managers.
  const leads = await addLeads(3);
  await assert.rejects(sales.begin('leads', leads), sqlState('PT403'));
  await assert.rejects(user('viewer', randomUUID()).begin('leads', leads, 'source', 'x'), sqlState('PT403'));
  // A column or table that does not exist, or what is no tenant's record, is refused at once.
  await assert.rejects(manager.begin('leads', leads, 'no_such', 1), sqlState('PT404'));
  await assert.rejects(manager.begin('booth_types', leads), sqlState('PT404'));
  // A change is its owner's alone.
  for (const action of ['next', 'cancel', 'undo'] as const)
    await assert.rejects(manager[action](id), sqlState('PT404'));
});

test('one refused record does not keep the others of its part', async () => {
  const ids = await addLeads(40);
  const account = await service((query) => add(query, 'accounts', { name: 'Converted' }));
  await service((query) =>
    query(
      "update leads set status = 'converted', converted_at = now(), converted_account_id = $2 where id = $1",
      [ids[17], account],
    ),
  );
  const { id } = await sales.begin('leads', ids, 'status', 'contacted');
  const done = await sales.run(id);
  assert.deepEqual([done.changed, done.refusals], [39, 1]);
  assert.equal(done.refused[0]?.id, ids[17]);
  assert.equal(done.refused[0]?.name, 'Lead 18');
  assert.notEqual(done.refused[0]?.reason, null);
});

test('records are deleted into the trash in parts, and undo restores them all', async () => {
  const ids = await service(async (query) => {
    const rows = await query<{ id: string }>(
      "insert into accounts (name) select 'Firm ' || n from generate_series(1, 90) n returning id",
    );
    await add(query, 'events', { title: 'Needs its client', status: 'tentative', account_id: rows[0]?.id });
    return rows.map(({ id }) => id);
  });
  const { id } = await manager.begin('accounts', ids);
  const done = await manager.run(id, 40);
  assert.deepEqual([done.status, done.changed, done.refusals], ['done', 90, 0]);
  const left = await service((query) =>
    query('select 1 from accounts where id = any ($1) and deleted_at is null', [ids]),
  );
  assert.equal(left.length, 0);
  await manager.undo(id);
  const undone = await manager.run(id, 40);
  assert.deepEqual([undone.status, undone.restored, undone.refusals], ['undone', 90, 0]);
  assert.deepEqual(await valuesOf('accounts', 'deleted_at', ids), { null: 90 });
});
