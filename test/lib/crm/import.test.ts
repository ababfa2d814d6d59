import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  IMPORT_ENTITIES,
  type MadeRows,
  previewImport,
  removeMade,
  runImport,
  suggestMapping,
} from '@/lib/crm/import';
import { startMarquee } from '../../server/running-server';

const { manager, a, b } = await startMarquee();
const client = await manager.getClientForTenant(a.id, true);

test('headers are recognised by what people call them', () => {
  const mapping = suggestMapping(
    ['E-Mail Address', 'FIRST NAME', 'Surname', 'Wedding Date', 'Shoe size'],
    IMPORT_ENTITIES.leads,
  );
  assert.deepEqual(mapping, {
    'FIRST NAME': 'first_name',
    Surname: 'last_name',
    'E-Mail Address': 'email',
    'Wedding Date': 'event_date',
  });
});

test('a file is previewed, imported with its errors row by row, and undone', async () => {
  const file =
    'First name;Surname;Email;Wedding date;Guests\nAnn;Lee;ann@x.example;12/6/2026;120\nBo;;not-an-address;31/4/2026;many\nCy;Ray;cy@x.example;;\nCy;Again;CY@x.example;;\n';
  const options = { entity: 'leads' as const, currency: 'EUR' };
  const preview = await previewImport(client, file, options);
  assert.deepEqual(
    preview.rows.map((row) => [row.line, row.errors.length, row.duplicate]),
    [
      [2, 0, false],
      [3, 3, false],
      [4, 0, false],
      [5, 0, true],
    ],
  );
  assert.equal(preview.rows[0]?.values.event_date, '2026-06-12');
  const made: MadeRows[] = [];
  const result = await runImport(client, file, options, {
    making: async (table, ids) => void made.push({ table, ids }),
  });
  assert.deepEqual([result.created, result.skipped, result.failed], [2, 1, 1]);
  assert.match(result.errors.map(({ message }) => message).join(), /not-an-address.*31\/4\/2026.*many/s);
  const again = await runImport(client, file, options);
  assert.deepEqual([again.created, again.skipped], [0, 3]);
  assert.deepEqual(
    made.map(({ table, ids }) => [table, ids.length]),
    [['leads', 2]],
  );
  assert.deepEqual(await removeMade(client, made[0] as MadeRows), { removed: 2, kept: 0 });
});

test('a contact is known by a phone number in any spelling, also within one file', async () => {
  const options = { entity: 'contacts' as const, currency: 'EUR' };
  const file =
    'First name;Phone\nDee;06 5555 1234\nDee again;+31 6 55551234\nEve;(512) 555-0177\nNo number;-\nNone either;-\n';
  const result = await runImport(client, file, options);
  assert.deepEqual([result.created, result.skipped, result.failed], [4, 1, 0]);
  const again = await runImport(client, 'First name;Phone\nEve;1-512-555-0177\n', options);
  assert.deepEqual([again.created, again.skipped], [0, 1]);
});

test('rows that are named are found or made, and what has been changed since stays when an import is undone', async () => {
  const file = 'Event,Client,Date,Venue\nGala,Acme,2026-09-01,Old Mill\nParty,acme,2026-09-02,Old Mill\n';
  const made: Record<string, string[]> = {};
  const result = await runImport(
    client,
    file,
    { entity: 'events', currency: 'EUR' },
    {
      making: async (table, ids) => {
        made[table] = ids;
      },
    },
  );
  assert.equal(result.created, 2);
  const { data } = await client
    .from('events')
    .select('id, title, accounts(name), locations(name)')
    .in('id', made.events ?? [])
    .order('title');
  assert.deepEqual(
    data?.map((row) => JSON.stringify([row.title, row.accounts, row.locations])),
    ['["Gala",{"name":"Acme"},{"name":"Old Mill"}]', '["Party",{"name":"Acme"},{"name":"Old Mill"}]'],
  );
  await client.from('events').update({ notes: 'Changed' }).eq('title', 'Gala').throwOnError();
  assert.deepEqual(await removeMade(client, { table: 'events', ids: made.events ?? [] }), {
    removed: 1,
    kept: 1,
  });
  // The changed event holds its account.
  assert.deepEqual(await removeMade(client, { table: 'accounts', ids: made.accounts ?? [] }), {
    removed: 0,
    kept: 1,
  });
});

test('ten thousand rows come in with progress, into one company only', async () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `Person ${index},p${index}@many.example`);
  const seen: number[] = [];
  const result = await runImport(
    client,
    `First name,Email\n${lines.join('\n')}\n`,
    { entity: 'contacts', currency: 'EUR' },
    { progress: async (rows) => void seen.push(rows) },
  );
  assert.equal(result.created, 10_000);
  assert.equal(seen.at(-1), 10_000);
  const other = await manager.getClientForTenant(b.id, true);
  const { count } = await other.from('contacts').select('*', { count: 'exact', head: true });
  assert.equal(count, 0);
});

test('a required column that no header stands for is asked for', async () => {
  await assert.rejects(runImport(client, 'Colour\nred\n', { entity: 'accounts', currency: 'EUR' }), {
    code: 'import_unmapped',
  });
});
