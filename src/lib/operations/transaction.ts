import type pg from 'pg';

/** The longest that a timer takes, ms. */
const NO_LIMIT = 2 ** 31 - 1;

/**
 * A statement that may take longer than the pool waits for an answer: it waits for others, or goes through a large table.
 *
 * @param ms how long it may take
 */
export function lasting(
  text: string,
  values: unknown[],
  ms = NO_LIMIT,
): pg.QueryConfig & { query_timeout: number } {
  return { text, values, query_timeout: ms };
}

/** Runs `work` in one transaction of the operations database. Where it fails the connection is ended, and the transaction with it. */
export async function withTransaction<T>(
  pool: pg.Pool,
  work: (client: pg.PoolClient) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    broken = false;
    return result;
  } finally {
    client.release(broken);
  }
}
