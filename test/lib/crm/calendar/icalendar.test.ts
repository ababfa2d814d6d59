import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calendarFeed } from '@/lib/crm/calendar/icalendar';

test('a feed is iCalendar with stable ids, and a busy feed tells nothing', () => {
  const entry = {
    id: 'd1',
    title: 'Wedding; Ann, Bo',
    start: '2026-06-12T16:00:00Z',
    end: '2026-06-12T21:00:00Z',
    timezone: 'Europe/Amsterdam',
    place: 'The Mill',
    status: 'confirmed' as const,
    sequence: 3,
    updatedAt: '2026-05-01T00:00:00Z',
  };
  const full = calendarFeed('Crew', [entry]);
  for (const line of [
    'BEGIN:VCALENDAR',
    'UID:d1',
    'SEQUENCE:3',
    'DTSTART:20260612T160000Z',
    'SUMMARY:Wedding\\; Ann\\, Bo',
  ]) {
    assert.ok(full.includes(line), `${line} in ${full}`);
  }
  const busy = calendarFeed('Crew', [entry], 'busy');
  assert.ok(!busy.includes('Wedding') && !busy.includes('Mill'));
});
