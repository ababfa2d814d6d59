import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keptBackups } from '@/lib/backups/prune';

const day = (text: string, proven = false) => ({
  id: text,
  asOf: new Date(`${text.slice(0, 10)}T${text.slice(11) || '02:00'}:00Z`),
  provenAt: proven ? new Date() : null,
});

test('the newest of each day, week and month stays, the newest of all, and the last proven one', () => {
  const backups = [
    ...['2026-11-29', '2026-11-29 01:00', '2026-11-28', '2026-11-27', '2026-11-23', '2026-11-22'].map((at) =>
      day(at),
    ),
    ...['2026-11-16', '2026-11-15', '2026-10-31', '2026-10-01', '2026-09-30', '2026-08-31'].map((at) =>
      day(at),
    ),
    day('2025-01-01', true),
    day('2024-01-01', true),
  ];
  const kept = keptBackups(backups, { daily: 2, weekly: 3, monthly: 3 });
  assert.deepEqual(
    [...kept].sort(),
    // Weeks begin on Monday: the 23rd and the 16th of November. The 22nd is the newest of the week from the 16th.
    ['2025-01-01', '2026-09-30', '2026-10-31', '2026-11-15', '2026-11-22', '2026-11-28', '2026-11-29'],
  );
});

test('with no retention at all the newest and the last proven one stay', () => {
  const none = { daily: 0, weekly: 0, monthly: 0 };
  const backups = [day('2026-11-29'), day('2026-11-28', true), day('2026-11-27', true)];
  assert.deepEqual([...keptBackups(backups, none)].sort(), ['2026-11-28', '2026-11-29']);
  assert.deepEqual([...keptBackups([], none)], []);
});
