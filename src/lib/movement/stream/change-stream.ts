// One tenant's changes, in commit order, from a replication slot.
//
// The transport is `pg` itself and not a library above it: only positions that the other home has committed may be
// acknowledged, and a keepalive must not be answered with a position that is ahead of changes still queued here.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { connectionLost } from '@/lib/failures';
import { endQuietly, moverClient, pinMover } from '../control/mover-connection';
import { MovementError } from '../errors';
import type { MovedTable } from '../plan/tables';
import { formatLsn, parseLsn } from './lsn';
import { decode, type PgoutputMessage, type Value } from './pgoutput';

export type Change =
  | { kind: 'upsert'; table: string; key: string[]; values: Value[] }
  | { kind: 'delete'; table: string; key: string[] }
  /** A row that got another key: `key` is the one it had, `newKey` the one it has. */
  | { kind: 'rekey'; table: string; key: string[]; newKey: string[]; values: Value[] }
  | { kind: 'truncate'; table: string };

/** A transaction of the home the stream comes from, or a part of a large one. */
export interface StreamedTransaction {
  changes: Change[];
  /** Contents of the markers written in it. */
  markers: string[];
  /** Set on the last part. */
  commitLsn?: bigint;
}

/** Prefix of the logical messages by which a move marks positions and its own transactions. */
export const MARKER = 'marquee-marker';
export const ECHO = 'marquee-move';
/** Markers are UUIDs, which nobody guesses; what others write is not kept. */
const MARKER_LENGTH = 36;

/** Above this many changes waiting here, reading stops. */
const MOST_WAITING = 20_000;
/** A transaction larger than this is handed on in parts. */
const LARGEST_PART = 10_000;
const STATUS_INTERVAL_MS = 1_000;
const EPOCH_2000_MS = 946_684_800_000;

interface ReplicationConnection {
  stream: { pause(): void; resume(): void; destroy(): void };
  on(event: 'copyData', listener: (message: { chunk: Buffer }) => void): void;
  once(event: 'replicationStart', listener: () => void): void;
  sendCopyFromChunk(chunk: Buffer): void;
}

export interface ChangeStreamOptions {
  /** URL of the mover's login in the home the changes come from. */
  url: string;
  moveId: string;
  slot: string;
  publication: string;
  /** That home's tables. */
  tables: readonly MovedTable[];
  /** Transactions with this in a message of ECHO are the move's own (see `Applier`): a secret, since anybody can write messages. */
  echo?: string;
}

export class ChangeStream {
  #client: pg.Client | undefined;
  #connection: ReplicationConnection | undefined;
  #failure: Error | undefined;
  #waiting: StreamedTransaction[] = [];
  #changesWaiting = 0;
  #open: { part: StreamedTransaction; echo: boolean } | undefined;
  #wake: () => void = () => {};
  #columns = new Map<number, Reading>();
  #received = 0n;
  #confirmed = 0n;
  #handedOut = false;
  #status: NodeJS.Timeout | undefined;
  #paused = false;

  constructor(private readonly options: ChangeStreamOptions) {}

  /** The last position the server has told us of. */
  get receivedLsn(): bigint {
    return this.#received;
  }

  /** Starts after a position that has been applied; what lies before it is skipped. */
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

  /** Transactions in commit order; empty when none came for `waitMs`. They must be confirmed before the next call. */
  async next(waitMs: number): Promise<StreamedTransaction[]> {
    if (this.#waiting.length === 0 && !this.#failure) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, waitMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.#waiting.length === 0 && this.#failure) throw streamError(this.#failure, this.options.slot);
    const batch = this.#waiting;
    this.#waiting = [];
    this.#changesWaiting = 0;
    this.#handedOut = batch.length > 0;
    if (this.#paused) {
      this.#paused = false;
      this.#connection?.stream.resume();
    }
    return batch;
  }

  /** What the last `next` gave has been committed in the other home: the server may forget it. */
  confirm(lsn: bigint, more = false): void {
    if (lsn > this.#confirmed) this.#confirmed = lsn;
    this.#handedOut = more;
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
        this.#open = { part: { changes: [], markers: [] }, echo: message.commitLsn <= after };
        return;
      case 'relation':
        this.#columns.set(message.relation.oid, this.#reading(message.relation));
        return;
      case 'message':
        if (message.prefix === ECHO && this.#open) this.#open.echo ||= message.content === this.options.echo;
        else if (message.prefix === MARKER && this.#open && message.content.length === MARKER_LENGTH)
          this.#open.part.markers.push(message.content);
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

  #change(message: Extract<PgoutputMessage, { kind: 'insert' | 'update' | 'delete' | 'truncate' }>): void {
    const open = this.#open;
    if (!open || open.echo) return;
    const { changes } = open.part;
    if (message.kind === 'truncate') {
      for (const oid of message.oids) changes.push({ kind: 'truncate', table: this.#tableOf(oid).name });
      return;
    }
    const reading = this.#tableOf(message.oid);
    const { name: table } = reading;
    if (message.kind === 'delete') {
      changes.push({ kind: 'delete', table, key: reading.key(message.old) });
    } else {
      const key = reading.key(message.row);
      const old = message.kind === 'update' ? message.old : undefined;
      const whole = message.kind === 'update' && message.oldIsWhole ? old : undefined;
      const values = reading.order.map((place) => {
        const value = message.row[place];
        return value === undefined ? whole?.[place] : value;
      });
      const oldKey = old ? reading.key(old) : key;
      if (oldKey.join('\0') === key.join('\0')) changes.push({ kind: 'upsert', table, key, values });
      else changes.push({ kind: 'rekey', table, key: oldKey, newKey: key, values });
    }
    if (changes.length >= LARGEST_PART) {
      open.part = { changes: [], markers: [] };
      this.#hand({ changes, markers: [] });
    }
  }

  #hand(part: StreamedTransaction): void {
    this.#waiting.push(part);
    this.#changesWaiting += part.changes.length;
    if (this.#changesWaiting > MOST_WAITING && !this.#paused) {
      this.#paused = true;
      this.#connection?.stream.pause();
    }
    this.#wake();
  }

  #tableOf(oid: number): Reading {
    const reading = this.#columns.get(oid);
    if (reading) return reading;
    throw new MovementError('move_schema_changed', 'The stream speaks of a table it has not described.');
  }

  /** @throws MovementError `move_schema_changed` when a table is no longer what it was when the move began */
  #reading(relation: { oid: number; columns: string[] }): Reading {
    const table = this.options.tables.find((known) => known.oid === relation.oid);
    const place = (name: string) => relation.columns.indexOf(name);
    if (
      !table ||
      relation.columns.length !== table.columns.length ||
      table.columns.some(({ name }) => place(name) < 0)
    ) {
      throw new MovementError(
        'move_schema_changed',
        `The table ${table?.name ?? relation.oid} was changed while its tenant was moved.`,
        { hint: 'Bring both databases to the same version and start the move again.' },
      );
    }
    const keyPlaces = table.key.map(({ name }) => place(name));
    return {
      name: table.name,
      order: table.columns.map(({ name }) => place(name)),
      key: (row) => keyPlaces.map((at) => row[at] as string),
    };
  }

  /** With nothing on its way to the other home, all the server has told us of is done with. */
  #sendStatus(): void {
    const idle = this.#waiting.length === 0 && !this.#handedOut && !this.#open;
    if (idle && this.#received > this.#confirmed) this.#confirmed = this.#received;
    const status = Buffer.alloc(34);
    status.write('r');
    for (const at of [1, 9, 17]) status.writeBigUInt64BE(this.#confirmed, at);
    status.writeBigInt64BE(BigInt(Date.now() - EPOCH_2000_MS) * 1000n, 25);
    this.#connection?.sendCopyFromChunk(status);
  }
}

interface Reading {
  name: string;
  /** For each of the table's columns, its place in the message. */
  order: number[];
  key(row: Value[]): string[];
}

function streamError(error: unknown, slot: string): Error {
  if (error instanceof MovementError) return error;
  const state = error instanceof pg.DatabaseError ? error.code : undefined;
  const message = error instanceof Error ? error.message : '';
  // 42704: the slot is not there; 55000: it was invalidated, its WAL is gone.
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
    `The stream of ${slot} broke${state ? ` (${state})` : ''}.`,
    {
      hint: 'The move goes on from where it was when it is resumed.',
      cause: error,
    },
  );
}

export interface CreatedSlot {
  /** Name of the snapshot to read under; valid until `release`. */
  snapshot: string;
  /**
   * The last position that the snapshot holds: the one before the slot's consistent point, where the record of a commit may
   * begin that is the first to be streamed.
   */
  position: bigint;
  release(): Promise<void>;
}

/**
 * Makes a slot. Waits for the transactions that run at the moment, of all tenants; `timeoutMs` limits the wait.
 *
 * @param options.signal gives up at once
 * @throws MovementError `move_interrupted` past the limit
 */
export async function createSlot(
  options: { url: string; moveId: string; slot: string; signal?: AbortSignal },
  timeoutMs: number,
): Promise<CreatedSlot> {
  const client = moverClient(options, { replication: 'database' });
  let late = false;
  const giveUp = () => {
    late = true;
    client.connection.stream.destroy();
  };
  options.signal?.addEventListener('abort', giveUp, { once: true });
  const timer = setTimeout(giveUp, timeoutMs);
  try {
    await client.connect();
    await pinMover(client);
    const { rows } = await client.query(
      `CREATE_REPLICATION_SLOT ${pg.escapeIdentifier(options.slot)} LOGICAL pgoutput (SNAPSHOT 'export')`,
    );
    const [row] = rows as { snapshot_name: string; consistent_point: string }[];
    if (!row) throw new MovementError('move_stream_failed', 'The server made no slot.');
    return {
      snapshot: row.snapshot_name,
      position: parseLsn(row.consistent_point) - 1n,
      release: () => endQuietly(client),
    };
  } catch (error) {
    await endQuietly(client);
    throw late ? slotTooLate(error) : error;
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', giveUp);
  }
}

export function slotTooLate(cause: unknown): MovementError {
  return new MovementError(
    'move_interrupted',
    'No slot could be made in time: a transaction on that server runs too long.',
    { hint: 'End the long transaction (pg_stat_activity); the move tries again by itself.', cause },
  );
}

/** Drops a slot, ending whoever streams from it; nothing when it is not there. */
export async function dropSlot(client: pg.ClientBase, slot: string): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    const { rows } = await client.query<{ active_pid: number | null }>(
      'select active_pid from pg_replication_slots where slot_name = $1',
      [slot],
    );
    const [found] = rows;
    if (!found) return;
    if (found.active_pid !== null) await client.query('select pg_terminate_backend($1)', [found.active_pid]);
    try {
      await client.query('select pg_drop_replication_slot($1)', [slot]);
      return;
    } catch (error) {
      // 55006: still in use by the stream that was just told to end.
      const inUse = error instanceof pg.DatabaseError && (error.code === '55006' || error.code === '42704');
      if (!inUse || attempt > 100) throw error;
      await sleep(50);
    }
  }
}
