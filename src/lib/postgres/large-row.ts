// A row that is too large to be read at once: the driver would copy it several times and decode it in one go, while
// every other request of the process waits. Its bytes are collected as they come, and only what is wanted as text is decoded.
import { PostgresError } from './errors';
import type { TextRow } from './statement';

/** Rows from this size on are collected here, in bytes. */
export const LARGE_ROW = 256 * 1024;

/** The server sent something that is not PostgreSQL's protocol. */
export class ProtocolError extends PostgresError {
  constructor(cause?: unknown) {
    super('protocol_violated', 'The server’s answer is not PostgreSQL’s protocol.', { cause });
  }
}

/** A DataRow message in the shape of the driver's; `fields` are decoded when they are read. */
export class LargeRow {
  readonly name = 'dataRow';
  readonly #bytes: Buffer;
  readonly #values: (Buffer | null)[] = [];
  #received = 0;

  /** @param length of the message, as its header says: the four bytes of the length itself included */
  constructor(readonly length: number) {
    // Not from the pool, and not zeroed: the memory is touched only as bytes come.
    this.#bytes = Buffer.allocUnsafeSlow(length - 4);
  }

  /** @throws ProtocolError with the last bytes, where a column is longer than its row */
  add(chunk: Buffer): void {
    this.#received += chunk.copy(this.#bytes, this.#received);
    if (this.#received === this.#bytes.length) this.#read();
  }

  get fieldCount(): number {
    return this.#values.length;
  }

  get fields(): TextRow {
    return this.#values.map(toText);
  }

  /** The row with one column left as bytes: `large` of the row, which has null in its place. */
  withBytesAt(column: number): TextRow {
    const row: TextRow = this.#values.map((value, index) => (index === column ? null : toText(value)));
    const large = this.#values[column];
    return large ? Object.assign(row, { large }) : row;
  }

  #read(): void {
    const bytes = this.#bytes;
    const columns = bytes.readUInt16BE(0);
    let at = 2;
    while (this.#values.length < columns) {
      const length = at + 4 > bytes.length ? bytes.length : bytes.readInt32BE(at);
      at += 4 + Math.max(0, length);
      if (at > bytes.length) throw new ProtocolError();
      this.#values.push(length < 0 ? null : bytes.subarray(at - length, at));
    }
  }
}

function toText(value: Buffer | null): string | null {
  return value === null ? null : value.toString();
}
