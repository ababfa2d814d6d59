// The bytes of a backup: chunks of at most 1 MiB, each compressed and encrypted by itself, in parts that are objects of the store.
//
// A chunk is its length (4 bytes), then AES-256-GCM of its Zstandard frame. The nonce is the chunk's number and whether it is the last,
// under a key that no other backup has: a chunk that was changed, left out, repeated, or taken from elsewhere does not decrypt, and
// a backup that was cut off lacks its last chunk.
import { createDecipheriv } from 'node:crypto';
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import { corrupt } from '../errors';
import type { BackupStore } from '../stores/store';
import type { Position } from './manifest';
import { type Block, CHUNK_BYTES, CIPHER, chunkCount, LENGTH_BYTES, nonce, TAG_BYTES } from './pack';
import type { RowDigest } from './row-digest';
import { pack, THREADS } from './threads';

const decompress = promisify(zstdDecompress) as (data: Buffer, options: object) => Promise<Buffer>;

/** Stored bytes of a part, about. */
const PART_BYTES = 8 << 20;
/** A row or a file is cut into chunks, so what a chunk expands to is known. */
const LIMIT = { maxOutputLength: CHUNK_BYTES };
/** Blocks that are packed or wait to be stored, so that memory does not grow where the store is slow. */
const MOST_BLOCKS = THREADS + 3;

export function partKey(prefix: string, part: number): string {
  return `${prefix}/part-${String(part).padStart(6, '0')}`;
}

/** Writes blocks as chunks, in their order. Blocks are packed by threads while the next are read, and one part is stored while the next is filled. */
export class ChunkWriter {
  #part = 0;
  #chunk = 0;
  #waiting: Uint8Array[] = [];
  #filled = 0;
  #storedBytes = 0;
  #sending: Promise<void> = Promise.resolve();
  /** Chunks that have a number. */
  #numbered = 0;
  /** For each of the latest blocks, in order: resolves when its chunks are in a part. */
  #blocks: Promise<void>[] = [];

  constructor(
    private readonly store: BackupStore,
    private readonly prefix: string,
    private readonly key: Buffer,
    private readonly onPart: () => Promise<void> | void,
  ) {}

  /** Where the next chunk will be. Waits for all blocks, with their digests. */
  async position(): Promise<Position> {
    await this.#blocks.at(-1);
    return { part: this.#part, offset: this.#filled, chunk: this.#chunk };
  }

  /**
   * @param content handed over with the memory it lies in: the caller has it no longer
   * @param digest for whole lines of rows: takes theirs
   * @returns how many chunks they are
   */
  async write(content: Buffer, digest?: RowDigest): Promise<number> {
    if (content.length === 0) return 0;
    const chunks = chunkCount(content.length);
    await this.#pack({ content, isRows: digest !== undefined }, digest);
    return chunks;
  }

  /** Writes the last chunk and waits for everything to be stored. */
  async end(): Promise<{ parts: number; chunks: number; storedBytes: number }> {
    await this.#pack({ content: Buffer.alloc(0), isRows: false, isLast: true });
    await this.position();
    await this.#send();
    await this.#sending;
    return { parts: this.#part, chunks: this.#chunk, storedBytes: this.#storedBytes };
  }

  async #pack(block: Omit<Block, 'key' | 'chunk'>, digest?: RowDigest): Promise<void> {
    const packing = pack({ ...block, key: this.key, chunk: this.#numbered });
    this.#numbered += chunkCount(block.content.length);
    const before = this.#blocks.at(-1);
    const stored = (async () => {
      const packed = await packing;
      await before;
      digest?.merge(packed.digest);
      for (const chunk of packed.chunks) await this.#append(chunk);
    })();
    stored.catch(() => {});
    this.#blocks.push(stored);
    if (this.#blocks.length > MOST_BLOCKS) await this.#blocks.shift();
  }

  async #append(chunk: Uint8Array): Promise<void> {
    this.#waiting.push(chunk);
    this.#filled += chunk.length;
    this.#chunk += 1;
    if (this.#filled >= PART_BYTES) await this.#send();
  }

  async #send(): Promise<void> {
    const [bytes, key] = [Buffer.concat(this.#waiting), partKey(this.prefix, this.#part)];
    this.#waiting = [];
    this.#filled = 0;
    this.#part += 1;
    this.#storedBytes += bytes.length;
    await this.#sending;
    this.#sending = (async () => {
      await this.store.put(key, bytes);
      await this.onPart();
    })();
    this.#sending.catch(() => {});
  }
}

/** Reads chunks from any position. Keeps one part in memory. */
export class ChunkReader {
  #held: { part: number; bytes: Buffer } | undefined;

  constructor(
    private readonly store: BackupStore,
    private readonly prefix: string,
    private readonly key: Buffer,
    private readonly chunks: number,
  ) {}

  /** The plain chunks from a position on. @throws BackupError `backup_corrupt`, `backup_store_unreachable` */
  async *read(at: Position, count: number): AsyncGenerator<Buffer> {
    let { part, offset } = at;
    for (let chunk = at.chunk; chunk < at.chunk + count; chunk++) {
      let bytes = await this.#load(part);
      if (offset >= bytes.length) {
        part += 1;
        offset = 0;
        bytes = await this.#load(part);
      }
      const from = offset + LENGTH_BYTES;
      const to = from + (from <= bytes.length ? bytes.readUInt32BE(offset) : Number.NaN);
      if (!(to <= bytes.length && to - from >= TAG_BYTES)) throw corrupt(`part ${part} is cut off`);
      yield await this.#open(bytes.subarray(from, to), chunk, part);
      offset = to;
    }
  }

  async #open(sealed: Buffer, chunk: number, part: number): Promise<Buffer> {
    try {
      const decipher = createDecipheriv(CIPHER, this.key, nonce(chunk, chunk === this.chunks - 1));
      decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
      const frame = Buffer.concat([decipher.update(sealed.subarray(0, -TAG_BYTES)), decipher.final()]);
      return await decompress(frame, LIMIT);
    } catch (cause) {
      throw corrupt(`part ${part} was changed, or is not where it was written`, cause);
    }
  }

  async #load(part: number): Promise<Buffer> {
    if (this.#held?.part !== part) {
      this.#held = undefined;
      const bytes = await this.store.get(partKey(this.prefix, part));
      if (!bytes) throw corrupt(`part ${part} is missing`);
      this.#held = { part, bytes };
    }
    return this.#held.bytes;
  }
}
