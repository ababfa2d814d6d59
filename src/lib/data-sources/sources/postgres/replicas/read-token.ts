// Read-your-own-writes: a token names a position in the primary's log after a write. A read with the token sees at least that position.
import { formatLsn, parseLsn } from '@/lib/postgres';
import { DataSourceError } from '../../../errors';

/** The position that a read must have seen. It is not secret and grants no access. */
export interface ReadToken {
  /** The epoch of the tenant's route. Positions of different sources cannot be compared, and the epoch changes with the source. */
  epoch: bigint;
  lsn: bigint;
}

const FORM = /^(\d{1,18})-([0-9A-F]{1,8}\/[0-9A-F]{1,8})$/i;

export function formatReadToken({ epoch, lsn }: ReadToken): string {
  return `${epoch}-${formatLsn(lsn)}`;
}

/** @throws DataSourceError `read_token_invalid` */
export function parseReadToken(text: string): ReadToken {
  const [, epoch, lsn] = FORM.exec(text) ?? [];
  if (epoch === undefined || lsn === undefined) {
    throw new DataSourceError('read_token_invalid', 'The read token is not one of Marquee’s.', {
      hint: 'Pass the token as it was given after a write, or none.',
    });
  }
  return { epoch: BigInt(epoch), lsn: parseLsn(lsn) };
}
