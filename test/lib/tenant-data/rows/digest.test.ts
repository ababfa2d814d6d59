import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, test } from 'node:test';
import pg from 'pg';
import { compareKeys, compareTable, digestTable, type TenantTable } from '@/lib/tenant-data/rows';
import { createTestDatabase } from '../../../support/postgres';

let client: pg.Client;
after(() => client.end());
client = new pg.Client({ connectionString: await createTestDatabase('digest') });
await client.connect();
await client.query(
  'create table notes (tenant_id uuid, id int, text text, tags text[], primary key (tenant_id, id))',
);
const column = (name: string, type: string) => ({ name, type, builtin: true, always: false });
const table = {
  name: 'notes',
  columns: [
    column('tenant_id', 'uuid'),
    column('id', 'integer'),
    column('text', 'text'),
    column('tags', 'text[]'),
  ],
  key: [column('id', 'integer')],
} as TenantTable;

type Note = [id: number, text: string | null, tags?: string | null];

async function tenantWith(...notes: Note[]) {
  const tenantId = randomUUID();
  for (const [id, text, tags = null] of notes)
    await client.query('insert into notes values ($1, $2, $3, $4)', [tenantId, id, text, tags]);
  return { client, tenantId };
}

const PAIRS: [what: string, one: Note, other: Note][] = [
  ['null and an empty text', [1, null], [1, '']],
  ['null and the word', [1, null], [1, 'NULL']],
  ['null and the word in quotes', [1, null], [1, "'NULL'"]],
  ['a text and the same with a blank behind', [1, 'a'], [1, 'a ']],
  ['texts that differ in case', [1, 'a'], [1, 'A']],
  ['a value in one column and in the next', [1, '{a}', null], [1, null, '{a}']],
  ['an empty array and null', [1, 'a', '{}'], [1, 'a', null]],
  ['an array of null and of the word', [1, 'a', '{NULL}'], [1, 'a', '{"NULL"}']],
  ['a separator inside a text', [1, "a','b", null], [1, 'a', '{b}']],
];
for (const [what, one, other] of PAIRS) {
  test(`${what} are different`, async () => {
    const [left, right] = [await tenantWith(one), await tenantWith(other)];
    const difference = [{ table: 'notes', key: ['1'], kind: 'different' }];
    assert.deepEqual((await compareTable(table, left, right)).differences, difference);
    assert.deepEqual(await compareKeys(table, [['1']], left, right), difference);
    assert.notEqual((await digestTable(table, left)).digest, (await digestTable(table, right)).digest);
  });
}

test('missing and extra rows are named by their keys; equal rows of another tenant are equal', async () => {
  const all = Array.from({ length: 600 }, (_, id): Note => [id, `note ${id}`, '{a,b}']);
  const [left, same, right] = [
    await tenantWith(...all),
    await tenantWith(...all.toReversed()),
    await tenantWith(...all.slice(1), [600, 'more']),
  ];
  assert.deepEqual((await compareTable(table, left, same)).differences, []);
  assert.deepEqual(await digestTable(table, left), await digestTable(table, same));
  const { differences, rows } = await compareTable(table, left, right);
  assert.equal(rows, 600);
  assert.deepEqual(
    differences.toSorted((a, b) => a.kind.localeCompare(b.kind)),
    [
      { table: 'notes', key: ['600'], kind: 'extra' },
      { table: 'notes', key: ['0'], kind: 'missing' },
    ],
  );
});

test('two rows that change places are no difference that cancels out', async () => {
  const left = await tenantWith([1, 'a'], [2, 'b']);
  const right = await tenantWith([1, 'b'], [2, 'a']);
  assert.equal((await compareTable(table, left, right)).differences.length, 2);
});

test('of a large table with a few changes in each part only rows near them are read', async () => {
  const [left, right] = [randomUUID(), randomUUID()];
  const rows = 'select n, md5(n::text) from generate_series(1, 60000) n';
  for (const tenantId of [left, right])
    await client.query(`insert into notes select '${tenantId}', n, md5 from (${rows}) r (n, md5)`);
  // Enough that each of the 256 parts has one.
  await client.query(`update notes set text = 'changed' where tenant_id = $1 and id % 20 = 0`, [right]);
  let read = 0;
  const counting = {
    query: async (...given: [string, unknown[]]) => {
      const answer = await client.query(...given);
      read += answer.rows.length;
      return answer;
    },
  } as unknown as pg.ClientBase;
  const side = (tenantId: string) => ({ client: counting, tenantId });
  const { differences } = await compareTable(table, side(left), side(right));
  assert.equal(differences.length, 3_000);
  assert.ok(differences.every(({ kind, key }) => kind === 'different' && Number(key[0]) % 20 === 0));
  // Two rows for each part of each level, and those of parts that differ: not all 120,000.
  assert.ok(read < 100_000, `${read} rows`);
});
