// What a tenant used, summed over its data sources, one point an hour or a day without gaps.
import type { UsagePage } from '@/server/operator/usage/usage';

export const PERIODS = {
  day: { granularity: 'hourly', days: 1 },
  week: { granularity: 'hourly', days: 7 },
  month: { granularity: 'daily', days: 30 },
  quarter: { granularity: 'daily', days: 90 },
} as const;
export type PeriodName = keyof typeof PERIODS;

export interface UsagePoint {
  /** ISO. */
  at: string;
  statements: number;
  rows: number;
  bytesIn: number;
  bytesOut: number;
  querySeconds: number;
  /** Averages of the samples; null in an hour without one. */
  database: number | null;
  files: number | null;
  backups: number | null;
}

const HOUR_MS = 3_600_000;

/** One point for each hour or day of the answer's period, also for those without use. */
export function pointsOf({ from, to, granularity, tenants }: UsagePage): UsagePoint[] {
  const length = granularity === 'hourly' ? HOUR_MS : 24 * HOUR_MS;
  const used = tenants.flatMap(({ consumption }) => consumption);
  const count = Math.ceil((new Date(to).getTime() - new Date(from).getTime()) / length);
  return Array.from({ length: count }, (_, index) => {
    const at = new Date(new Date(from).getTime() + index * length).toISOString();
    const here = used.filter(({ start }) => start === at);
    const sum = (name: 'statements' | 'rows' | 'bytesIn' | 'bytesOut' | 'querySeconds') =>
      here.reduce((total, one) => total + one[name], 0);
    // Each place was sampled by itself: their averages add up.
    const average = (name: 'storageByteHours' | 'fileByteHours' | 'backupByteHours') => {
      const sampled = here.filter(({ sampledHours }) => sampledHours > 0);
      if (sampled.length === 0) return null;
      return sampled.reduce((total, one) => total + one[name] / one.sampledHours, 0);
    };
    return {
      ...{ at, statements: sum('statements'), rows: sum('rows') },
      ...{ bytesIn: sum('bytesIn'), bytesOut: sum('bytesOut'), querySeconds: sum('querySeconds') },
      ...{ database: average('storageByteHours'), files: average('fileByteHours') },
      backups: average('backupByteHours'),
    };
  });
}
