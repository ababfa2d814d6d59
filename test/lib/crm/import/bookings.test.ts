// Imported events have their dates and reserve their booths, by the rules of new events; what is taken is said, never booked twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportTable } from '@/lib/crm/export';
import {
  IMPORT_ENTITIES,
  importRows,
  type MadeRows,
  previewImport,
  removeMade,
  suggestMapping,
} from '@/lib/crm/import';
import { isTime, readInstant, readTime, readTimes, timeBehind } from '@/lib/crm/import/times';
import { startMarquee } from '../../../server/running-server';

const { manager, a } = await startMarquee();
const client = await manager.getClientForTenant(a.id, true);
await client.from('tenant_settings').update({ value: 'Europe/Berlin' }).eq('key', 'timezone').throwOnError();
const options = { entity: 'events' as const, currency: 'EUR', dateOrder: 'day-first' as const };
const YEAR = new Date().getUTCFullYear() + 1;

/** A booth type with so many booths: `Mirror A`, `Mirror B`. */
async function addBooths(name: string, count: number): Promise<void> {
  const type = await client.from('booth_types').insert({ name }).select('id').single().throwOnError();
  await client
    .from('booths')
    .insert(
      Array.from({ length: count }, (_, at) => ({
        name: `${name} ${'ABC'[at]}`,
        booth_type_id: type.data.id,
      })),
    )
    .throwOnError();
}

async function bookedOf(title: string) {
  const { data } = await client
    .from('events')
    .select(
      'status, start_date, end_date, dates:event_dates!event_dates_event_id_fkey(event_date, start_time, end_time, timezone, booths:booth_assignments!booth_assignments_event_date_id_fkey(status, booth:booths!booth_assignments_booth_id_fkey(name)))',
    )
    .eq('title', title)
    .single()
    .throwOnError();
  const dates = (
    data.dates as unknown as {
      event_date: string;
      start_time: string;
      end_time: string;
      timezone: string;
      booths: { status: string; booth: { name: string } }[];
    }[]
  ).toSorted((one, other) => one.event_date.localeCompare(other.event_date));
  return {
    status: data.status,
    span: [data.start_date, data.end_date],
    dates: dates.map(
      (date) =>
        `${date.event_date} ${date.start_time.slice(0, 5)}–${date.end_time.slice(0, 5)} ${date.timezone}: ${date.booths
          .map(({ status, booth }) => `${booth.name} ${status}`)
          .sort()
          .join(', ')}`,
    ),
  };
}

test('times are read as people and spreadsheets write them', () => {
  const cases: [string, string][] = [
    ['18:00', '18:00'],
    ['6:30 PM', '18:30'],
    ['6pm', '18:00'],
    ['12 a.m.', '00:00'],
    ['12:15 p.m.', '12:15'],
    ['18.30 Uhr', '18:30'],
    ['18 Uhr', '18:00'],
    ['1830', '18:30'],
    ['24:00', '00:00'],
    ['09:05:59', '09:05'],
    ['0.75', '18:00'],
  ];
  for (const [text, time] of cases) assert.equal(readTime(text), time, text);
  for (const text of ['evening', '25:00', '18:75', '13 pm', ''])
    assert.throws(() => readTime(text), { code: 'import_bad_time' }, text);
  assert.deepEqual(readTimes('6–11 pm'), { start: '18:00', end: '23:00' });
  assert.deepEqual(readTimes('18:00 bis 01:30 Uhr'), { start: '18:00', end: '01:30' });
  assert.deepEqual(readTimes('11am - 3pm'), { start: '11:00', end: '15:00' });
  assert.equal(timeBehind('2027-05-01 18:30:00'), '18:30');
  assert.equal(timeBehind('1.5.2027, 18.30 Uhr'), '18:30');
  assert.equal(timeBehind('05/01/27 6:30 PM'), '18:30');
  assert.equal(timeBehind('46143.75'), '18:00');
  // What systems write for a day without a time.
  assert.equal(timeBehind('2027-05-01 00:00:00'), undefined);
  for (const text of ['2027-05-01', '1.5.2027', 'May 1, 2027', '46143'])
    assert.equal(timeBehind(text), undefined, text);
  assert.deepEqual(['18:00', '6 pm', '18 Uhr', '18', '1.5.2027', '2027-05-01'].map(isTime), [
    true,
    true,
    true,
    false,
    false,
    false,
  ]);
  assert.deepEqual(readInstant('2027-07-01T22:30:00Z', 'Europe/Berlin'), {
    date: '2027-07-02',
    time: '00:30',
  });
  assert.deepEqual(readInstant('2027-01-01 18:00:00+0500', 'Europe/Berlin'), {
    date: '2027-01-01',
    time: '14:00',
  });
  assert.equal(readInstant('2027-07-01 18:00', 'Europe/Berlin'), undefined);
});

test('headings of dates, times and booths are understood, in one column or in several', () => {
  const mapping = (headers: string) => {
    const found = suggestMapping(headers.split(','), IMPORT_ENTITIES.events);
    return headers.split(',').map((header) => found[header] ?? '');
  };
  assert.deepEqual(mapping('Event,Client,Start,End,Booth'), [
    'title',
    'account_id',
    'start_date',
    'end_date',
    'booth_id',
  ]);
  assert.deepEqual(mapping('Event Name,Client,Event Date,Start Time,End Time,Booth Type,Venue'), [
    'title',
    'account_id',
    'start_date',
    'start_time',
    'end_time',
    'booth_id',
    'location_id',
  ]);
  assert.deepEqual(mapping('Veranstaltung,Kunde,Datum,Beginn,Ende,Fotobox,Ort'), [
    'title',
    'account_id',
    'start_date',
    'start_time',
    'end_date',
    'booth_id',
    'location_id',
  ]);
});

test('events come in with dates in the company’s zone, and their booths are reserved', async () => {
  await addBooths('Mirror', 2);
  const file = [
    'Event;Client;Status;Start;End;Fotobox',
    `Wedding;Ann;confirmed;12.6.${YEAR} 18:00;13.6.${YEAR} 01:00;Mirror`,
    `Fair;Bob;booked;${YEAR}-07-01 09:00;${YEAR}-07-03 17:00;Mirror A, Mirror B`,
    `Called off;Cy;cancelled;${YEAR}-07-02 09:00;${YEAR}-07-02 17:00;Mirror A`,
    `Instant;Di;tentative;${YEAR}-08-01T16:00:00Z;${YEAR}-08-01T20:00:00Z;`,
    `Short;Eve;confirmed;${YEAR}-09-01 18:00;;`,
    `Day only;Flo;tentative;${YEAR}-09-02;;`,
  ].join('\n');
  const made: MadeRows[] = [];
  const result = await importRows(client, file, options, {
    making: async (table, ids) => void made.push({ table, ids }),
  });
  assert.deepEqual([result.created, result.failed], [6, 0]);
  assert.deepEqual(
    result.errors.map(({ line, column, kept }) => [line, column, kept]),
    [[6, 'Status', true]],
  );
  const zone = 'Europe/Berlin';
  assert.deepEqual(await bookedOf('Wedding'), {
    status: 'confirmed',
    span: [`${YEAR}-06-12`, `${YEAR}-06-13`],
    dates: [`${YEAR}-06-12 18:00–01:00 ${zone}: Mirror A reserved`],
  });
  assert.deepEqual(await bookedOf('Fair'), {
    status: 'confirmed',
    span: [`${YEAR}-07-01`, `${YEAR}-07-03`],
    dates: [1, 2, 3].map(
      (day) => `${YEAR}-07-0${day} 09:00–17:00 ${zone}: Mirror A reserved, Mirror B reserved`,
    ),
  });
  assert.deepEqual((await bookedOf('Called off')).dates, [`${YEAR}-07-02 09:00–17:00 ${zone}: `]);
  assert.deepEqual((await bookedOf('Instant')).dates, [`${YEAR}-08-01 18:00–22:00 ${zone}: `]);
  assert.deepEqual(await bookedOf('Short'), {
    status: 'tentative',
    span: [`${YEAR}-09-01`, `${YEAR}-09-01`],
    dates: [`${YEAR}-09-01 18:00–22:00 ${zone}: `],
  });
  assert.deepEqual(await bookedOf('Day only'), {
    status: 'tentative',
    span: [`${YEAR}-09-02`, null],
    dates: [],
  });
  // Undone whole: what the import itself changed does not count as a change.
  const events = made.find(({ table }) => table === 'events') as MadeRows;
  assert.deepEqual(await removeMade(client, events), { removed: 6, kept: [] });
  const { count } = await client.from('booth_assignments').select('*', { count: 'exact', head: true });
  assert.equal(count, 0);
});

test('what is taken is listed before and after, and is not booked twice', async () => {
  await addBooths('Open air', 1);
  const file = [
    'Event,Client,Date,Start time,End time,Booth',
    `First,Ann,${YEAR}-10-01,18:00,23:00,Open air A`,
    `Second,Bob,${YEAR}-10-01,20:00,23:30,Open air A`,
    `Third,Cy,${YEAR}-10-01,22:00,23:30,open air`,
    `Fourth,Di,${YEAR}-10-02,6 pm,11 pm,Sky box`,
    `Fifth,Eve,${YEAR}-10-03,,,Open air A`,
    `Sixth,Flo,,,,Open air A`,
    `Seventh,Guy,${YEAR}-10-05,evening,,Open air A`,
  ].join('\n');
  const expected = [
    [3, 'Booth', /^Open air A is taken from .* \(First\)\.$/],
    [4, 'Booth', new RegExp(`^No open air is free on ${YEAR}-10-01\\.$`)],
    [5, 'Booth', /^There is no booth or booth type “Sky box”\.$/],
    [6, 'Start time', /whole day/],
    [7, 'Booth', /no date/],
    [8, 'Start time', /“evening” is not a time of day/],
    [8, 'Start time', /whole day/],
  ] as const;
  const check = (found: readonly { line: number; column: string; message: string; kept?: boolean }[]) => {
    assert.deepEqual(
      found.map(({ line, column, kept }) => [line, column, kept]),
      expected.map(([line, column]) => [line, column, true]),
    );
    for (const [at, [, , message]] of expected.entries()) assert.match(found[at]?.message ?? '', message);
  };
  const preview = await previewImport(client, file, options);
  check(preview.problems);
  assert.deepEqual([preview.failed, preview.incomplete], [0, 6]);
  assert.equal(preview.rows[0]?.values.booth_id, 'Open air A');
  const counts = async () =>
    Promise.all(
      (['events', 'accounts', 'event_dates', 'booth_assignments'] as const).map(
        async (table) => (await client.from(table).select('*', { count: 'exact', head: true })).count,
      ),
    );
  const before = await counts();
  await previewImport(client, file, options);
  assert.deepEqual(await counts(), before, 'looking writes nothing');
  const result = await importRows(client, file, options);
  check(result.errors);
  assert.deepEqual([result.created, result.failed, result.incomplete], [7, 0, 6]);
  assert.match((await bookedOf('First')).dates[0] ?? '', /: Open air A reserved$/);
  assert.match((await bookedOf('Second')).dates[0] ?? '', /: $/);
  assert.deepEqual((await bookedOf('Fifth')).dates, [
    `${YEAR}-10-03 00:00–00:00 Europe/Berlin: Open air A reserved`,
  ]);
});

test('an event that is there already keeps its dates and booths, and the row that differs says so', async () => {
  await addBooths('Retro', 2);
  const head = 'Event,Number,Client,Date,Start time,End time,Booth';
  const first = [
    head,
    `Same,RE-1,Ann,${YEAR}-03-01,18:00,01:00,Retro A`,
    `Moved,RE-2,Ann,${YEAR}-03-02,18:00,23:00,Retro A`,
    `Later,RE-3,Ann,${YEAR}-03-03,18:00,23:00,`,
    `Rebooked,RE-4,Ann,${YEAR}-03-04,18:00,23:00,Retro A`,
    `Longer,RE-5,Ann,${YEAR}-03-05,18:00,23:00,`,
    `Day only,RE-6,Ann,${YEAR}-03-06,,,`,
    `Timed,RE-7,Ann,${YEAR}-03-07,,,`,
  ];
  const made = await importRows(client, first.join('\n'), options);
  assert.deepEqual([made.created, made.errors], [7, []]);
  const again = [
    head,
    `Same,RE-1,Ann,${YEAR}-03-01,6 pm,1 am,retro`,
    `Moved,RE-2,Ann,${YEAR}-03-12,18:00,23:00,Retro A`,
    `Later,RE-3,Ann,${YEAR}-03-03,20:00,23:00,`,
    `Rebooked,RE-4,Ann,${YEAR}-03-04,18:00,23:00,Retro B`,
    `Longer,RE-5,Ann,${YEAR}-03-15,,,`,
    `Day only,RE-6,Ann,${YEAR}-03-16,,,`,
    `Timed,RE-7,Ann,${YEAR}-03-07,18:00,,`,
    // No time is named, so none differs.
    `Same,RE-1,Ann,${YEAR}-03-01,,,Retro A`,
  ].join('\n');
  const says = ['Date', 'The event keeps its dates and bookings: change them on its page.', true];
  const expected = [3, 4, 5, 6, 8].map((line) => [line, ...says]);
  const update = { ...options, duplicates: 'update' as const };
  const preview = await previewImport(client, again, update);
  assert.deepEqual(
    preview.problems.map(({ line, column, message, kept }) => [line, column, message, kept]),
    expected,
  );
  const result = await importRows(client, again, update);
  assert.deepEqual([result.updated, result.failed, result.incomplete], [8, 0, 5]);
  assert.deepEqual(
    result.errors.map(({ line, column, message, kept }) => [line, column, message, kept]),
    expected,
  );
  assert.deepEqual((await bookedOf('Moved')).dates, [
    `${YEAR}-03-02 18:00–23:00 Europe/Berlin: Retro A reserved`,
  ]);
  assert.deepEqual((await bookedOf('Day only')).span, [`${YEAR}-03-16`, null]);
  // Of rows that are skipped nothing is said.
  const skipped = await previewImport(client, again, options);
  assert.ok(skipped.problems.every(({ message }) => message !== says[1]));
});

test('events are exported with their hours and booths, and come in with them again', async () => {
  await addBooths('Export', 2);
  const made = await importRows(
    client,
    `Event,Number,Client,Date,Last day,Start time,End time,Booth\nOut,EX-1,Ann,${YEAR}-05-01,${YEAR}-05-02,18:00,23:00,Export A; Export B\n`,
    options,
  );
  assert.deepEqual([made.created, made.errors], [1, []]);
  const before = await bookedOf('Out');
  const file = (await Array.fromAsync(exportTable(client, 'events'))).join('');
  await client.from('events').delete().eq('title', 'Out').throwOnError();
  const again = await importRows(client, file, options);
  assert.deepEqual([again.created, again.errors], [1, []]);
  assert.deepEqual(await bookedOf('Out'), before);
});
