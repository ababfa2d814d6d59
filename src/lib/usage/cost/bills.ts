// What providers charge, by month and by what it is for. Entries stay as they are: a correction adds the difference.
import type pg from 'pg';
import { type OperationsDatabase, withTransaction } from '@/lib/operations';
import { UsageError } from '../errors';
import type { Month } from '../period';

/** Bills for other things than a data source, and what each is divided by. */
export const SERVICES = {
  files: 'where files lie',
  backups: 'where backups lie',
  mail: 'outgoing mail',
  egress: 'traffic of answers',
  platform: 'Marquee’s own servers and databases',
} as const;
export type Service = keyof typeof SERVICES;

export function isService(target: string): target is Service {
  return target in SERVICES;
}

/** A bill's target by its name: the id of a data source, or the name of a service. @throws OperationsError `data_source_unknown` */
export async function targetOf(
  { operations }: { operations: Pick<OperationsDatabase, 'dataSources'> },
  name: string,
): Promise<string> {
  return isService(name) ? name : (await operations.dataSources.get(name)).id;
}

export interface Bill {
  id: string;
  /** Id of a data source, or a `Service`. */
  target: string;
  month: Month;
  /** Minor units. */
  amount: bigint;
  currency: string;
  /** The bill that this entry corrects. */
  corrects: string | null;
  note: string;
  enteredBy: string;
  enteredAt: Date;
}

export type NewBill = Pick<Bill, 'target' | 'month' | 'amount' | 'currency'> & {
  note?: string | undefined;
  by: string;
};

type Queryable = Pick<pg.Pool, 'query'>;
type Row = Omit<Bill, 'amount'> & { amount: string };

const COLUMNS = `id, target, to_char(month, 'YYYY-MM') "month", amount, currency, corrects, note, entered_by "enteredBy", entered_at "enteredAt"`;

/** Enters a bill. A negative one is a credit. */
export async function addBill(
  pool: Queryable,
  { target, month, amount, currency, note, by }: NewBill,
): Promise<Bill> {
  return insert(pool, [target, `${month}-01`, amount, currency, null, note ?? '', by]);
}

/**
 * Corrects the amount of a bill, by an entry of the difference.
 *
 * @param id or its beginning
 * @throws UsageError `bill_unknown`; `bill_invalid` where it has this amount already
 */
export async function correctBill(
  pool: pg.Pool,
  id: string,
  { amount, note, by }: { amount: (bill: Bill) => bigint; note?: string | undefined; by: string },
): Promise<Bill> {
  const bill = await findBill(pool, id);
  const wanted = amount(bill);
  return withTransaction(pool, async (client) => {
    // A correction at the same time waits: it is the difference to what this one makes of the bill.
    await client.query('select from usage_bills where id = $1 for update', [bill.id]);
    const { rows } = await client.query<{ sum: string }>(
      'select sum(amount) from usage_bills where id = $1 or corrects = $1',
      [bill.id],
    );
    const difference = wanted - BigInt(rows[0]?.sum ?? 0);
    if (difference === 0n) throw new UsageError('bill_invalid', 'The bill has this amount already.');
    const { target, month, currency } = bill;
    return insert(client, [target, `${month}-01`, difference, currency, bill.id, note ?? '', by]);
  });
}

async function findBill(pool: Queryable, id: string): Promise<Bill> {
  const { rows } = await pool.query<Row>(
    `select ${COLUMNS} from usage_bills where starts_with(id::text, $1) and corrects is null limit 2`,
    [id.toLowerCase()],
  );
  const [row, another] = rows;
  if (row && !another && id.length >= 4) return billOf(row);
  throw new UsageError('bill_unknown', `There is no bill “${id.slice(0, 40)}”, or more than one begins so.`);
}

/** Lists the bills of a month, or the latest ones; the oldest entry first. */
export async function listBills(pool: Queryable, month?: Month, limit = 1_000): Promise<Bill[]> {
  const { rows } = await pool.query<Row>(
    `select * from (select ${COLUMNS} from usage_bills where $1::date is null or month = $1
       order by entered_at desc, id limit $2) latest order by "enteredAt", id`,
    [month === undefined ? null : `${month}-01`, limit],
  );
  return rows.map(billOf);
}

async function insert(pool: Queryable, values: unknown[]): Promise<Bill> {
  const { rows } = await pool.query<Row>(
    `insert into usage_bills (target, month, amount, currency, corrects, note, entered_by)
     values ($1, $2, $3, $4, $5, $6, $7) returning ${COLUMNS}`,
    values,
  );
  return billOf(rows[0] as Row);
}

function billOf(row: Row): Bill {
  return { ...row, amount: BigInt(row.amount) };
}
