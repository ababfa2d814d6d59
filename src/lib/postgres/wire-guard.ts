// Limits what a server sends, before the driver collects it: the driver holds a whole answer in memory, and a hostile server
// must lose its connection and harm nothing else.
import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type pg from 'pg';
import { PostgresError } from './errors';
import { ResultTooLargeError } from './pipeline';

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
const [COPY_DATA, DATA_ROW, ERROR, NOTICE, PORTAL_SUSPENDED, READY] = [...Buffer.from('dDENsZ')];

type Wire = pg.Connection & { stream: Socket; attachListeners(stream: EventEmitter): void };

const guards = new WeakMap<pg.Client, WireGuard>();

/** The server sent something that is not PostgreSQL's protocol. */
export class ProtocolError extends PostgresError {
  constructor(cause?: unknown) {
    super('protocol_violated', 'The server’s answer is not PostgreSQL’s protocol.', { cause });
  }
}

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

class WireGuard {
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerBytes = 0;
  /** Of the message under way: its type, what is still to come, its last two bytes. */
  #type = 0;
  #left = 0;
  #tail = 0;
  #bytes = 0;
  #rows = 0;
  #sentBefore = -1;

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
    try {
      this.#count(chunk);
      admitted.emit('data', chunk);
    } catch (error) {
      stream.destroy(error instanceof PostgresError ? error : new ProtocolError(error));
    }
  }

  #count(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#left === 0 && this.#headerBytes === 0 && chunk.length - at >= HEADER_BYTES) {
        this.#begin(chunk.readUInt8(at), chunk.readUInt32BE(at + 1));
        at += HEADER_BYTES;
      } else if (this.#left === 0) {
        at = this.#readHeader(chunk, at);
        if (this.#headerBytes < HEADER_BYTES) return;
        this.#headerBytes = 0;
        this.#begin(this.#header.readUInt8(0), this.#header.readUInt32BE(1));
      }
      const taken = Math.min(this.#left, chunk.length - at);
      this.#left -= taken;
      at += taken;
      if (this.#type !== ERROR && this.#type !== NOTICE) continue;
      for (let index = Math.max(at - taken, at - 2); index < at; index += 1) {
        this.#tail = ((this.#tail << 8) | chunk.readUInt8(index)) & 0xffff;
      }
      // The driver reads such a message up to its final NULs, and without them never stops.
      if (this.#left === 0 && this.#tail !== 0) throw new ProtocolError();
    }
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
      throw new ResultTooLargeError(`${maxResultBytes} bytes`);
    }
    if (this.#rows > maxResultRows) throw new ResultTooLargeError(`${maxResultRows} rows`);
    if (type === READY || type === PORTAL_SUSPENDED) this.#answered();
  }

  /** An unsolicited ReadyForQuery does not reset the counts. */
  #answered(): void {
    const { bytesWritten } = this.connection.stream;
    if (bytesWritten === this.#sentBefore) return;
    this.#sentBefore = bytesWritten;
    this.#bytes = 0;
    this.#rows = 0;
  }
}
