// Every column whose changes the database records has a label in both languages, and its values are shown as what they are.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { hasHistory, kindOf } from '@/web/crm/timeline/change-kinds';
import { de } from '@/web/i18n/de';
import { en } from '@/web/i18n/en';
import { createTenantDatabase } from '../../lib/tenant-data/tenant-database';

const database = await createTenantDatabase();
let columns: { table: string; column: string; type: string; target: string | null }[];
let kinds: string[];

before(async () => {
  await database.as({ tenant: database.tenantA }, async (query) => {
    // What record_change leaves out is the array at its beginning.
    columns = await query(`
      select distinct t.relname as table, a.attname as column, format_type(a.atttypid, null) as type, r.relname as target
      from pg_trigger g join pg_proc f on f.oid = g.tgfoid and f.proname = 'record_change'
      join pg_class t on t.oid = g.tgrelid
      join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
      left join (pg_constraint k join pg_class r on r.oid = k.confrelid) on k.contype = 'f' and k.conrelid = t.oid and a.attnum = any (k.conkey)
      where a.attname <> 'tenant_id' and a.attname <> 'body_html'
        and a.attname <> all (replace(substring(f.prosrc from '''(\\{tenant_id[^'']*)'''), ' ', '')::text[])`);
    kinds = (await query<{ kind: string }>('select unnest(tenancy.kinds_with_history())::text as kind')).map(
      ({ kind }) => kind,
    );
  });
});

test('every recorded column and table has its words', () => {
  assert.ok(columns.length > 200);
  for (const words of [en, de]) {
    const labels: Record<string, unknown> = { ...words.changes.field, ...words.field };
    assert.deepEqual(
      [...new Set(columns.map(({ column }) => column).filter((column) => !labels[column]))],
      [],
    );
    const tables: Record<string, unknown> = { ...words.changes.entity, ...words.entity };
    assert.deepEqual([...new Set(columns.map(({ table }) => table).filter((table) => !tables[table]))], []);
  }
});

test('amounts are shown as money and other values as what they are', () => {
  const wrong = columns.flatMap(({ table, column, type }) => {
    const kind = kindOf(table, column);
    const fits =
      { bigint: kind === 'money', date: kind === 'date', 'timestamp with time zone': kind === 'timestamp' }[
        type
      ] ?? kind !== 'money';
    return fits || type === 'boolean' ? [] : [`${table}.${column}: ${type} as ${kind}`];
  });
  assert.deepEqual(wrong, []);
});

test('screens know the kinds of records that have a history', () => {
  assert.deepEqual(
    kinds.filter((kind) => !hasHistory(kind)),
    [],
  );
});

test('what ids refer to is called by its name', async () => {
  const [source] = await database.as({ tenant: database.tenantA }, (query) =>
    query<{ text: string }>("select pg_get_functiondef('tenancy.names_of'::regproc) as text"),
  );
  const targets = new Set(columns.flatMap(({ target }) => target ?? []));
  assert.deepEqual(
    [...targets].filter((target) => !source?.text.includes(`from public.${target} `)).sort(),
    [],
  );
});
