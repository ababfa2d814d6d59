// The digest of a table's rows from their COPY text: the same value that `digestTable` has the database compute.
import { hash } from 'node:crypto';
import type { TableDigest } from '@/lib/tenant-data/rows';
import { LANES, Md5Lanes } from './md5-lanes';

export type { TableDigest };

const [TAB, NEWLINE, QUOTE, COMMA, BACKSLASH, LETTER_N] = [9, 10, 39, 44, 92, 78];
/** `NULL`, its first letter lowest. */
const NULL = 0x4c4c554e;
const WORD_BYTES = 4;
const ESCAPES: Record<string, string> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };

/** Where the canonical text of a row is written. */
type Text = Pick<Md5Lanes, 'bytes' | 'view'>;

let lanes: Md5Lanes | undefined;

/**
 * Digests lines of COPY's text format, one for each row: its columns without `tenant_id`, ordered by name, each cast to text.
 *
 * Works on bytes: tabs, quotes and backslashes are never part of a longer UTF-8 sequence. This is most of a backup's own work, so bytes are
 * looked at four at a time, and four rows are digested at once.
 */
export class RowDigest {
  #rows = 0;
  /** The bytes of the digest, in words. */
  readonly #xor = new Int32Array(4);

  /** @param lines whole lines, each with its newline */
  add(lines: Buffer): void {
    lanes ??= new Md5Lanes();
    const source = new DataView(lines.buffer, lines.byteOffset, lines.length);
    let lane = 0;
    for (let from = 0; from < lines.length; this.#rows += 1) {
      const end = lines.indexOf(NEWLINE, from);
      if (end < 0) throw new RangeError('A row of COPY text has no end.');
      const most = mostBytes(end - from);
      if (Md5Lanes.fits(most)) {
        const start = lanes.start(lane);
        lanes.end(lane, writeRow(lines, source, from, end, lanes, start) - start);
        lane += 1;
        if (lane === LANES) {
          lanes.digest(lane, this.#xor);
          lane = 0;
        }
      } else {
        const bytes = Buffer.alloc(most);
        const view = new DataView(bytes.buffer, bytes.byteOffset, most);
        const length = writeRow(lines, source, from, end, { bytes, view }, 0);
        this.#xorWith(hash('md5', bytes.subarray(0, length), 'buffer'));
      }
      from = end + 1;
    }
    if (lane > 0) lanes.digest(lane, this.#xor);
  }

  /** Adds rows that were digested elsewhere. */
  merge({ rows, digest }: TableDigest): void {
    this.#rows += rows;
    this.#xorWith(Buffer.from(digest, 'hex'));
  }

  result(): TableDigest {
    return { rows: this.#rows, digest: Buffer.from(this.#xor.buffer).toString('hex') };
  }

  #xorWith(digest: Buffer): void {
    for (let word = 0; word < 4; word++) (this.#xor[word] as number) ^= digest.readInt32LE(word * WORD_BYTES);
  }
}

/** A tab becomes three bytes, any other byte at most two; a value may begin with an E; whole words are written. */
function mostBytes(line: number): number {
  return 3 * line + 3 + WORD_BYTES;
}

/** Writes the canonical text of the row in lines[from…end[ to a place in `text`. @returns where it ends */
function writeRow(
  lines: Buffer,
  source: DataView,
  from: number,
  end: number,
  text: Text,
  to: number,
): number {
  const { bytes, view } = text;
  const lastWord = lines.length - WORD_BYTES;
  let place = to;
  bytes[place++] = QUOTE;
  for (let at = from; ; at++) {
    // Most bytes; this loop is what the engine makes fast. It stops at the newline.
    while (at <= lastWord) {
      const word = source.getInt32(at, true);
      view.setInt32(place, word, true);
      const plain = plainBytes(word);
      at += plain;
      place += plain;
      if (plain < WORD_BYTES) break;
    }
    if (at === end) break;
    const byte = lines[at] as number;
    if (byte === TAB) {
      bytes[place++] = QUOTE;
      bytes[place++] = COMMA;
      bytes[place++] = QUOTE;
    } else if (byte === QUOTE) {
      bytes[place++] = QUOTE;
      bytes[place++] = QUOTE;
    } else if (byte === BACKSLASH) {
      const after = lines[at + 2];
      const isNull =
        lines[at + 1] === LETTER_N &&
        (after === TAB || after === NEWLINE) &&
        (at === from || lines[at - 1] === TAB);
      if (!isNull) return writeEscapedRow(lines, from, end, bytes, to);
      // In place of the quote that was written.
      view.setInt32(place - 1, NULL, true);
      place += WORD_BYTES - 1;
      at += 2;
      if (at === end) return place;
      bytes[place++] = COMMA;
      bytes[place++] = QUOTE;
    } else bytes[place++] = byte;
  }
  bytes[place++] = QUOTE;
  return place;
}

/** A row with a value that COPY has escaped. */
function writeEscapedRow(lines: Buffer, from: number, end: number, bytes: Uint8Array, to: number): number {
  const fields = lines.toString('latin1', from, end).split('\t');
  const canonical = Buffer.from(fields.map(quoteNullable).join(','), 'latin1');
  bytes.set(canonical, to);
  return to + canonical.length;
}

/** How many of a word's four bytes, from the lowest, precede the first tab, newline, quote or backslash. Vertical tab and \b count as these; COPY escapes both. */
function plainBytes(word: number): number {
  const marks =
    zeroBytes((word & 0xfcfcfcfc) ^ 0x08080808) | zeroBytes(word ^ 0x27272727) | zeroBytes(word ^ 0x5c5c5c5c);
  return marks === 0 ? WORD_BYTES : (31 - Math.clz32(marks & -marks)) >>> 3;
}

/** The highest bit of each byte that is zero, up to the lowest such byte; those above it may be marked wrongly. */
function zeroBytes(word: number): number {
  return (word - 0x01010101) & ~word & 0x80808080;
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
