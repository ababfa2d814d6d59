// The digest of a table's rows from their COPY text: the same value that `digestTable` has the database compute.
import { hash } from 'node:crypto';
import type { TableDigest } from '@/lib/tenant-data/rows';

export type { TableDigest };

const [TAB, NEWLINE, QUOTE, COMMA, BACKSLASH, LETTER_N] = [9, 10, 39, 44, 92, 78];
const NULL = Buffer.from('NULL');
/** 1 for a byte that stands for itself. */
const PLAIN = new Uint8Array(256).fill(1);
for (const byte of [TAB, NEWLINE, QUOTE, BACKSLASH]) PLAIN[byte] = 0;
const ESCAPES: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/**
 * Digests lines of COPY's text format, one for each row: its columns without `tenant_id`, ordered by name, each cast to text.
 *
 * Works on bytes: tabs, quotes and backslashes are never part of a longer UTF-8 sequence. This is most of a backup's own work.
 */
export class RowDigest {
  #rows = 0;
  readonly #xor = Buffer.alloc(16);
  #canonical = new Uint8Array(0);

  /** @param lines whole lines, each with its newline */
  add(lines: Buffer): void {
    // A tab becomes three bytes, any other byte at most two.
    if (this.#canonical.length < 3 * lines.length + 2) this.#canonical = new Uint8Array(3 * lines.length + 2);
    for (let from = 0; from < lines.length; ) from = this.#row(lines, from);
  }

  /** Adds rows that were digested elsewhere. */
  merge({ rows, digest }: TableDigest): void {
    this.#rows += rows;
    this.#xorWith(Buffer.from(digest, 'hex').toString('latin1'));
  }

  result(): TableDigest {
    return { rows: this.#rows, digest: this.#xor.toString('hex') };
  }

  /** Digests the row that begins at `from`. @returns where the next one begins */
  #row(lines: Buffer, from: number): number {
    const out = this.#canonical;
    out[0] = QUOTE;
    let length = 1;
    for (let at = from; ; at++) {
      let byte = lines[at] as number;
      // Most bytes; this loop is what the engine makes fast.
      while (PLAIN[byte] === 1) {
        out[length] = byte;
        length += 1;
        at += 1;
        byte = lines[at] as number;
      }
      if (byte === NEWLINE) {
        out[length++] = QUOTE;
        this.#digest(out.subarray(0, length));
        return at + 1;
      }
      if (byte === TAB) {
        out[length++] = QUOTE;
        out[length++] = COMMA;
        out[length++] = QUOTE;
      } else if (byte === QUOTE) {
        out[length++] = QUOTE;
        out[length++] = QUOTE;
      } else if (byte === BACKSLASH) {
        const after = lines[at + 2];
        const isNull =
          lines[at + 1] === LETTER_N &&
          (after === TAB || after === NEWLINE) &&
          (at === from || lines[at - 1] === TAB);
        if (!isNull) return this.#escapedRow(lines, from);
        // In place of the quote that was written.
        out.set(NULL, length - 1);
        length += NULL.length - 1;
        at += 2;
        if (after === NEWLINE) {
          this.#digest(out.subarray(0, length));
          return at + 1;
        }
        out[length++] = COMMA;
        out[length++] = QUOTE;
      } else throw cutOff();
    }
  }

  /** Digests a row with a value that COPY has escaped. */
  #escapedRow(lines: Buffer, from: number): number {
    const end = lines.indexOf(NEWLINE, from);
    if (end < 0) throw cutOff();
    const fields = lines.toString('latin1', from, end).split('\t');
    this.#digest(Buffer.from(fields.map(quoteNullable).join(','), 'latin1'));
    return end + 1;
  }

  #digest(row: Uint8Array): void {
    this.#xorWith(hash('md5', row, 'binary'));
    this.#rows += 1;
  }

  /** @param digest its bytes as characters: less work than hexadecimal digits */
  #xorWith(digest: string): void {
    for (let place = 0; place < 16; place++)
      this.#xor[place] = (this.#xor[place] as number) ^ digest.charCodeAt(place);
  }
}

function cutOff(): RangeError {
  return new RangeError('A row of COPY text has no end.');
}

/** The values of a line of COPY text; null where a column is. */
export function copyValues(line: string): (string | null)[] {
  return line.split('\t').map((field) => (field === '\\N' ? null : unescaped(field)));
}

function unescaped(field: string): string {
  return field.includes('\\') ? field.replace(/\\(.)/g, (_, c: string) => ESCAPES[c] ?? c) : field;
}

/** As PostgreSQL's `quote_nullable` writes the value of a COPY field. */
function quoteNullable(field: string): string {
  if (field === '\\N') return 'NULL';
  const value = unescaped(field);
  const quoted = `'${value.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return value.includes('\\') ? `E${quoted}` : quoted;
}

/** Cuts a stream of COPY text into blocks of whole lines, of about `size` bytes or one line if that is longer. Blocks share no memory. */
export async function* wholeLines(chunks: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let waiting: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    bytes += chunk.length;
    if (bytes < size || !chunk.includes(10)) continue;
    const block = Buffer.concat(waiting);
    const end = block.lastIndexOf(10) + 1;
    yield block.subarray(0, end);
    waiting = end < block.length ? [Buffer.from(block.subarray(end))] : [];
    bytes = block.length - end;
  }
  if (bytes > 0) yield Buffer.concat(waiting);
}
