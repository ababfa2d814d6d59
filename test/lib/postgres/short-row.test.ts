// Rows as the guard of the wire reads them, beside those that the driver reads.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import pg from 'pg';
import { guardWire, runPipeline, WIDE } from '@/lib/postgres';
import { createTestDatabase } from '../../support/postgres';

const clients: pg.Client[] = [];
after(() => Promise.all(clients.map((open) => open.end())));
const url = await createTestDatabase('short_row');
const [guarded, plain] = [new pg.Client({ connectionString: url }), new pg.Client({ connectionString: url })];
guardWire(guarded, WIDE);
clients.push(guarded, plain);
await Promise.all(clients.map((client) => client.connect()));

const types = { getTypeParser: () => (value: unknown) => value };

/** Rows of these columns, as text: by the guard in a flush, by the guard for the driver's own query, by the driver. */
async function readings(columns: readonly (string | null)[], rows: number): Promise<unknown[]> {
  const list = columns.map((_, n) => `$${n + 1}::text`).join(', ');
  const text = `select ${list} from generate_series(1, ${rows})`;
  const query = { text, values: [...columns], rowMode: 'array' as const, types };
  return [
    await runPipeline(guarded, [{ text, values: columns }]),
    (await guarded.query<(string | null)[]>(query)).rows,
    (await plain.query<(string | null)[]>(query)).rows,
  ];
}

const column = fc.oneof(
  fc.constant(null),
  fc.string({ unit: fc.constantFrom('a', 'Z', '7', ' ', '{') }),
  fc.string({ unit: fc.constantFrom('a', 'é', 'ß', '€', '\u{1f388}', '\u00ff') }),
  // Lengths whose bytes look like the beginning of a letter of several bytes.
  fc.integer({ min: 120, max: 700 }).map((length) => 'x'.repeat(length)),
);

test('rows of any columns are read as the driver reads them', () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(column, { maxLength: 14 }),
      fc.integer({ min: 1, max: 4 }),
      async (...asked) => {
        const [pipeline, query, driver] = await readings(...asked);
        assert.deepEqual(pipeline, driver);
        assert.deepEqual(query, driver);
      },
    ),
    { numRuns: 150 },
  ));

test('a command’s own word and count are read as the driver reads them', async () => {
  const results = async (client: pg.Client) => {
    const made = await client.query('create temp table counted (n int)');
    const inserted = await client.query('insert into counted select generate_series(1, $1)', [37]);
    const [one, none, two] = (await client.query(
      'select n from counted where n < 3; delete from counted where n < 0; update counted set n = 0',
    )) as unknown as pg.QueryResult[];
    return [made, inserted, one, none, two].map((result) => [result?.command, result?.rowCount]);
  };
  const read = await results(guarded);
  assert.deepEqual(read, await results(plain));
  assert.deepEqual(read[1], ['INSERT', 37]);
});

test('rows that come in many pieces are read whole and in order', async () => {
  const text = `select n, repeat('ä', n % 90), null, 'row ' || n from generate_series(1, 20000) n`;
  const rows = await runPipeline(guarded, [{ text, values: [] }]);
  const expected = Array.from({ length: 20_000 }, (_, index) => {
    const n = index + 1;
    return [String(n), 'ä'.repeat(n % 90), null, `row ${n}`];
  });
  assert.deepEqual(rows, expected);
});
