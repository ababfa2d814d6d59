import type pg from 'pg';
import { OperationsError } from '../errors';

/** The table `retired_keys`: keys that no secret needs any more, and that no process may encrypt with again. */
export class RetiredKeys {
  constructor(private readonly pool: pg.Pool) {}

  async list(): Promise<string[]> {
    const { rows } = await this.pool.query<{ key: string }>(
      'select key from retired_keys order by retired_at',
    );
    return rows.map(({ key }) => key);
  }

  /** A process with an old configuration must not encrypt what the others cannot read. @throws OperationsError `encryption_key_retired` */
  async expectInUse(key: string): Promise<void> {
    if (!(await this.list()).includes(key)) return;
    throw new OperationsError(
      'encryption_key_retired',
      `The key ${key}, which this process would encrypt with, was retired.`,
      { hint: 'Set ENCRYPTION_KEY and KEY_PROVIDER as the other processes have them.' },
    );
  }

  async add(key: string): Promise<void> {
    await this.pool.query('insert into retired_keys (key) values ($1) on conflict do nothing', [key]);
  }
}
