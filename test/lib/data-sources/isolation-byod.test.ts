// A customer's DBA owns the customer's database, and may make anything of it. What that can do to others: nothing.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { createTenantDatabase, TestDirectory } from './tenant-database';

const directory = new TestDirectory();
const own = await createTenantDatabase();
const shared = await createTenantDatabase();
const customer = await directory.place(own);
const other = await directory.place(shared);
const manager = new DataSourceManager(async () => ({
  directory,
  verifyAccessToken: () => Promise.reject(new Error('no user signs in here')),
  settings: { moveWaitMs: 200 },
}));
after(() => manager.close());

const ask = async (tenantId: string, path: string, headers: Record<string, string> = {}) => {
  const request = { method: 'GET', path, query: 'select=*', headers, body: null };
  const answer = await manager.answer(tenantId, request, { useServiceRole: true });
  const text = typeof answer.body === 'string' ? answer.body : Buffer.from(answer.body ?? '').toString();
  return { ...answer, text };
};

// The customer's database is asked first, so that what it says of its schema is there before any other's.
await own.sql(`
  revoke select on accounts from tenant_service;
  grant select (tenant_id, id) on accounts to tenant_service;
  comment on column accounts.name is 'not what it was'`);
await own.sql('create table public.planted (tenant_id uuid, id uuid)');
await own.sql('drop table public.planted');
const first = await ask(customer, '/accounts');
assert.equal(first.status, 200, first.text);

test('columns that a customer’s database hides are hidden there only', async () => {
  await manager.execute(other, { text: "insert into accounts (name) values ('seen')", values: [] });
  const { text } = await ask(other, '/accounts');
  assert.equal(JSON.parse(text)[0]?.name, 'seen');
});

test('tables and functions planted in a customer’s database do not affect other tenants', async () => {
  await own.sql('create table public.planted (id int); grant select on public.planted to tenant_service');
  manager.invalidate();
  assert.equal((await ask(other, '/planted')).status, 404);
});

test('a customer’s database that hangs or floods does so for its own tenant', async () => {
  await own.sql(`create function public.endless() returns setof text language sql as
    $$ select repeat('x', 1000000) from generate_series(1, 1000) $$;
    grant execute on function public.endless() to tenant_service`);
  await assert.rejects(manager.execute(customer, { text: 'select * from public.endless()', values: [] }), {
    code: 'result_too_large',
  });
  assert.equal((await ask(other, '/accounts')).status, 200);
});

test('a trigger of a customer’s database acts with the tenant’s rights, in that database', async () => {
  await own.sql(`create function public.spy() returns trigger language plpgsql as
    $$ begin raise exception 'as %', current_user using errcode = 'PT418'; end $$;
    create trigger spy before insert on accounts for each row execute function public.spy()`);
  await assert.rejects(
    manager.execute(customer, { text: "insert into accounts (name) values ('x')", values: [] }),
    { code: 'PT418', message: 'as tenant_service' },
  );
});
