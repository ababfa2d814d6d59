import assert from 'node:assert/strict';
import { glob, readFile, writeFile } from 'node:fs/promises';
import { test } from 'node:test';
import pg from 'pg';
import { migrateTenantData } from '@/lib/tenant-data';

Object.assign(globalThis, {
  window: Object.assign(new EventTarget(), { location: new URL('http://localhost/') }),
});
const { keys } = await import('@/web/hooks/request/query');
const { FUNCTION_TABLES, TABLES } = await import('@/web/hooks/live/read-tables');
const { OTHERS, shownTables } = await import('@/web/hooks/live/shown-tables');

import { createTestDatabase } from '../../../support/postgres';

const FILE = 'src/web/hooks/live/read-tables.ts';

/** Functions, `select`s and first names of keys that the sources of the screens have. */
async function namesInSources() {
  const texts: string[] = [];
  for await (const file of glob('src/web/**/*.{ts,tsx}')) texts.push(await readFile(file, 'utf8'));
  const found = (pattern: RegExp) =>
    texts.flatMap((text) => [...text.matchAll(pattern)].map(([, name = '']) => name));
  return {
    functions: [
      ...found(/\b(?:useAnswer(?:<[^(]*>)?|read)\(\s*'(\w+)'/g),
      ...found(/\['records', 'answer', '(\w+)'/g),
    ],
    selects: found(/select: '([^']*\([^']*)'/g),
    subjects: [...found(/\['records', '([\w-]+)'/g), ...found(/\buseRecords?(?:<[^(]*>)?\(\s*'(\w+)'/g)],
  };
}

test('the written tables of each function are what the functions of the database read', async () => {
  const client = new pg.Client({ connectionString: await createTestDatabase() });
  await client.connect();
  try {
    await migrateTenantData(client);
    const made = await readTables(client);
    if (process.env.UPDATE_BASELINES) await writeFile(FILE, made);
    assert.ok(
      (await readFile(FILE, 'utf8')) === made,
      `${FILE} is stale; run this test with UPDATE_BASELINES=1`,
    );
  } finally {
    await client.end();
  }
});

test('every query of a screen is known to show some tables', async () => {
  const { functions, selects, subjects } = await namesInSources();
  assert.ok(functions.length > 20 && selects.length > 2 && subjects.length > 20);
  for (const name of functions) {
    // A person's own choices, which other people do not change.
    if (name === 'notices_without_mail') continue;
    const tables = FUNCTION_TABLES[name as keyof typeof FUNCTION_TABLES] as
      | readonly string[]
      | 'all'
      | undefined;
    assert.ok(tables && tables.length > 0, `function ${name}`);
  }
  const tables = new Set<string>(TABLES);
  for (const subject of subjects) {
    if (subject === 'answer' || tables.has(subject)) continue;
    assert.ok(subject in OTHERS, `the key ['records', '${subject}', …] names no table: add it to OTHERS`);
  }
  for (const table of Object.values(OTHERS).flatMap((named) => (named === 'all' ? [] : named)))
    assert.ok(tables.has(table), table);
  // What stands before a parenthesis is an embedded table, by its own name.
  for (const select of selects) {
    for (const [, table = ''] of select.matchAll(/(?:^|[,(:])(\w+)(?:!\w+)*\((?!\))/g))
      assert.ok(tables.has(table), `${table} in ${select}`);
  }
});

test('a query shows its table and what it embeds; a function what it reads', () => {
  const list = keys.page(
    'events',
    {
      select: '*,account_ref:accounts!events_account_id_fkey(id,name),event_dates(event_date)',
      filters: [['status', 'eq', 'quotes']],
    },
    0,
  );
  const { tables, referenced } = shownTables(list);
  assert.deepEqual([...tables].sort(), ['accounts', 'event_dates', 'events']);
  assert.deepEqual([...referenced], ['accounts']);
  const receivables = shownTables(['records', 'answer', 'receivables_report', { x: 'leads' }]).tables;
  assert.ok(receivables !== 'all' && receivables.has('invoices') && !receivables.has('leads'));
  assert.equal(shownTables(['records', 'answer', 'unknown_function']).tables, 'all');
  assert.equal(shownTables(['records', 'something']).tables, 'all');
  assert.deepEqual([...(shownTables(['people']).tables as Set<string>)], []);
});

/** The file of tables, from the catalogs: of each function that a screen reads, what it reads, through the functions that it calls and views. */
async function readTables(client: pg.Client): Promise<string> {
  const { rows: logged } = await client.query<{ name: string }>(
    `select c.relname as name from pg_trigger g join pg_class c on c.oid = g.tgrelid
     where g.tgname in ('1_realtime', '1_screens') order by 1`,
  );
  const { rows: sources } = await client.query<{ name: string; schema: string; kind: string; text: string }>(
    `select proname as name, nspname as schema, 'function' as kind, pg_get_functiondef(p.oid) as text
       from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where nspname in ('public', 'tenancy') and prokind = 'f'
         and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
     union all
     select c.relname, nspname, 'view', pg_get_viewdef(c.oid) from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where nspname in ('public', 'tenancy') and relkind = 'v'`,
  );
  const tables = new Set(logged.map(({ name }) => name));
  const texts = Map.groupBy(sources, ({ name }) => name);
  const wordsOf = (text: string) => new Set(text.replace(/--.*$/gm, '').match(/[a-z_][a-z0-9_]*/g));
  const direct = new Map(
    [...texts].map(([name, parts]) => [name, parts.flatMap(({ text }) => [...wordsOf(text)])] as const),
  );
  const read = (name: string, seen: Set<string>): void => {
    if (seen.has(name)) return;
    seen.add(name);
    for (const word of direct.get(name) ?? []) if (direct.has(word)) read(word, seen);
  };
  const { functions } = await namesInSources();
  const entries = [...new Set(functions)].sort().map((name): [string, string[] | 'all'] => {
    const reached = new Set<string>();
    read(name, reached);
    const words = new Set([...reached].flatMap((one) => direct.get(one) ?? []));
    // The history is written with each change.
    if (words.has('changes')) return [name, 'all'];
    return [name, [...words].filter((word) => tables.has(word)).sort()];
  });
  const quoted = (list: readonly string[]) => `[${list.map((one) => `'${one}'`).join(', ')}]`;
  const lines = entries.map(([name, found]) => `  ${name}: ${found === 'all' ? "'all'" : quoted(found)},`);
  return `// biome-ignore-all format: generated
// Made by test/web/hooks/live/shown-tables.test.ts from the functions of the tenant schema; UPDATE_BASELINES=1 renews it.

/** Tables whose changes screens are notified of. */
export const TABLES = ${quoted([...tables].sort())} as const;

/** What functions read that screens call; \`all\`: the history of changes. */
export const FUNCTION_TABLES = {
${lines.join('\n')}
} as const satisfies Record<string, readonly string[] | 'all'>;
`;
}
