// Reads one tenant's changes, in commit order, from a replication slot.
//
// It uses `pg` and no replication library, because only positions that the other database has committed may be acknowledged, and the answer
// to a keepalive must not contain a position ahead of changes that are still queued here.

import pg from 'pg';
import { connectionLost } from '@/lib/failures';
import { formatLsn } from '@/lib/postgres';
import { endQuietly, type TenantTable } from '@/lib/tenant-data/rows';
import { moverClient, pinMover } from '../control/mover-connection';
import { MovementError } from '../errors';
import { type LogicalMessage, Marker, type OriginTag } from './marker';
import { decode, type PgoutputMessage, type Value } from './pgoutput';
import { type RelationReader, relationReader } from './relation-reader';

export type Change =
  | { kind: 'upsert'; table: string; key: string[]; values: Value[] }
  | { kind: 'delete'; table: string; key: string[] }
  /** A row whose primary key changed from `key` to `newKey`. */
  | { kind: 'rekey'; table: string; key: string[]; newKey: string[]; values: Value[] }
  | { kind: 'truncate'; table: string };

/** A transaction of the database that is read, or a part of a large transaction. */
export interface StreamedTransaction {
  changes: Change[];
  /** Number of characters of the changes' values. */
  size: number;
  /** Ids of the markers that it has written. */
  markers: string[];
  /** Position of the commit; only the last part has it. */
  commitLsn?: bigint;
}

/** The socket is paused while more than this is queued. Sizes count too, since rows may be large. */
const MOST_QUEUED = { changes: 20_000, size: 32 * 1024 * 1024 };
/** Larger transactions are returned in parts. */
const LARGEST_PART = { changes: 10_000, size: 8 * 1024 * 1024 };
const STATUS_INTERVAL_MS = 1_000;
const EPOCH_2000_MS = 946_684_800_000;

interface ReplicationConnection {
  stream: { pause(): void; resume(): void; destroy(): void };
  on(event: 'copyData', listener: (message: { chunk: Buffer }) => void): void;
  once(event: 'replicationStart', listener: () => void): void;
  sendCopyFromChunk(chunk: Buffer): void;
}

export interface ChangeStreamOptions {
  /** URL of the mover's login at the database that is read. */
  url: string;
  moveId: string;
  slot: string;
  publication: string;
  /** The tables whose changes are streamed. */
  tables: readonly TenantTable[];
  /** Transactions with this tag are skipped, since the move has written them. */
  origin?: OriginTag;
}

export class ChangeStream {
  #client: pg.Client | undefined;
  #connection: ReplicationConnection | undefined;
  #failure: Error | undefined;
  #queue: StreamedTransaction[] = [];
  #queued = { changes: 0, size: 0 };
  /** The transaction that is being received. It is skipped if it was applied before or is the move's own. */
  #open: { part: StreamedTransaction; skip: boolean } | undefined;
  #wake: () => void = () => {};
  #relations = new Map<number, RelationReader>();
  #received = 0n;
  #confirmed = 0n;
  #pending = false;
  #status: NodeJS.Timeout | undefined;
  #paused = false;

  constructor(private readonly options: ChangeStreamOptions) {}

  /** The last WAL position received. */
  get receivedLsn(): bigint {
    return this.#received;
  }

  /** Starts behind a position that has been applied. */
  async start(after: bigint): Promise<void> {
    const { slot, publication } = this.options;
    this.#confirmed = after;
    this.#received = after;
    const client = moverClient(this.options, { replication: 'database' });
    this.#client = client;
    client.on('error', (error) => this.#fail(error));
    client.on('end', () => this.#fail(connectionLost('The replication connection ended.')));
    await client.connect();
    await pinMover(client);
    const connection = (client as unknown as { connection: ReplicationConnection }).connection;
    this.#connection = connection;
    connection.on('copyData', ({ chunk }) => this.#receive(chunk, after));
    const started = new Promise<void>((resolve) => connection.once('replicationStart', resolve));
    const ended = client.query(
      `START_REPLICATION SLOT ${pg.escapeIdentifier(slot)} LOGICAL ${formatLsn(after)} ` +
        `(proto_version '1', publication_names '${publication}', messages 'true')`,
    );
    const failed = ended.then(
      () => this.#fail(new Error('The server ended the stream.')),
      (error: Error) => {
        this.#fail(error);
        throw error;
      },
    );
    failed.catch(() => {});
    await Promise.race([started, failed]).catch((error: unknown) => {
      throw streamError(error, slot);
    });
    this.#status = setInterval(() => this.#sendStatus(), STATUS_INTERVAL_MS);
    this.#status.unref();
  }

  /** The next transactions in commit order. Empty if none came for `waitMs`. Call `confirm` before the next call. */
  async next(waitMs: number): Promise<StreamedTransaction[]> {
    if (this.#queue.length === 0 && !this.#failure) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.#queue.length === 0 && this.#failure) throw streamError(this.#failure, this.options.slot);
    const batch = this.#queue;
    this.#queue = [];
    this.#queued = { changes: 0, size: 0 };
    this.#pending = batch.length > 0;
    if (this.#paused) {
      this.#paused = false;
      this.#connection?.stream.resume();
    }
    return batch;
  }

  /**
   * Acknowledges a position that the other database has committed, so that the server can discard the WAL before it.
   *
   * @param more whether transactions of the last `next` are still to be applied
   */
  confirm(lsn: bigint, more = false): void {
    if (lsn > this.#confirmed) this.#confirmed = lsn;
    this.#pending = more;
  }

  async stop(): Promise<void> {
    clearInterval(this.#status);
    this.#failure ??= new Error('Stopped');
    this.#sendStatus();
    const client = this.#client;
    this.#client = undefined;
    await endQuietly(client);
    this.#wake();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    clearInterval(this.#status);
    this.#wake();
  }

  #receive(chunk: Buffer, after: bigint): void {
    const end = chunk.readBigUInt64BE(chunk[0] === 0x6b ? 1 : 9);
    if (end > this.#received) this.#received = end;
    try {
      if (chunk[0] === 0x77) this.#take(decode(chunk.subarray(25)), after);
      else if (chunk[0] === 0x6b && chunk[17] === 1) this.#sendStatus();
    } catch (error) {
      this.#fail(error as Error);
      this.#connection?.stream.destroy();
    }
  }

  #take(message: PgoutputMessage, after: bigint): void {
    switch (message.kind) {
      case 'begin':
        this.#open = { part: { changes: [], markers: [], size: 0 }, skip: message.commitLsn <= after };
        return;
      case 'relation':
        this.#relations.set(message.relation.oid, relationReader(message.relation, this.options.tables));
        return;
      case 'message':
        this.#takeMessage(message);
        return;
      case 'commit': {
        const { part } = this.#open as { part: StreamedTransaction };
        this.#open = undefined;
        this.#hand({ ...part, commitLsn: message.commitLsn });
        return;
      }
      case 'other':
        return;
      default:
        this.#change(message);
    }
  }

  #takeMessage(message: LogicalMessage): void {
    const open = this.#open;
    if (!open) return;
    const marker = Marker.idOf(message);
    if (marker) open.part.markers.push(marker);
    else open.skip ||= this.options.origin?.isIn(message) ?? false;
  }

  #change(message: Extract<PgoutputMessage, { kind: 'insert' | 'update' | 'delete' | 'truncate' }>): void {
    const open = this.#open;
    if (!open || open.skip) return;
    const { changes } = open.part;
    if (message.kind === 'truncate') {
      for (const oid of message.oids) changes.push({ kind: 'truncate', table: this.#tableOf(oid).name });
      return;
    }
    const reader = this.#tableOf(message.oid);
    const { name: table } = reader;
    if (message.kind === 'delete') {
      changes.push({ kind: 'delete', table, key: reader.key(message.old) });
    } else {
      const key = reader.key(message.row);
      const old = message.kind === 'update' ? message.old : undefined;
      const whole = message.kind === 'update' && message.oldIsWhole ? old : undefined;
      const values = reader.order.map((place) => {
        const value = message.row[place];
        return value === undefined ? whole?.[place] : value;
      });
      const oldKey = old ? reader.key(old) : key;
      if (oldKey.join('\0') === key.join('\0')) changes.push({ kind: 'upsert', table, key, values });
      else changes.push({ kind: 'rekey', table, key: oldKey, newKey: key, values });
      for (const value of values) open.part.size += value?.length ?? 0;
    }
    if (changes.length >= LARGEST_PART.changes || open.part.size >= LARGEST_PART.size) {
      const { part } = open;
      open.part = { changes: [], markers: [], size: 0 };
      this.#hand(part);
    }
  }

  #hand(part: StreamedTransaction): void {
    this.#queue.push(part);
    const queued = this.#queued;
    queued.changes += part.changes.length;
    queued.size += part.size;
    const isFull = queued.changes > MOST_QUEUED.changes || queued.size > MOST_QUEUED.size;
    if (isFull && !this.#paused) {
      this.#paused = true;
      this.#connection?.stream.pause();
    }
    this.#wake();
  }

  #tableOf(oid: number): RelationReader {
    const reader = this.#relations.get(oid);
    if (reader) return reader;
    throw new MovementError(
      'move_schema_changed',
      'The change stream names a table that it has not described.',
    );
  }

  /** Acknowledges the confirmed position. If no change is pending, everything received counts as confirmed. */
  #sendStatus(): void {
    const idle = this.#queue.length === 0 && !this.#pending && !this.#open;
    if (idle && this.#received > this.#confirmed) this.#confirmed = this.#received;
    const status = Buffer.alloc(34);
    status.write('r');
    for (const at of [1, 9, 17]) status.writeBigUInt64BE(this.#confirmed, at);
    status.writeBigInt64BE(BigInt(Date.now() - EPOCH_2000_MS) * 1000n, 25);
    this.#connection?.sendCopyFromChunk(status);
  }
}

function streamError(error: unknown, slot: string): Error {
  if (error instanceof MovementError) return error;
  const state = error instanceof pg.DatabaseError ? error.code : undefined;
  const message = error instanceof Error ? error.message : '';
  // 42704: the slot does not exist. 55000: it was invalidated because its WAL was removed.
  if (
    state === '42704' ||
    (state === '55000' && /slot/.test(message)) ||
    /invalidat|no longer available/.test(message)
  ) {
    return new MovementError('move_slot_lost', `The replication slot ${slot} is lost.`, {
      hint: 'Abort the move and start it again; a larger max_slot_wal_keep_size keeps slots longer.',
      cause: error,
    });
  }
  return new MovementError(
    'move_stream_failed',
    `The change stream of ${slot} ended${state ? ` (${state})` : ''}.`,
    {
      hint: 'When resumed, the move goes on from its last position.',
      cause: error,
    },
  );
}
