import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pointsOf } from '@/web/operator/usage/usage-hours';

const used = (
  start: string,
  place: string,
  statements: number,
  storageByteHours: number,
  sampledHours: number,
) => ({
  ...{ start, place, source: place, statements, storageByteHours, sampledHours },
  ...{ rows: 1, bytesIn: 2, bytesOut: 3, querySeconds: 0.5, connectionSeconds: 0, egressBytes: 0, mails: 0 },
  ...{ fileByteHours: 0, backupByteHours: 0 },
});

test('hours without use are points too, places add up, and storage is the average of its samples', () => {
  const points = pointsOf({
    ...{ from: '2026-11-30T00:00:00.000Z', to: '2026-11-30T03:00:00.000Z', granularity: 'hourly' },
    ...{ asOf: '2026-11-30T03:00:00.000Z', lateProcesses: 0, next: null },
    tenants: [
      {
        ...{ id: 'a', subdomain: 'a' },
        consumption: [
          used('2026-11-30T00:00:00.000Z', 'one', 5, 1_000, 2),
          used('2026-11-30T00:00:00.000Z', 'two', 7, 300, 1),
          used('2026-11-30T02:00:00.000Z', 'one', 1, 0, 0),
        ],
      },
    ],
  });
  assert.deepEqual(
    points.map(({ statements, rows, database }) => ({ statements, rows, database })),
    [
      { statements: 12, rows: 2, database: 800 },
      { statements: 0, rows: 0, database: null },
      { statements: 1, rows: 1, database: null },
    ],
  );
});
