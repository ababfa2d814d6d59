import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { clockIn, momentAt } from '@/web/hooks/dates/zones';

describe('clocks in time zones', () => {
  const cases: [zone: string, clock: string, moment: string][] = [
    ['America/New_York', '2026-07-01T18:00:00', '2026-07-01T22:00:00.000Z'],
    ['America/New_York', '2026-12-01T18:00:00', '2026-12-01T23:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25T04:00:00', '2026-10-25T03:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25T00:30:00', '2026-10-24T22:30:00.000Z'],
    ['Asia/Kolkata', '2026-01-01T00:15:00', '2025-12-31T18:45:00.000Z'],
    ['Pacific/Auckland', '2026-04-05T12:00:00', '2026-04-05T00:00:00.000Z'],
  ];
  for (const [zone, clock, moment] of cases) {
    test(`${clock} in ${zone}, there and back`, () => {
      assert.equal(momentAt(zone, clock).toISOString(), moment);
      assert.equal(clockIn(zone, new Date(moment)), clock);
    });
  }

  test('of an hour that comes twice it is the first, east and west of Greenwich', () => {
    assert.equal(momentAt('Europe/Berlin', '2026-10-25T02:30').toISOString(), '2026-10-25T00:30:00.000Z');
    assert.equal(momentAt('America/New_York', '2026-11-01T01:30').toISOString(), '2026-11-01T05:30:00.000Z');
  });

  test('a time that clocks leave out is the moment that long after they went forward', () => {
    assert.equal(momentAt('Europe/Berlin', '2026-03-29T02:30').toISOString(), '2026-03-29T01:30:00.000Z');
    assert.equal(momentAt('America/New_York', '2026-03-08T02:30').toISOString(), '2026-03-08T07:30:00.000Z');
  });
});
