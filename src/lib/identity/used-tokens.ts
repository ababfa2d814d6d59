// Tokens for one use: the table `used_tokens` of the operations database.
import type pg from 'pg';
import type { PurposeToken } from '@/lib/secrets';

export class UsedTokens {
  constructor(private readonly pool: pg.Pool) {}

  /** Uses up a verified token. @returns whether this is its first use, in all processes */
  async take({ id, expiresAt }: Pick<PurposeToken, 'id' | 'expiresAt'>): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      'insert into used_tokens (id, expires_at) values ($1, $2) on conflict do nothing',
      [id, expiresAt],
    );
    return rowCount === 1;
  }
}
