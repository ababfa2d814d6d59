// Every constraint of the business tables has words: what is refused, of which field, and what to do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inWords, refusalIn } from '@/lib/crm/refusals';
import { de } from '@/web/i18n/de';
import { en } from '@/web/i18n/en';
import { createTenantDatabase } from './tenant-database';

const database = await createTenantDatabase();
const BUSINESS = `c.connamespace = 'public'::regnamespace and c.conrelid <> 0`;

interface Constraint {
  table: string;
  name: string;
  definition: string;
}

const constraints = async (kind: string) =>
  (
    await database.owner.query<Constraint>(
      `select c.conrelid::regclass::text as "table", c.conname as name, pg_get_constraintdef(c.oid) as definition
       from pg_constraint c where ${BUSINESS} and c.contype = $1 order by 1, 2`,
      [kind],
    )
  ).rows;

/** What a check demands, read from its definition; undefined where only the list by name can say it. */
function demandOf(definition: string): string[] | undefined {
  if (/octet_length|pg_column_size/.test(definition)) return ['too_long'];
  if (/= ANY \(|= any \(/i.test(definition) && !/ OR | AND |CASE/.test(definition)) return ['choice'];
  if (/ ~ /.test(definition)) return ['format', 'empty'];
  if (/<> ''/.test(definition)) return ['empty', 'text'];
  if (
    /[<>]=? ?'?-?[0-9.]/.test(definition) &&
    !/::date|length\(|num_nonnulls/.test(definition) &&
    !/ OR |CASE/.test(definition)
  )
    return ['number', 'money', 'percent'];
  return undefined;
}

/** PostgreSQL does not name the column of these; the form finds it by the value that it sent. */
const FOUND_BY_VALUE = ['too_large', 'wrong_form'];

function assertWords(where: string, refusal: ReturnType<typeof refusalIn>): void {
  assert.ok(refusal, `${where} is not understood`);
  const { rule, column, other } = refusal;
  for (const words of [en.refusal, de.refusal] as Readonly<Record<string, string>>[]) {
    const text = words[rule];
    assert.ok(text, `${where}: no words for ${rule}`);
    if (text.includes('{{field}}') && !FOUND_BY_VALUE.includes(rule))
      assert.ok(column, `${where}: ${rule} names no field`);
    if (text.includes('{{other}}')) assert.ok(other, `${where}: ${rule} names no other`);
  }
}

test('every check constraint has words of its kind, which name its field', async () => {
  const checks = await constraints('c');
  assert.ok(checks.length > 400, String(checks.length));
  const wrong: string[] = [];
  for (const { table, name, definition } of checks) {
    const message = `new row for relation "${table}" violates check constraint "${name}"`;
    const refusal = refusalIn({ code: '23514', message });
    assertWords(`${table}.${name}`, refusal);
    const demand = demandOf(definition);
    if (refusal?.rule === 'value' || (demand && !demand.includes(refusal?.rule ?? '')))
      wrong.push(`${table} ${name}: ${definition} said as ${refusal?.rule}`);
  }
  assert.deepEqual(wrong, []);
});

test('every foreign key has words from both sides', async () => {
  for (const { table, name, definition } of await constraints('f')) {
    const column = /FOREIGN KEY \(tenant_id, (\w+)\)/.exec(definition)?.[1];
    const pointing = refusalIn({
      code: '23503',
      message: `insert or update on table "${table}" violates foreign key constraint "${name}"`,
    });
    assertWords(`${table}.${name}`, pointing);
    assert.equal(pointing?.column, column, name);
    const used = refusalIn({
      code: '23503',
      message: `update or delete on table "x" violates foreign key constraint "${name}" on table "${table}"`,
    });
    assertWords(`${table}.${name} in use`, used);
    assert.equal(used?.other, table);
  }
});

test('every unique key names a field that a person can change, and every overlap has words', async () => {
  const { rows } = await database.owner.query<Constraint & { columns: string[] }>(
    `select i.indrelid::regclass::text as "table", i.indexrelid::regclass::text as name,
        array(select a.attname from unnest(i.indkey) with ordinality k (attnum, position)
          join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum order by position)::text[] as columns
     from pg_index i join pg_class t on t.oid = i.indrelid
     where t.relnamespace = 'public'::regnamespace and i.indisunique and not i.indisprimary order by 1, 2`,
  );
  assert.ok(rows.length > 30, String(rows.length));
  for (const { table, name, columns } of rows) {
    const message = `duplicate key value violates unique constraint "${name}"`;
    const refusal = refusalIn({ code: '23505', message });
    assertWords(`${table}.${name}`, refusal);
    // Keys without a column in their name are those that people do not type.
    if (refusal?.rule === 'exists')
      assert.match(name, /token|hash|provider|idempotency|person|period|effective/, name);
    const told = refusalIn({
      code: '23505',
      message,
      details: `Key (${columns.join(', ')})=(x) already exists.`,
    });
    assertWords(`${table}.${name}`, told);
  }
  for (const { table, name } of await constraints('x'))
    assertWords(
      `${table}.${name}`,
      refusalIn({ code: '23P01', message: `conflicting key value violates exclusion constraint "${name}"` }),
    );
});

test('what a person can leave out, mistype or overflow has words', async () => {
  const { rows } = await database.owner.query<{ table: string; column: string }>(
    `select a.attrelid::regclass::text as "table", a.attname as "column" from pg_attribute a join pg_class t on t.oid = a.attrelid
     where t.relnamespace = 'public'::regnamespace and t.relkind = 'r' and a.attnum > 0 and a.attnotnull`,
  );
  for (const { table, column } of rows)
    assertWords(
      `${table}.${column}`,
      refusalIn({
        code: '23502',
        message: `null value in column "${column}" of relation "${table}" violates not-null constraint`,
      }),
    );
  const { as, tenantA: tenant } = database;
  const refused = async (sql: string) => {
    let words: string | undefined;
    await assert.rejects(
      as({ tenant, role: 'owner' }, (query) => query(sql)),
      (error: Error & { code: string; detail?: string }) => {
        const said = { code: error.code, message: error.message, details: error.detail ?? null };
        assertWords(sql, refusalIn(said));
        words = inWords(said);
        return true;
      },
    );
    return words;
  };
  assert.match(
    (await refused("insert into leads (first_name, guest_count) values ('Ann', -1)")) ?? '',
    /^Guest count /,
  );
  assert.match(
    (await refused("insert into leads (first_name, guest_count) values ('Ann', 3000000000)")) ?? '',
    /too large/,
  );
  assert.match(
    (await refused("insert into leads (first_name, event_date) values ('Ann', '2028-02-30')")) ?? '',
    /2028-02-30/,
  );
  assert.match(
    (await refused("insert into opportunities (name) values ('Gala')")) ?? '',
    /account or a contact/,
  );
  assert.match(
    (await refused("insert into staff_roles (name, type) values ('Driver', 'event_staff')")) ?? '',
    /already one with this name/,
  );
});
