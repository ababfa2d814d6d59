// What each tenant costs in a month: every bill of the month, divided by what was used of what it is for.
import type pg from 'pg';
import { lasting } from '@/lib/operations';
import { type Month, monthAfter, periodOfMonth } from '../period';
import { allocate, type Metric, type Part, type Quantities, type Use, type Weights } from './allocate';
import { isService, type Service } from './bills';
import { type Capacity, type CostSettings, readSettings } from './settings';

/** A bill of one month and currency, all its entries together, and who bears which part of it. */
export interface AllocatedBill {
  target: string;
  currency: string;
  /** Minor units. */
  amount: bigint;
  /** Estimated: the last bill, for the elapsed part of the month, since this month's bill is missing. */
  estimated: boolean;
  /** Parts of the bill, which sum to its amount: tenants by id, then shared and idle. */
  parts: Part[];
}

export interface MonthCosts {
  month: Month;
  settings: CostSettings;
  bills: AllocatedBill[];
}

type Queryable = Pick<pg.Pool, 'query'>;

/** Ids of the tenants that bear a part of the bills. */
export function tenantsOf(bills: readonly AllocatedBill[]): string[] {
  return bills.flatMap(({ parts }) => parts.flatMap((part) => (part.kind === 'tenant' ? part.tenantId : [])));
}

/** The sum of a month goes through what every tenant used in each hour of it, ms. */
const SUM_MS = 120_000;

/** @param options.estimate uses the last bill of a target without one in this month; default false */
export async function readMonthCosts(
  pool: Queryable,
  month: Month,
  { estimate = false, now = new Date() }: { estimate?: boolean; now?: Date } = {},
): Promise<MonthCosts> {
  const settings = await readSettings(pool, month);
  const [entered, used] = await Promise.all([readTotals(pool, month), readUse(pool, month)]);
  const totals = estimate ? [...entered, ...(await estimates(pool, month, entered, now))] : entered;
  const bills = totals.map((total): AllocatedBill => {
    const { target, amount } = total;
    const { weights, capacity } = isService(target)
      ? { weights: SERVICE_WEIGHTS[target], capacity: {} }
      : {
          weights: settings.weights,
          capacity: quantitiesOf(settings.capacity.get(target), month, used.of(target), now),
        };
    return { ...total, parts: allocate(amount, weights, used.of(target), capacity) };
  });
  return { month, settings, bills };
}

const SERVICE_WEIGHTS: Record<Service, Weights> = {
  files: { files: 1 },
  backups: { backups: 1 },
  mail: { mails: 1 },
  egress: { egress: 1 },
  platform: { connection_time: 1 },
};

interface Total {
  target: string;
  currency: string;
  amount: bigint;
  estimated: boolean;
}

async function readTotals(pool: Queryable, month: Month): Promise<Total[]> {
  const { rows } = await pool.query<{ target: string; currency: string; amount: string }>(
    'select target, currency, sum(amount) amount from usage_bills where month = $1 group by 1, 2 order by 1, 2',
    [`${month}-01`],
  );
  return rows.map(({ amount, ...row }) => ({ ...row, amount: BigInt(amount), estimated: false }));
}

/** Estimates for targets without a bill in this month: the bill of the month before. */
async function estimates(
  pool: Queryable,
  month: Month,
  entered: readonly Total[],
  now: Date,
): Promise<Total[]> {
  const { from, to } = periodOfMonth(month);
  const elapsed = Math.min(Math.max(now.getTime() - from.getTime(), 0), to.getTime() - from.getTime());
  const before = await readTotals(pool, monthAfter(month, -1));
  return before
    .filter(({ target }) => entered.every((one) => one.target !== target))
    .map((one) => ({
      ...one,
      amount: (one.amount * BigInt(elapsed)) / BigInt(to.getTime() - from.getTime()),
      estimated: true,
    }));
}

interface UsedInMonth {
  /** By tenant, then what is shared. */
  of(target: string): (Use & { sampledHours: number })[];
}

interface UseRow {
  tenant: string;
  place: string;
  hours: number;
  storage: string;
  query_time: string;
  connection_time: string;
  bytes: string;
  statements: string;
  rows: string;
  files: string;
  backups: string;
  mails: string;
  egress: string;
}

async function readUse(pool: Queryable, month: Month): Promise<UsedInMonth> {
  const { from, to } = periodOfMonth(month);
  const [{ rows }, { rows: shared }] = await Promise.all([
    pool.query<UseRow>(
      lasting(
        `select tenant_id tenant, place, max(sampled_hours)::int hours, sum(storage_byte_hours)::text storage, sum(query_us)::text query_time,
         sum(connection_us)::text connection_time, sum(bytes_in + bytes_out)::text bytes, sum(statements)::text statements,
         sum(rows)::text as rows, sum(file_byte_hours)::text files, sum(backup_byte_hours)::text backups, sum(mails)::text mails,
         sum(egress_bytes)::text egress
       from usage_buckets where starts_at >= $1 and starts_at < $2 group by 1, 2 order by 1, 2`,
        [from, to],
        SUM_MS,
      ),
    ),
    pool.query<{ place: string; hours: number; bytes: string }>(
      'select place, sampled_hours hours, byte_hours::text bytes from usage_shared_storage where month = $1',
      [`${month}-01`],
    ),
  ]);
  const sharedAt = new Map(shared.map(({ place, ...row }) => [place, row]));
  return {
    of(target) {
      const own = rows.filter(
        ({ place }) => !isService(target) || target === 'platform' || place === 'platform',
      );
      const here = isService(target) ? own : own.filter(({ place }) => place === target);
      const tenants = new Map<string, Quantities>();
      for (const row of here) tenants.set(row.tenant, added(tenants.get(row.tenant) ?? {}, row));
      const { bytes = '0', hours = 0 } = sharedAt.get(target) ?? {};
      return [
        ...[...tenants].map(([tenantId, quantities]) => ({
          ...{ bearer: { kind: 'tenant', tenantId } as const, quantities, sampledHours: hours },
        })),
        { bearer: { kind: 'shared' } as const, quantities: { storage: BigInt(bytes) }, sampledHours: hours },
      ];
    },
  };
}

const COUNTED: readonly Metric[] = [
  ...(['storage', 'query_time', 'connection_time', 'bytes', 'statements', 'rows'] as const),
  ...(['files', 'backups', 'mails', 'egress'] as const),
];

function added(sum: Quantities, row: UseRow): Quantities {
  const pairs = COUNTED.map((metric) => [metric, (sum[metric] ?? 0n) + BigInt(row[metric])] as const);
  return Object.fromEntries(pairs);
}

/** What there was in the part of the month that is over. */
function quantitiesOf(
  { storageBytes, cores }: Capacity = {},
  month: Month,
  uses: readonly { sampledHours: number }[],
  now: Date,
): Quantities {
  const { from, to } = periodOfMonth(month);
  const elapsedMs = Math.max(0, Math.min(now.getTime(), to.getTime()) - from.getTime());
  const hours = Math.max(0, ...uses.map(({ sampledHours }) => sampledHours));
  return {
    ...(storageBytes ? { storage: BigInt(Math.round(storageBytes)) * BigInt(hours) } : {}),
    ...(cores ? { query_time: BigInt(Math.round(cores * elapsedMs)) * 1000n } : {}),
  };
}
