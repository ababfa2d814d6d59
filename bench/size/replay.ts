// Sends again what the web application asked for, one after another, and measures each.
import type pg from 'pg';
import { quantile, round3, type Spread, spreadOf } from '../measure';
import type { Asked } from './screens';

export interface Replayed {
  name: string;
  ms: Spread;
  p95Ms: number;
  /** Pages of the database that the statements looked at, in memory or not. */
  buffers: number;
  rows: number;
  kb: number;
}

/** Slower ones are sent fewer times. */
const SLOW_MS = 1500;

/** @param times how often each is measured, after a first time that is not */
export async function replay(admin: pg.Client, asked: readonly Asked[], times: number): Promise<Replayed[]> {
  const measured: Replayed[] = [];
  for (const one of asked) {
    await admin.query('select bench.pg_stat_statements_reset()');
    const first = await send(one);
    const { rows } = await admin.query<{ buffers: string }>(
      `select coalesce(sum(shared_blks_hit + shared_blks_read + temp_blks_read + temp_blks_written), 0) as buffers from bench.pg_stat_statements
       where dbid = (select oid from pg_database where datname = current_database()) and query !~ 'pg_stat_statements'`,
    );
    const ms: number[] = first.ms > SLOW_MS ? [first.ms] : [];
    for (let n = 0; n < (first.ms > SLOW_MS ? 1 : times); n += 1) ms.push((await send(one)).ms);
    measured.push({
      name: one.name,
      ms: spreadOf(ms),
      p95Ms: round3(quantile(ms, 0.95)),
      buffers: Number(rows[0]?.buffers),
      rows: first.rows,
      kb: round3(first.bytes / 1024),
    });
  }
  return measured;
}

/** @throws where the answer is an error of the server */
export async function send({ url, method, headers, body, name }: Asked) {
  const own = Object.fromEntries(
    Object.entries(headers).filter(([key]) =>
      /^(cookie|prefer|accept|content-type|range|origin|accept-profile)$/.test(key),
    ),
  );
  const started = performance.now();
  const answer = await fetch(url, { method, headers: own, ...(body ? { body } : {}) });
  const text = await answer.text();
  const ms = performance.now() - started;
  if (answer.status >= 500) throw new Error(`${name}: ${answer.status} ${text.slice(0, 200)}`);
  return { ms, bytes: text.length, rows: rowsOf(text) };
}

function rowsOf(text: string): number {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.length : 1;
  } catch {
    return 0;
  }
}
