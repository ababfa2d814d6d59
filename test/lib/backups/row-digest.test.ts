import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, test } from 'node:test';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { RowDigest, wholeLines } from '@/lib/backups/format/row-digest';
import { digestTable, type TenantTable } from '@/lib/tenant-data/rows';
import { createTestDatabase } from '../../support/postgres';

let client: pg.Client;
// Before the database is dropped.
after(() => client.end());
client = new pg.Client({ connectionString: await createTestDatabase('digest') });
await client.connect();

const TENANT = '00000000-0000-4000-8000-000000000001';
const columns = ['a', 'b', 'flag', 'id'];
const table = {
  name: 'notes',
  columns: columns.map((name) => ({ name })),
  key: [{ name: 'id' }],
} as TenantTable;

/** Of blocks that are digested each by itself, as threads do. */
async function bothDigests(size: number) {
  const digest = new RowDigest();
  const rows = client.query(
    copyTo(`copy (select a::text, b::text, flag::text, id::text from notes) to stdout`),
  );
  for await (const block of wholeLines(rows, size)) {
    const part = new RowDigest();
    part.add(block);
    digest.merge(part.result());
  }
  return [digest.result(), await digestTable(table, { client, tenantId: TENANT })];
}

test('the digest of COPY text is the one that the database computes, whatever values there are', async () => {
  await client.query('create table notes (tenant_id uuid, id int, a text, b text, flag boolean)');
  const values = [
    ...[
      '',
      null,
      'plain',
      "it's",
      '\\',
      '\\N',
      'N',
      "\\'",
      "'",
      "''",
      'a\tb',
      'a\nb',
      '\n',
      '\r\n',
      '\b\f\v',
      '\\t',
    ],
    ...[
      'ü €  𝄞',
      'NULL',
      "','",
      'x'.repeat(5_000),
      '\\\\',
      'E',
      ' ',
      'ends with \\',
      '\u0001\u007f',
      "\\N\t\\N'",
    ],
  ];
  let id = 0;
  for (const a of values)
    for (const b of values.slice(0, 12))
      await client.query('insert into notes values ($1, $2, $3, $4, $5)', [
        TENANT,
        id++,
        a,
        b,
        id % 3 === 0 ? null : id % 2 === 0,
      ]);
  for (const size of [1, 300, 1 << 20]) {
    const [ours, theirs] = await bothDigests(size);
    assert.deepEqual(ours, theirs, `blocks of ${size}`);
  }
  await client.query(`delete from notes where a is distinct from 'plain' or b is distinct from null`);
  const [ours, theirs] = await bothDigests(300);
  assert.deepEqual([ours, ours?.rows], [theirs, 1]);
});

test('rows of any length are digested, one or many at once', () => {
  const short = Array.from({ length: 300 }, (_, length) => length);
  for (const lengths of [...short.map((length) => [length]), short, [3, 5_400, 1, 5_500, 70_000, 2]]) {
    const digest = new RowDigest();
    digest.add(Buffer.from(lengths.map((length) => `${'x'.repeat(length)}\n`).join('')));
    const expected = Buffer.alloc(16);
    for (const length of lengths) {
      const md5 = createHash('md5')
        .update(`'${'x'.repeat(length)}'`)
        .digest();
      for (const [place, byte] of md5.entries()) expected[place] = (expected[place] ?? 0) ^ byte;
    }
    assert.deepEqual(digest.result(), { rows: lengths.length, digest: expected.toString('hex') });
  }
});

test('a row that was cut off is an error', () => {
  for (const text of ['a\tb', 'a\t\\N', "it's"])
    assert.throws(() => new RowDigest().add(Buffer.from(text)), /has no end/);
});

test('no rows have the digest of no rows', async () => {
  await client.query('truncate notes');
  const [ours, theirs] = await bothDigests(300);
  assert.deepEqual(ours, theirs);
});
