// Limits what a server sends, before the driver collects it: the driver holds a whole answer in memory, and a hostile server
// must lose its connection and harm nothing else.
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type pg from 'pg';
import { PostgresError } from './errors';
import { LARGE_ROW, LargeRow, ProtocolError } from './large-row';
import { ResultTooLargeError } from './pipeline';
import { readShortRow } from './short-row';

/** What one answer may be: all that a server sends from one ReadyForQuery to the next, COPY data aside. */
export interface AnswerLimits {
  readonly maxResultBytes: number;
  readonly maxResultRows: number;
}

const MIB = 1024 * 1024;
/** For what a server sends until a session is set up. */
const SIGN_IN: AnswerLimits = { maxResultBytes: MIB, maxResultRows: 1_000 };
/** The driver cannot make a text of 512 MiB. */
export const WIDE: AnswerLimits = { maxResultBytes: 500 * MIB, maxResultRows: Number.MAX_SAFE_INTEGER };

const HEADER_BYTES = 5;
const [BIND_COMPLETE, COMMAND_COMPLETE, COPY_DATA, DATA_ROW, ERROR, NOTICE, PORTAL_SUSPENDED, READY] = [
  ...Buffer.from('2CdDENsZ'),
];
/** Of these messages each flush has many; reading them here takes a fraction of the time. */
const READ_HERE = new Set([BIND_COMPLETE, COMMAND_COMPLETE, DATA_ROW, READY]);

type Wire = pg.Connection & { stream: Socket; attachListeners(stream: EventEmitter): void };

const guards = new WeakMap<pg.Client, WireGuard>();

/**
 * Guards a client that is not connected yet: what goes over its limits, or cannot be read, ends its connection, with
 * ResultTooLargeError or ProtocolError as the error of what ran on it.
 *
 * @param limits default: those of signing in
 */
export function guardWire(client: pg.Client, limits = SIGN_IN): void {
  guards.set(client, new WireGuard(client.connection as Wire, limits));
}

/** Sets the limits of further answers on this connection. */
export function limitAnswers(client: pg.Client, limits: AnswerLimits): void {
  const guard = guards.get(client);
  if (guard) guard.limits = limits;
}

/** What went over a connection since it was opened, bytes. */
export interface Traffic {
  readonly received: number;
  /** As of the last answer. */
  readonly sent: number;
}

const NO_TRAFFIC: Traffic = { received: 0, sent: 0 };

/** The counts of a guarded client, which go on counting. */
export function trafficOf(client: pg.Client): Traffic {
  return guards.get(client) ?? NO_TRAFFIC;
}

class WireGuard implements Traffic {
  received = 0;

  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  /** Of the message under way: its type, what is still to come, its last two bytes. */
  #type = 0;
  #left = 0;
  #tail = 0;
  #bytes = 0;
  #rows = 0;
  #sentBefore = -1;
  #isSignedIn = false;
  #row: LargeRow | undefined;

  constructor(
    private readonly connection: Wire,
    public limits: AnswerLimits,
  ) {
    const attach = connection.attachListeners;
    connection.attachListeners = (stream) => {
      const admitted = new EventEmitter();
      attach.call(connection, admitted);
      stream.on('data', (chunk: Buffer) => this.#receive(chunk, admitted));
      stream.on('end', () => admitted.emit('end'));
    };
  }

  /** A violation destroys the connection. Thrown from a socket's event, the error would end the process. */
  #receive(chunk: Buffer, admitted: EventEmitter): void {
    const { stream } = this.connection;
    if (stream.destroyed) return;
    this.received += chunk.length;
    try {
      this.#count(chunk, admitted);
    } catch (error) {
      stream.destroy(error instanceof PostgresError ? error : new ProtocolError(error));
    }
  }

  get sent(): number {
    return Math.max(0, this.#sentBefore);
  }

  /** Passes on what is within the limits: a chunk once all of it is. Large rows are collected here, and handed over one by one. */
  #count(chunk: Buffer, admitted: EventEmitter): void {
    let at = 0;
    let passed = 0;
    let own: number[] = [];
    while (at < chunk.length) {
      if (this.#left === 0 && this.#headerBytes === 0 && chunk.length - at >= HEADER_BYTES) {
        const length = chunk.readUInt32BE(at + 1);
        this.#begin(chunk.readUInt8(at), length);
        // A header in two pieces, which is rare, is the driver's already.
        if (this.#type === DATA_ROW && length >= LARGE_ROW) {
          this.#pass(chunk, passed, at, own, admitted);
          own = [];
          this.#row = new LargeRow(length);
        } else if (READ_HERE.has(this.#type) && at + 1 + length <= chunk.length) own.push(at);
        at += HEADER_BYTES;
      } else if (this.#left === 0) {
        at = this.#readHeader(chunk, at);
        if (this.#headerBytes < HEADER_BYTES) break;
        this.#headerBytes = 0;
        this.#begin(this.#header.readUInt8(0), this.#header.readUInt32BE(1));
      }
      const taken = Math.min(this.#left, chunk.length - at);
      this.#left -= taken;
      at += taken;
      if (this.#row) {
        this.#row.add(chunk.subarray(at - taken, at));
        // Given back at once: left to the garbage collector, they would make it run at every large answer.
        if (taken === chunk.length && chunk.buffer.byteLength === taken)
          (chunk.buffer as ArrayBuffer).transfer(0);
        passed = at;
        if (this.#left === 0) this.#handOver(this.#row);
      }
      if (this.#type !== ERROR && this.#type !== NOTICE) continue;
      for (let index = Math.max(at - taken, at - 2); index < at; index += 1) {
        this.#tail = ((this.#tail << 8) | chunk.readUInt8(index)) & 0xffff;
      }
      // The driver reads such a message up to its final NULs, and without them never stops.
      if (this.#left === 0 && this.#tail !== 0) throw new ProtocolError();
    }
    this.#pass(chunk, passed, chunk.length, own, admitted);
  }

  /** Passes on a part of a chunk. @param own where messages begin that are whole and read here; the driver reads the rest */
  #pass(chunk: Buffer, from: number, to: number, own: readonly number[], admitted: EventEmitter): void {
    let passed = from;
    for (const start of own) {
      if (start > passed) admitted.emit('data', chunk.subarray(passed, start));
      const length = chunk.readUInt32BE(start + 1);
      passed = start + 1 + length;
      this.#read(chunk, start, length);
    }
    if (to > passed) admitted.emit('data', chunk.subarray(passed, to));
  }

  /** A message of `READ_HERE`, in the shape of the driver's, which has no use for BindComplete. */
  #read(chunk: Buffer, start: number, length: number): void {
    const body = start + HEADER_BYTES;
    switch (chunk[start]) {
      case DATA_ROW:
        this.connection.emit('dataRow', readShortRow(chunk, body, length));
        return;
      case COMMAND_COMPLETE:
        this.connection.emit('commandComplete', {
          ...{ name: 'commandComplete', length },
          text: chunk.toString('latin1', body, start + length),
        });
        return;
      case READY:
        this.connection.emit('readyForQuery', {
          ...{ name: 'readyForQuery', length },
          status: chunk.toString('latin1', body, body + 1),
        });
    }
  }

  #handOver(row: LargeRow): void {
    this.#row = undefined;
    this.connection.emit('dataRow', row);
  }

  #readHeader(chunk: Buffer, at: number): number {
    const taken = Math.min(HEADER_BYTES - this.#headerBytes, chunk.length - at);
    chunk.copy(this.#header, this.#headerBytes, at, at + taken);
    this.#headerBytes += taken;
    return at + taken;
  }

  /** The header says how long a message will be, so one that is too long is refused before it comes. */
  #begin(type: number, length: number): void {
    if (length < 4) throw new ProtocolError();
    const { maxResultBytes, maxResultRows } = this.limits;
    this.#type = type;
    this.#left = length - 4;
    this.#tail = -1;
    // COPY data is passed on in pieces, at the reader's pace.
    if (type !== COPY_DATA) this.#bytes += length;
    if (type === DATA_ROW) this.#rows += 1;
    if (this.#bytes > maxResultBytes || length > maxResultBytes) {
      // Nothing that is large has been asked for yet: another kind of server, whose greeting reads as the length of a message.
      if (!this.#isSignedIn) throw new ProtocolError();
      throw new ResultTooLargeError(`${maxResultBytes} bytes`);
    }
    if (this.#rows > maxResultRows) throw new ResultTooLargeError(`${maxResultRows} rows`);
    if (type === READY || type === PORTAL_SUSPENDED) this.#answered();
  }

  /** An unsolicited ReadyForQuery does not reset the counts. */
  #answered(): void {
    this.#isSignedIn = true;
    const { bytesWritten } = this.connection.stream;
    if (bytesWritten === this.#sentBefore) return;
    this.#sentBefore = bytesWritten;
    this.#bytes = 0;
    this.#rows = 0;
  }
}
