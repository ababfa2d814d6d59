// Logical messages in the WAL of a database. A move uses them to mark positions and to recognize its own transactions.

import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { parseLsn } from '@/lib/postgres';
import { BEGIN_COPYING } from '@/lib/tenant-data/rows';

/** A logical message of a change stream. */
export interface LogicalMessage {
  prefix: string;
  content: string;
}

const MARKER = 'marquee-marker';
const ORIGIN = 'marquee-move';

/** Marks a position in the change stream of a database. Its id is random, so that a tenant's SQL cannot write the same marker. */
export class Marker {
  readonly id: string = randomUUID();

  /** Writes the marker, within the client's transaction if it is in one. @returns its WAL position */
  async write(client: pg.ClientBase): Promise<bigint> {
    const { rows } = await client.query<{ lsn: string }>(
      'select pg_logical_emit_message(true, $1::text, $2::text)::text as lsn',
      [MARKER, this.id],
    );
    return parseLsn(rows[0]?.lsn ?? '0/0');
  }

  /** The id of the marker; undefined if the message is no marker. The length is limited, since others can write messages too. */
  static idOf({ prefix, content }: LogicalMessage): string | undefined {
    return prefix === MARKER && content.length === 36 ? content : undefined;
  }
}

/**
 * Tags the transactions that a move writes, so that replication in the other direction skips them. Replication origins would do the same, but
 * need a superuser. The tag is secret, because a tenant's SQL can write logical messages too.
 */
export class OriginTag {
  constructor(private readonly secret: string) {}

  /** Begins a transaction that writes rows unchanged and carries the tag. */
  async begin(client: pg.ClientBase): Promise<void> {
    const literals = [ORIGIN, this.secret].map((text) => client.escapeLiteral(text));
    await client.query(`${BEGIN_COPYING}; select pg_logical_emit_message(true, ${literals.join(', ')})`);
  }

  /** Whether a message is this tag. */
  isIn({ prefix, content }: LogicalMessage): boolean {
    return prefix === ORIGIN && content === this.secret;
  }
}
