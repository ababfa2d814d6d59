import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  IMPORT_ENTITIES,
  importRows,
  type MadeRows,
  previewImport,
  removeMade,
  restoreOverwritten,
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
  assert.deepEqual([preview.total, preview.failed, preview.incomplete, preview.duplicates], [4, 0, 1, 1]);
  assert.deepEqual(
    preview.matches.map(({ line, by, value, sameAs }) => [line, by, value, sameAs]),
    [[5, 'email', 'cy@x.example', 4]],
  );
  const made: MadeRows[] = [];
  const result = await importRows(client, file, options, {
    making: async (table, ids) => void made.push({ table, ids }),
  });
  // Bo comes in without what could not be read of him.
  assert.deepEqual([result.created, result.skipped, result.failed, result.incomplete], [3, 1, 0, 1]);
  assert.ok(result.errors.every(({ line, kept }) => line === 3 && kept));
  assert.match(result.errors.map(({ message }) => message).join(), /not-an-address.*31\/4\/2026.*many/s);
  const again = await importRows(client, file, options);
  assert.deepEqual([again.created, again.skipped], [1, 3]);
  assert.deepEqual(
    made.map(({ table, ids }) => [table, ids.length]),
    [['leads', 3]],
  );
  assert.deepEqual(await removeMade(client, made[0] as MadeRows), { removed: 3, kept: [] });
});

test('a contact is known by a phone number in any spelling, also within one file', async () => {
  const options = { entity: 'contacts' as const, currency: 'EUR' };
  const file =
    'First name;Phone\nDee;06 5555 1234\nDee again;+31 6 55551234\nEve;(512) 555-0177\nNo number;-\nNone either;-\n';
  const result = await importRows(client, file, options);
  assert.deepEqual([result.created, result.skipped, result.failed], [4, 1, 0]);
  const again = await importRows(client, 'First name;Phone\nEve;1-512-555-0177\n', options);
  assert.deepEqual([again.created, again.skipped], [0, 1]);
});

test('rows that are named are found or made, and what has been changed since stays when an import is undone', async () => {
  const file = 'Event,Client,Date,Venue\nGala,Acme,2026-09-01,Old Mill\nParty,acme,2026-09-02,Old Mill\n';
  const made: Record<string, string[]> = {};
  const result = await importRows(
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
  const events = await removeMade(client, { table: 'events', ids: made.events ?? [] });
  assert.deepEqual([events.removed, events.kept.map(({ name }) => name)], [1, ['Gala']]);
  // The changed event holds its account.
  const accounts = await removeMade(client, { table: 'accounts', ids: made.accounts ?? [] });
  assert.deepEqual([accounts.removed, accounts.kept.map(({ name }) => name)], [0, ['Acme']]);
});

test('undoing keeps exactly the rows that are in use or were changed, wherever they are among the others', async () => {
  const lines = Array.from({ length: 40 }, (_, index) => `Firm ${index}`);
  const made: MadeRows[] = [];
  await importRows(
    client,
    `Name\n${lines.join('\n')}\n`,
    { entity: 'accounts', currency: 'EUR' },
    { making: async (table, ids) => void made.push({ table, ids }) },
  );
  const [{ table, ids } = { table: '', ids: [] }] = made;
  const { data } = await client.from('accounts').select('id, name').in('id', ids).throwOnError();
  const idOf = (name: string) => data?.find((row) => row.name === name)?.id as string;
  for (const name of ['Firm 0', 'Firm 13', 'Firm 14', 'Firm 39'])
    await client
      .from('events')
      .insert({ title: name, account_id: idOf(name) })
      .throwOnError();
  await client.from('accounts').update({ notes: 'Changed' }).eq('id', idOf('Firm 20')).throwOnError();
  const { removed, kept } = await removeMade(client, { table, ids });
  assert.deepEqual(
    [removed, kept.map(({ name }) => name).sort()],
    [35, ['Firm 0', 'Firm 13', 'Firm 14', 'Firm 20', 'Firm 39']],
  );
  const { data: left } = await client.from('accounts').select('id').in('id', ids).throwOnError();
  assert.deepEqual(left.map(({ id }) => id).sort(), kept.map(({ id }) => id).sort());
  // What is gone already is neither removed nor kept.
  assert.deepEqual(await removeMade(client, { table, ids }), { removed: 0, kept });
});

test('undoing keeps the rows that people have worked with since: crew, bookings, quotes, notes, tasks', async () => {
  const imported = async (entity: 'events' | 'contacts' | 'leads', file: string) => {
    const made = new Map<string, string[]>();
    await importRows(
      client,
      file,
      { entity, currency: 'EUR', dateOrder: 'day-first' },
      { making: async (table, ids) => void made.set(table, [...(made.get(table) ?? []), ...ids]) },
    );
    return made;
  };
  const keptOf = async (table: string, ids: string[] = []) => {
    const { removed, kept } = await removeMade(client, { table, ids });
    return [removed, kept.map(({ name }) => name).sort()];
  };
  const events = await imported(
    'events',
    [
      'Event,Client,Date,Start time,Venue',
      ...['Staffed', 'Equipped', 'Tasked', 'Moved', 'Untouched'].map(
        (name) => `${name},Later Ltd,2027-03-01,18:00,Later Hall`,
      ),
    ].join('\n'),
  );
  const ids = events.get('events') ?? [];
  const { data: rows } = await client
    .from('events')
    .select('id, title, account_id, location_id, event_dates!event_dates_event_id_fkey(id)')
    .in('id', ids)
    .throwOnError();
  const eventOf = (title: string) => rows.find((row) => row.title === title) as (typeof rows)[number];
  const dateOf = (title: string) => eventOf(title).event_dates[0]?.id as string;
  const role = await client.from('staff_roles').select('id').limit(1).single().throwOnError();
  await client
    .from('event_staff_assignments')
    .insert({ event_id: eventOf('Staffed').id, user_id: crypto.randomUUID(), staff_role_id: role.data.id })
    .throwOnError();
  const type = await client
    .from('equipment_types')
    .insert({ name: 'Later lamp' })
    .select('id')
    .single()
    .throwOnError();
  const item = await client
    .from('equipment_items')
    .insert({ name: 'Lamp', asset_tag: 'LATER-1', equipment_type_id: type.data.id })
    .select('id')
    .single()
    .throwOnError();
  await client
    .from('equipment_assignments')
    .insert({ event_date_id: dateOf('Equipped'), equipment_item_id: item.data.id } as never)
    .throwOnError();
  await client
    .from('tasks')
    .insert({ title: 'Call them', entity_type: 'event_date', entity_id: dateOf('Tasked') })
    .throwOnError();
  await client.from('event_dates').update({ start_time: '19:00' }).eq('id', dateOf('Moved')).throwOnError();
  assert.deepEqual(await keptOf('events', ids), [1, ['Equipped', 'Moved', 'Staffed', 'Tasked']]);
  const { count } = await client
    .from('event_staff_assignments')
    .select('*', { count: 'exact', head: true })
    .eq('event_id', eventOf('Staffed').id);
  assert.equal(count, 1);
  // A place that an event was given since stays its place.
  const { location_id } = eventOf('Untouched');
  for (const title of ['Equipped', 'Moved', 'Staffed', 'Tasked'])
    await client.from('events').update({ location_id: null }).eq('title', title).throwOnError();
  await client
    .from('event_dates')
    .update({ location_id: null })
    .eq('location_id', location_id as string)
    .throwOnError();
  await client.from('events').update({ location_id }).eq('title', 'Staffed').throwOnError();
  assert.deepEqual(await keptOf('locations', events.get('locations')), [0, ['Later Hall']]);

  const contacts = await imported(
    'contacts',
    'Name,Company\nQuoted One,Later Co\nLinked Two,Later Co\nFree Three,Later Co\n',
  );
  const people = contacts.get('contacts') ?? [];
  const { data: found } = await client
    .from('contacts')
    .select('id, first_name')
    .in('id', people)
    .throwOnError();
  const contactOf = (name: string) => found.find(({ first_name }) => first_name === name)?.id as string;
  const deal = await client
    .from('opportunities')
    .insert({ name: 'Later deal', account_id: eventOf('Staffed').account_id })
    .select('id')
    .single()
    .throwOnError();
  await client
    .from('quotes')
    .insert({ opportunity_id: deal.data.id, contact_id: contactOf('Quoted') })
    .throwOnError();
  await client
    .from('contact_accounts')
    .insert({ contact_id: contactOf('Linked'), account_id: eventOf('Staffed').account_id })
    .throwOnError();
  assert.deepEqual(await keptOf('contacts', people), [1, ['Linked Two', 'Quoted One']]);

  const leads = await imported('leads', 'Name\nNoted Lead\nPlain Lead\n');
  const lead = await client.from('leads').select('id').eq('first_name', 'Noted').single().throwOnError();
  await client
    .from('notes')
    .insert({
      entity_type: 'lead',
      entity_id: lead.data.id,
      content: 'Wants the big one',
      visibility: 'private',
    })
    .throwOnError();
  assert.deepEqual(await keptOf('leads', leads.get('leads')), [1, ['Noted Lead']]);
});

test('ten thousand rows come in with progress, into one company only', async () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `Person ${index},p${index}@many.example`);
  const seen: number[] = [];
  const result = await importRows(
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
  await assert.rejects(importRows(client, 'Colour\nred\n', { entity: 'accounts', currency: 'EUR' }), {
    code: 'import_unmapped',
  });
});

test('two people with one nonsense phone number are two, and a shared telephone is no proof against two addresses', async () => {
  const options = { entity: 'leads' as const, currency: 'USD' };
  const nonsense = ['000-000-0000', '123', 'n/a', '1234567890', '999 999 9999'];
  const file = [
    'Name,Phone,Email',
    ...nonsense.flatMap((phone) => [`Fay,${phone},`, `Gus,${phone},`]),
    'Hal,(512) 555-0188,hal@x.example',
    'Ida,512.555.0188,ida@x.example',
    'Hal again,+15125550188,',
  ].join('\n');
  const preview = await previewImport(client, file, options);
  assert.deepEqual(
    preview.matches.map(({ line, by, sameAs }) => [line, by, sameAs]),
    [[14, 'phone', 12]],
  );
  const result = await importRows(client, file, options);
  assert.deepEqual([result.created, result.skipped], [12, 1]);
  const { data } = await client.from('leads').select('phone').eq('first_name', 'Hal').single().throwOnError();
  assert.equal(data.phone, '+1 512 555 0188');
  const again = await importRows(client, 'Name,Phone\nHal,1 (512) 555-0188\n', options);
  assert.deepEqual(
    again.matches.map(({ by }) => by),
    ['phone'],
  );
  assert.match(String(again.matches[0]?.name), /^(Hal|Ida)$/);
});

test('names, notes, birthdays and several numbers of a foreign file come in whole', async () => {
  const file = [
    'Name\tMobile Phone\tHome Phone\tE-mail\tBirthday\tNotes\tComments',
    'Smith, Anna\t512-555-0190\t512-555-0191\tanna@whole.example\t4/12/68\tLikes gold\tVIP',
    'Dr. Ben van Dyk\t\t512-555-0192\tnot a mail\t12/25/1970\t\t',
  ].join('\n');
  const result = await importRows(client, file, { entity: 'contacts', currency: 'USD' });
  assert.deepEqual([result.created, result.incomplete], [2, 1]);
  const { data } = await client
    .from('contacts')
    .select('first_name, last_name, phone, email, birthday, notes')
    .in('last_name', ['Smith', 'van Dyk'])
    .order('first_name')
    .throwOnError();
  assert.deepEqual(data, [
    {
      first_name: 'Anna',
      last_name: 'Smith',
      phone: '+1 512 555 0190',
      email: 'anna@whole.example',
      birthday: '1968-04-12',
      notes: 'Notes: Likes gold\nComments: VIP\nHome Phone: 512-555-0191',
    },
    {
      first_name: 'Ben',
      last_name: 'van Dyk',
      phone: '+1 512 555 0192',
      email: null,
      birthday: '1970-12-25',
      notes: null,
    },
  ]);
});

test('a column of dates that can be read either way is asked about, and read in one order', async () => {
  const file = 'Name,Event date\nJo,03/04/2027\nKim,05/06/2027\n';
  const options = { entity: 'leads' as const, currency: 'USD' };
  const preview = await previewImport(client, file, options);
  assert.deepEqual(preview.dates, [
    {
      header: 'Event date',
      found: 'either',
      example: { text: '03/04/2027', dayFirst: '2027-04-03', monthFirst: '2027-03-04' },
    },
  ]);
  await assert.rejects(importRows(client, file, options), { code: 'import_ambiguous_dates' });
  const result = await importRows(client, file, { ...options, dateOrders: { 'Event date': 'day-first' } });
  assert.equal(result.created, 2);
  // The last row of a long file decides for the first.
  const decided = await previewImport(client, `${file}Lou,25/12/2027\n`, options);
  assert.equal(decided.dates[0]?.order, 'day-first');
  assert.equal(decided.rows[0]?.values.event_date, '2027-04-03');
});

test('undoing restores what an update overwrote, column by column, unless it was changed since', async () => {
  const options = { entity: 'contacts' as const, currency: 'USD', duplicates: 'update' as const };
  await importRows(
    client,
    'Name,Email,Title,Company\nMia Ray,mia@undo.example,Chef,Old Co\nNed Ray,ned@undo.example,Cook,\n',
    options,
  );
  const id = crypto.randomUUID();
  const made: MadeRows[] = [];
  const file =
    'Name,Email,Title,Company\nMia Roe,mia@undo.example,Boss,New Co\nNed Roe,ned@undo.example,Boss,\nMia Rue,mia@undo.example,Boss,New Co\n';
  const result = await importRows(client, file, options, {
    id,
    making: async (table, ids) => void made.push({ table, ids }),
  });
  assert.deepEqual([result.created, result.updated], [0, 3]);
  await client.from('contacts').update({ job_title: 'Owner' }).eq('email', 'ned@undo.example').throwOnError();
  const { restored, kept } = await restoreOverwritten(client, id);
  assert.equal(restored, 2);
  assert.deepEqual(
    kept.map(({ name, columns }) => [name, columns]),
    [['Ned Ray', ['job_title']]],
  );
  for (const rows of made.toReversed()) await removeMade(client, rows);
  const { data } = await client
    .from('contacts')
    .select('last_name, job_title, contact_accounts(accounts(name))')
    .like('email', '%@undo.example')
    .order('first_name')
    .throwOnError();
  assert.deepEqual(JSON.parse(JSON.stringify(data)), [
    { last_name: 'Ray', job_title: 'Chef', contact_accounts: [{ accounts: { name: 'Old Co' } }] },
    { last_name: 'Ray', job_title: 'Owner', contact_accounts: [] },
  ]);
});
