// What a backup does with a block of rows or of a file: digests it, and cuts it into chunks, each compressed and encrypted by itself.
import { createCipheriv } from 'node:crypto';
import { constants, zstdCompressSync } from 'node:zlib';
import { RowDigest, type TableDigest } from './row-digest';

export const CIPHER = 'aes-256-gcm';
export const TAG_BYTES = 16;
export const LENGTH_BYTES = 4;
/** Plain bytes of a chunk, at most. */
export const CHUNK_BYTES: number = 1 << 20;
const LEVEL = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

export interface Block {
  content: Uint8Array;
  /** Whether it is whole lines of COPY text, to be digested. */
  isRows: boolean;
  key: Uint8Array;
  /** Number of the first of its chunks. */
  chunk: number;
  /** Whether its last chunk is the backup's last. */
  isLast?: boolean;
}

export interface PackedBlock {
  /** Stored chunks, each with its length before it. */
  chunks: Uint8Array[];
  /** Digest of the block's rows. */
  digest: TableDigest;
}

/** The number of chunks for `bytes` bytes; no bytes make one empty chunk. */
export function chunkCount(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / CHUNK_BYTES));
}

export function packBlock({ content, isRows, key, chunk, isLast = false }: Block): PackedBlock {
  const plain = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  const digest = new RowDigest();
  if (isRows) digest.add(plain);
  const count = chunkCount(plain.length);
  const chunks = Array.from({ length: count }, (_, place) =>
    seal(
      plain.subarray(place * CHUNK_BYTES, (place + 1) * CHUNK_BYTES),
      key,
      nonce(chunk + place, isLast && place === count - 1),
    ),
  );
  return { chunks, digest: digest.result() };
}

export function nonce(chunk: number, last: boolean): Buffer {
  const bytes = Buffer.alloc(12);
  bytes[0] = last ? 1 : 0;
  bytes.writeUIntBE(chunk, 6, 6);
  return bytes;
}

function seal(plain: Buffer, key: Uint8Array, iv: Buffer): Uint8Array {
  const frame = zstdCompressSync(plain, LEVEL);
  const cipher = createCipheriv(CIPHER, key, iv);
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32BE(frame.length + TAG_BYTES);
  return Buffer.concat([length, cipher.update(frame), cipher.final(), cipher.getAuthTag()]);
}
