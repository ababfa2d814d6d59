import { hostname } from 'node:os';
import type pg from 'pg';
import { withTransaction } from './transaction';

/** Where a tenant uses what belongs to no data source: HTTP answers, mails, files, backups. */
export const PLATFORM = 'platform';

/** What one tenant has used at one place within one hour, as far as one process counted it. */
export interface UsageDelta {
  tenantId: string;
  /** Id of a data source, or `PLATFORM`. */
  place: string;
  /** When its hour began. */
  hour: Date;
  statements: number;
  rows: number;
  bytesIn: number;
  bytesOut: number;
  /** µs. */
  queryUs: number;
  connectionUs: number;
  egressBytes: number;
  mails: number;
}

/** What one statement has taken, without its values. */
export interface StatementDelta {
  tenantId: string;
  place: string;
  hour: Date;
  fingerprint: string;
  statement: string;
  calls: number;
  queryUs: number;
  rows: number;
}

export interface UsageBatch {
  /** The process that counted. */
  writer: string;
  /** Grows with each batch of the writer. */
  sequence: number;
  usage: readonly UsageDelta[];
  statements: readonly StatementDelta[];
}

/** Hourly buckets of what tenants use, in the table `usage_buckets`. */
export class UsageBuckets {
  constructor(private readonly pool: pg.Pool) {}

  /** Adds a batch, once: a batch that is sent again because its answer was lost changes nothing. */
  async add({ writer, sequence, usage, statements }: UsageBatch): Promise<void> {
    await withTransaction(this.pool, async (client) => {
      const { rowCount } = await client.query(
        `insert into usage_writers as w (id, host, pid, sequence) values ($1, $2, $3, $4)
         on conflict (id) do update set sequence = excluded.sequence, flushed_at = now() where w.sequence < excluded.sequence`,
        [writer, hostname(), process.pid, sequence],
      );
      if (rowCount === 0) return;
      if (usage.length > 0) await client.query(ADD_USAGE, [JSON.stringify(usage)]);
      if (statements.length > 0) await client.query(ADD_STATEMENTS, [JSON.stringify(statements)]);
    });
  }

  /** A process has added all that it counted, and ends. */
  async leave(writer: string): Promise<void> {
    await this.pool.query('delete from usage_writers where id = $1', [writer]);
  }
}

/** A process whose clock is ahead does not count into the future. Sorted, so that two processes never wait for each other. */
const HOUR = `least(d.hour, date_trunc('hour', now(), 'UTC'))`;

const COUNTED = {
  statements: 'statements',
  rows: 'rows',
  bytes_in: '"bytesIn"',
  bytes_out: '"bytesOut"',
  query_us: '"queryUs"',
  connection_us: '"connectionUs"',
  egress_bytes: '"egressBytes"',
  mails: 'mails',
};
const COLUMNS = Object.keys(COUNTED);

const ADD_USAGE = `
insert into usage_buckets as u (tenant_id, place, starts_at, ${COLUMNS.join(', ')})
select d."tenantId", d.place, ${HOUR}, ${Object.values(COUNTED)
  .map((name) => `sum(d.${name})`)
  .join(', ')}
from jsonb_to_recordset($1::jsonb) as d ("tenantId" uuid, place text, hour timestamptz, ${Object.values(
  COUNTED,
)
  .map((name) => `${name} bigint`)
  .join(', ')})
group by 1, 2, 3 order by 1, 2, 3
on conflict (tenant_id, place, seconds, starts_at) do update set ${COLUMNS.map(
  (name) => `${name} = u.${name} + excluded.${name}`,
).join(', ')}`;

const ADD_STATEMENTS = `
insert into usage_statements as s (tenant_id, place, day, fingerprint, statement, calls, query_us, rows)
select d."tenantId", d.place, (${HOUR} at time zone 'UTC')::date, d.fingerprint, min(d.statement), sum(d.calls), sum(d."queryUs"), sum(d.rows)
from jsonb_to_recordset($1::jsonb) as d ("tenantId" uuid, place text, hour timestamptz, fingerprint text, statement text,
  calls bigint, "queryUs" bigint, rows bigint)
group by 1, 2, 3, 4 order by 1, 2, 3, 4
on conflict (tenant_id, place, day, fingerprint) do update set calls = s.calls + excluded.calls,
  query_us = s.query_us + excluded.query_us, rows = s.rows + excluded.rows`;
