// What the calendar shows of dates: hours past midnight, whole days, several days, tentative events and holds.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CalendarDate, datelessEntries, entriesOf } from '@/web/crm/events/calendar-entries';
import { movedTo } from '@/web/crm/events/moved-to';

const all = { booth: null, person: null };
const event = { id: 'e1', title: 'Gala', status: 'confirmed', category: null };

function date(id: string, event_date: string, changes: Partial<CalendarDate> = {}): CalendarDate {
  return {
    ...{ id, event_date, start_time: '18:00:00', end_time: '23:00:00', setup_time: null },
    ...{ event, deal: null, booths: [], crew: [] },
    ...changes,
  };
}

const spans = (dates: CalendarDate[], as: 'month' | 'week' = 'month') =>
  entriesOf(dates, all, as).map(({ start, end, allDay }) => [start, end, allDay]);

test('an event that ends at midnight or after it begins and ends in one entry', () => {
  assert.deepEqual(
    spans([
      date('a', '2027-06-12', { end_time: '00:00:00' }),
      date('b', '2027-06-14', { end_time: '02:00:00' }),
    ]),
    [
      ['2027-06-12T18:00:00', '2027-06-13T00:00:00', false],
      ['2027-06-14T18:00:00', '2027-06-15T02:00:00', false],
    ],
  );
});

test('from midnight to midnight is a whole day; days that follow each other are one entry in the month', () => {
  const day = { start_time: '00:00:00', end_time: '00:00:00' };
  const dates = [
    date('c', '2027-07-03', day),
    date('a', '2027-07-01', day),
    date('b', '2027-07-02'),
    date('d', '2027-07-05', day),
  ];
  assert.deepEqual(spans(dates), [
    ['2027-07-01', '2027-07-04', true],
    ['2027-07-05', '2027-07-06', true],
  ]);
  assert.equal(entriesOf(dates, all, 'month')[0]?.editable, false, 'several days are not dragged as one');
  assert.equal(spans(dates, 'week').length, 4);
});

test('tentative and postponed events look tentative; holds of open deals are shown until they expire', () => {
  const hold = (closed_at: string | null, hold_expires_at: string) =>
    date('h', '2027-06-12', {
      event: null,
      deal: { id: 'd1', name: 'Deal', closed_at },
      booths: [{ booth_id: 'b1', status: 'hold', hold_expires_at }],
    });
  const looks = (dates: CalendarDate[]) =>
    entriesOf(dates, all, 'week').map(({ extendedProps }) => extendedProps?.look);
  assert.deepEqual(
    looks([
      date('a', '2027-06-12'),
      date('b', '2027-06-12', { event: { ...event, status: 'tentative' } }),
      date('c', '2027-06-12', { event: { ...event, status: 'postponed' } }),
      date('d', '2027-06-12', { event: { ...event, status: 'cancelled' } }),
      hold(null, '2199-01-01T00:00:00Z'),
    ]),
    ['firm', 'tentative', 'tentative', 'hold'],
  );
  assert.deepEqual(
    looks([hold(null, '2020-01-01T00:00:00Z'), hold('2026-01-01T00:00:00Z', '2199-01-01T00:00:00Z')]),
    [],
  );
});

test('filters show what one booth or one person does', () => {
  const dates = [
    date('a', '2027-06-12', { booths: [{ booth_id: 'b1', status: 'reserved', hold_expires_at: null }] }),
    date('b', '2027-06-13', { booths: [{ booth_id: 'b1', status: 'cancelled', hold_expires_at: null }] }),
    date('c', '2027-06-14', { crew: [{ user_id: 'p1', status: 'accepted' }] }),
    date('d', '2027-06-15', { crew: [{ user_id: 'p1', status: 'declined' }] }),
  ];
  const ids = (filter: typeof all | { booth: string | null; person: string | null }) =>
    entriesOf(dates, filter, 'week').map(({ id }) => id);
  assert.deepEqual(ids({ booth: 'b1', person: null }), ['a']);
  assert.deepEqual(ids({ booth: null, person: 'p1' }), ['c']);
  const imported = { ...event, start_date: '2027-06-12', end_date: '2027-06-13', dates: [] };
  assert.deepEqual(
    datelessEntries([imported, { ...imported, dates: [{ id: 'x' }] }], all).map(({ start, end }) => [
      start,
      end,
    ]),
    [['2027-06-12', '2027-06-14']],
  );
  assert.deepEqual(datelessEntries([imported], { booth: 'b1', person: null }), []);
});

test('a dragged entry moves its hours; one that is dragged to a day alone keeps them', () => {
  const evening = {
    ...{ event_date: '2027-06-12', start_time: '18:00:00', end_time: '01:00:00', setup_time: '16:30:00' },
  };
  assert.deepEqual(movedTo('2027-06-13T20:30:00Z', evening), {
    ...{ event_date: '2027-06-13', start_time: '20:30:00', end_time: '03:30:00', setup_time: '19:00:00' },
  });
  const day = { event_date: '2027-06-12', start_time: '00:00:00', end_time: '00:00:00', setup_time: null };
  assert.deepEqual(movedTo('2027-06-19', day), { ...day, event_date: '2027-06-19' });
  assert.deepEqual(movedTo('2027-06-19', evening), { ...evening, event_date: '2027-06-19' });
});
