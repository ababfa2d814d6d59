// Work that one process does at a time, among all of them: session advisory locks of the operations database.
import type pg from 'pg';
import { PrimaryClient } from '@/lib/postgres';
import { OperationsError } from './errors';
import { lasting } from './transaction';

const KEY = 'hashtextextended($1, 0)';

/** Waits until the lock of this name is free, then works. The lock ends with its connection. */
export async function withLock<T>(pool: pg.Pool, name: string, work: () => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query(lasting(`select pg_advisory_lock(${KEY})`, [name]));
    try {
      return await work();
    } finally {
      await client.query(`select pg_advisory_unlock(${KEY})`, [name]);
      broken = false;
    }
  } finally {
    client.release(broken);
  }
}

/**
 * Works if no other process has the lock of this name. For work that takes long: it has a connection of its own, outside of the pool.
 *
 * @param work its signal is aborted when the connection is lost: another process may have the lock from then on
 * @throws OperationsError `job_running` where another process has the lock
 */
export async function tryWithLock<T>(
  pool: pg.Pool,
  name: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const lost = new AbortController();
  const client = new PrimaryClient({ ...pool.options, application_name: 'marquee lock' });
  client.on('error', () => lost.abort());
  client.on('end', () => lost.abort());
  try {
    await client.connect();
    const { rows } = await client.query<{ taken: boolean }>(`select pg_try_advisory_lock(${KEY}) as taken`, [
      name,
    ]);
    if (rows[0]?.taken) return await work(lost.signal);
  } finally {
    await client.end().catch(() => {});
  }
  throw new OperationsError('job_running', `Another process is at this already (${name}).`, {
    hint: 'Wait until it has ended: marquee jobs list --state active',
  });
}
