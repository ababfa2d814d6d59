import assert from 'node:assert/strict';
import { test } from 'node:test';
import { calendarFeed } from '@/lib/crm/calendar/icalendar';
import { checkTemplate, mergeTemplate } from '@/lib/crm/templates';

test('a template with an unknown field or an open brace is refused', () => {
  assert.throws(() => checkTemplate('Dear {{client.nmae}}'), { code: 'template_unknown_field' });
  assert.throws(() => checkTemplate('Dear {{account.name'), { code: 'template_malformed' });
  checkTemplate('Dear {{ account.name }}, see {{link}}.');
});

test('a value is text in HTML, and a missing one is shown', () => {
  const merged = mergeTemplate(
    '<p>{{account.name}} {{event.date}}</p><script>x</script>',
    { 'account.name': '<b>A&B</b>' },
    'html',
  );
  assert.equal(merged.content, '<p>&lt;b&gt;A&amp;B&lt;/b&gt; [its first date]</p>');
  assert.deepEqual(merged.missing, ['event.date']);
});

test('a value that looks like a field is not merged again', () => {
  const merged = mergeTemplate(
    '{{account.name}}',
    { 'account.name': '{{company.name}}', 'company.name': 'X' },
    'text',
  );
  assert.equal(merged.content, '{{company.name}}');
});

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
