// The messages of one flush in one buffer, and so one write. The driver makes a buffer of each message and writes each by itself.
import type { Parameter } from './parameters';

/** Types of messages: the letters P, B, E, C, S. */
const PARSE = 0x50;
const BIND = 0x42;
const EXECUTE = 0x45;
const CLOSE = 0x43;
const SYNC = 0x53;
/** What is closed: the letter S. */
const STATEMENT = 0x53;
/** Of the unnamed portal, all its rows. */
const EXECUTE_ALL = Buffer.from([EXECUTE, 0, 0, 0, 9, 0, 0, 0, 0, 0]);
const SYNC_MESSAGE = Buffer.from([SYNC, 0, 0, 0, 4]);
const FIRST = 4096;
/** A larger buffer is not kept for the next flush but sent as it is, bytes. */
const KEPT = 64 * 1024;
/** A character of JavaScript's is at most so many bytes of UTF-8. */
const WIDEST = 3;
const LONG = 1000;

/** Shared by all connections: a flush is collected and taken without a pause. */
let buffer = Buffer.allocUnsafeSlow(FIRST);

/** Collects messages; `take` answers with their bytes. */
export class Outgoing {
  #at = 0;

  parse(name: string, text: string): void {
    const start = this.#begin(PARSE, roomFor(name) + roomFor(text) + 4);
    this.#text(name);
    this.#text(text);
    this.#int16(0);
    this.#end(start);
  }

  /** Values of a statement, and its execution. Texts go as texts, bytes as bytes; rows come as texts. */
  bindAndExecute(name: string, values: readonly Parameter[]): void {
    let room = roomFor(name) + 8;
    let hasBytes = false;
    for (const value of values) {
      room += 6 + (typeof value === 'string' ? roomFor(value) : (value?.length ?? 0));
      hasBytes ||= typeof value === 'object' && value !== null;
    }
    const start = this.#begin(BIND, room);
    buffer[this.#at++] = 0;
    this.#text(name);
    this.#int16(hasBytes ? values.length : 0);
    if (hasBytes) for (const value of values) this.#int16(value instanceof Buffer ? 1 : 0);
    this.#int16(values.length);
    for (const value of values) this.#value(value);
    this.#int16(0);
    this.#end(start);
    this.#add(EXECUTE_ALL);
  }

  /** Closes a prepared statement; one that is unknown is no error. */
  close(name: string): void {
    const start = this.#begin(CLOSE, roomFor(name) + 2);
    buffer[this.#at++] = STATEMENT;
    this.#text(name);
    this.#end(start);
  }

  sync(): void {
    this.#add(SYNC_MESSAGE);
  }

  take(): Buffer {
    const taken = buffer.subarray(0, this.#at);
    this.#at = 0;
    if (buffer.length <= KEPT) return Buffer.from(taken);
    buffer = Buffer.allocUnsafeSlow(FIRST);
    return taken;
  }

  /** @returns where the message's length stands */
  #begin(type: number, room: number): number {
    this.#makeRoom(room + 5);
    buffer[this.#at] = type;
    const start = this.#at + 1;
    this.#at += 5;
    return start;
  }

  #end(start: number): void {
    buffer.writeInt32BE(this.#at - start, start);
  }

  #makeRoom(bytes: number): void {
    if (this.#at + bytes <= buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(buffer.length * 2, this.#at + bytes));
    buffer.copy(larger, 0, 0, this.#at);
    buffer = larger;
  }

  #add(bytes: Buffer): void {
    this.#makeRoom(bytes.length);
    buffer.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #text(text: string): void {
    this.#at += buffer.write(text, this.#at);
    buffer[this.#at++] = 0;
  }

  #int16(value: number): void {
    // More than PostgreSQL can take: it refuses the message.
    this.#at = buffer.writeUInt16BE(value & 0xffff, this.#at);
  }

  #value(value: Parameter): void {
    const start = this.#at;
    this.#at += 4;
    if (value === null) {
      buffer.writeInt32BE(-1, start);
      return;
    }
    if (typeof value === 'string') this.#at += buffer.write(value, this.#at);
    else {
      buffer.set(value, this.#at);
      this.#at += value.length;
    }
    buffer.writeInt32BE(this.#at - start - 4, start);
  }
}

/** Bytes that a text takes at most; of a long one, exactly. */
function roomFor(text: string): number {
  return text.length < LONG ? text.length * WIDEST : Buffer.byteLength(text);
}
