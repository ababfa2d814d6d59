// How bills are allocated: weights, capacities and the margin, each from a month on. A month that is over keeps its own.
import type pg from 'pg';
import { UsageError } from '../errors';
import type { Month } from '../period';
import { METRICS, type Weights } from './allocate';

/** Points of each metric in a bill of a data source, until the operator sets others. */
const DEFAULT_WEIGHTS = {
  storage: 40,
  query_time: 40,
  connection_time: 10,
  bytes: 10,
} as const satisfies Weights;
/** Share of a price that is left after cost. */
const DEFAULT_MARGIN = 0.7;

/** Capacity of a data source. The unused part is shown as idle. */
export interface Capacity {
  storageBytes?: number | undefined;
  /** Each runs one statement at a time. */
  cores?: number | undefined;
}

export interface CostSettings {
  weights: Weights;
  margin: number;
  /** By target. */
  capacity: ReadonlyMap<string, Capacity>;
}

type Queryable = Pick<pg.Pool, 'query'>;

/** The settings that hold in a month. */
export async function readSettings(pool: Queryable, month: Month): Promise<CostSettings> {
  const { rows } = await pool.query<{ name: string; value: unknown }>(
    'select distinct on (name) name, value from usage_settings where since <= $1 order by name, since desc',
    [`${month}-01`],
  );
  const values = new Map(rows.map(({ name, value }) => [name, value]));
  const capacity = rows.flatMap(({ name, value }): [string, Capacity][] =>
    name.startsWith('capacity:') ? [[name.slice('capacity:'.length), value as Capacity]] : [],
  );
  return {
    weights: (values.get('weights') as Weights | undefined) ?? DEFAULT_WEIGHTS,
    margin: (values.get('margin') as number | undefined) ?? DEFAULT_MARGIN,
    capacity: new Map(capacity),
  };
}

export interface Setting {
  name: 'weights' | 'margin' | `capacity:${string}`;
  value: Weights | Capacity | number;
  /** It holds from this month on, until the month of a later one. */
  since: Month;
  by: string;
}

/** @throws UsageError `cost_settings_invalid` */
export async function changeSetting(pool: Queryable, { name, value, since, by }: Setting): Promise<void> {
  expectValid(name, value);
  await pool.query(
    `insert into usage_settings (name, since, value, set_by) values ($1, $2, $3, $4)
     on conflict (name, since) do update set value = excluded.value, set_by = excluded.set_by, set_at = now()`,
    [name, `${since}-01`, JSON.stringify(value), by],
  );
}

function expectValid(name: Setting['name'], value: Setting['value']): void {
  const refuse = (why: string) => {
    throw new UsageError('cost_settings_invalid', why);
  };
  if (name === 'margin') {
    if (typeof value !== 'number' || !(value >= 0 && value <= 0.99)) refuse('A margin is from 0 to 0.99.');
    return;
  }
  const entries = Object.entries(value as object).filter(([, one]) => one !== undefined);
  if (entries.some(([, one]) => !Number.isFinite(one) || one < 0 || one > 1e16))
    refuse('Each is a number from 0 on.');
  if (name !== 'weights') return;
  const unknown = entries.find(([metric]) => !METRICS.some((known) => known === metric));
  if (unknown) refuse(`“${unknown[0].slice(0, 40)}” is not one of ${METRICS.join(', ')}.`);
  if (!entries.some(([, one]) => one > 0)) refuse('At least one weight is more than 0.');
}
