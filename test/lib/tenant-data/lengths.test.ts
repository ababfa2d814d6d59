import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inWords } from '@/lib/crm/refusals';
import { createTenantDatabase } from './tenant-database';

const database = await createTenantDatabase();
const { as, tenantA: tenant } = database;

test('every text, list and document of a business table has a greatest length', async () => {
  const { rows } = await database.owner.query<{ column: string }>(`
    select t.relname || '.' || a.attname as column
    from pg_attribute a join pg_class t on t.oid = a.attrelid
    where t.relnamespace = 'public'::regnamespace and t.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
      and a.atttypid in ('text'::regtype, 'text[]'::regtype, 'jsonb'::regtype)
      and not exists (select from pg_constraint c where c.conrelid = t.oid
        and c.conname = t.relname || '_' || a.attname || '_length')`);
  assert.deepEqual(
    rows.map(({ column }) => column),
    [],
    'a migration that adds a column calls tenancy.limit_lengths',
  );
});

test('what is too long is refused with the name of its field, for users and for trusted code', async () => {
  const tooLong: [sql: string, value: string, words: RegExp][] = [
    [
      "insert into contacts (first_name, notes) values ('Ann', $1)",
      'n'.repeat(500_000),
      /^Notes is too long/,
    ],
    ['insert into contacts (first_name) values ($1)', 'é'.repeat(6_000), /^First name is too long/],
    [
      "insert into tenant_settings (key, value) values ('x', $1)",
      JSON.stringify(Array.from({ length: 200_000 }, (_, n) => n)),
      /^Value is too long/,
    ],
  ];
  for (const [sql, value, words] of tooLong) {
    for (const actor of [{ tenant }, { tenant, role: 'owner' as const }]) {
      await assert.rejects(
        as(actor, (query) => query(sql, [value])),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, '23514', error.message);
          assert.match(inWords({ code: error.code, message: error.message }) ?? '', words);
          return true;
        },
      );
    }
  }
  await as({ tenant }, (query) =>
    query("insert into contacts (first_name, notes) values ('Ann', $1)", ['n'.repeat(400_000)]),
  );
});

test('rows that were longer before are copied as they are', async () => {
  const client = database.owner;
  await client.query("begin; set local tenancy.copying = 'on'");
  await client.query("insert into contacts (tenant_id, first_name, notes) values ($1, 'Old', $2)", [
    tenant,
    'n'.repeat(500_000),
  ]);
  await client.query('rollback');
});
