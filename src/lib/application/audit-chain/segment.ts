// A segment: records of the audit log in a file, as compressed lines of JSON. The first line names the segment and has the signed
// checkpoint that covers it; each further line is a record with the text of every hashed column and its hashes.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { ApplicationError } from '../errors';
import { encodeRecord, HASHED_COLUMNS, type HashedRecord } from './hashes';
import { columnsOf, type StoredRecord } from './log';

const FORMAT = 'marquee audit segment 1';
const NAME = /^audit-(\d{19})-(\d{19})\.jsonl\.gz$/;
const PAGE = 10_000;

export interface SegmentHead {
  format: string;
  first: string;
  last: string;
  /** The signed note of a checkpoint of `last` records. */
  checkpoint: string;
}

/**
 * Writes a segment, through to the disk, under its name only when it is whole.
 *
 * @returns path and SHA-256 of the file
 */
export async function writeSegment(
  directory: string,
  { first, last, checkpoint }: Omit<SegmentHead, 'format'>,
  pages: AsyncIterable<StoredRecord[]>,
): Promise<{ file: string; sha256: string }> {
  const number = (id: string) => id.padStart(19, '0');
  const file = path.join(directory, `audit-${number(first)}-${number(last)}.jsonl.gz`);
  const hash = createHash('sha256');
  async function* lines() {
    yield `${JSON.stringify({ format: FORMAT, first, last, checkpoint } satisfies SegmentHead)}\n`;
    for await (const page of pages) {
      yield page
        .filter(({ id }) => id <= BigInt(last))
        .map(lineOf)
        .join('');
    }
  }
  async function* hashed(source: AsyncIterable<Buffer>) {
    for await (const chunk of source) {
      hash.update(chunk);
      yield chunk;
    }
  }
  const part = `${file}.part`;
  await pipeline(Readable.from(lines()), createGzip(), hashed, createWriteStream(part, { mode: 0o600 }));
  const handle = await open(part, 'r+');
  await handle.sync();
  await handle.close();
  await rename(part, file);
  return { file, sha256: hash.digest('hex') };
}

/** The segments in a directory, in the order of their records. One that a longer one contains was left by a call that was killed. */
export async function segmentsIn(directory: string): Promise<string[]> {
  const found = (await readdir(directory)).flatMap((name) => {
    const [, first, last] = NAME.exec(name) ?? [];
    return first && last
      ? [{ file: path.join(directory, name), first: BigInt(first), last: BigInt(last) }]
      : [];
  });
  return found
    .filter(
      (one) => !found.some((other) => other !== one && other.first <= one.first && one.last <= other.last),
    )
    .sort((one, other) => Number(one.first - other.first))
    .map(({ file }) => file);
}

/** @throws ApplicationError `audit_archive_invalid` */
export async function headOfSegment(file: string): Promise<SegmentHead> {
  for await (const line of linesOf(file)) {
    const head = parsed<SegmentHead>(file, line);
    if (head.format === FORMAT && typeof head.checkpoint === 'string') return head;
    break;
  }
  throw invalid(file);
}

/** Pages of a segment's records. @throws ApplicationError `audit_archive_invalid` */
export async function* readSegment(file: string): AsyncGenerator<StoredRecord[]> {
  let page: StoredRecord[] = [];
  let isHead = true;
  for await (const line of linesOf(file)) {
    if (isHead) {
      isHead = false;
      continue;
    }
    page.push(recordOf(file, line));
    if (page.length === PAGE) {
      yield page;
      page = [];
    }
  }
  yield page;
}

function lineOf(record: StoredRecord): string {
  const hashes = { leaf: record.leaf.toString('base64'), chain: record.chain.toString('base64') };
  return `${JSON.stringify({ ...columnsOf(record), ...hashes })}\n`;
}

function recordOf(file: string, line: string): StoredRecord {
  const { leaf, chain, ...record } = parsed<HashedRecord & { leaf: string; chain: string }>(file, line);
  const isText = (value: unknown) => value === null || typeof value === 'string';
  const isWhole = Object.keys(HASHED_COLUMNS).every((name) => isText(record[name as 'id']));
  if (
    !isWhole ||
    !/^\d{1,19}$/.test(record.id ?? '') ||
    typeof leaf !== 'string' ||
    typeof chain !== 'string'
  )
    throw invalid(file);
  return {
    id: BigInt(record.id as string),
    leaf: Buffer.from(leaf, 'base64'),
    chain: Buffer.from(chain, 'base64'),
    content: Buffer.concat([Buffer.of(0), encodeRecord(record)]),
  };
}

async function* linesOf(file: string): AsyncGenerator<string> {
  const unzipped = createReadStream(file).pipe(createGunzip());
  // An error of the file is not one of what it is piped to.
  const failed = new Promise<never>((_, reject) => unzipped.once('error', reject));
  failed.catch(() => {});
  try {
    const lines = createInterface({ input: unzipped, crlfDelay: Number.POSITIVE_INFINITY })[
      Symbol.asyncIterator
    ]();
    for (;;) {
      const { value, done } = await Promise.race([lines.next(), failed]);
      if (done) return;
      yield value;
    }
  } catch (cause) {
    throw cause instanceof ApplicationError ? cause : invalid(file, cause);
  } finally {
    unzipped.destroy();
  }
}

function parsed<T>(file: string, line: string): T {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw invalid(file, cause);
  }
}

function invalid(file: string, cause?: unknown): ApplicationError {
  return new ApplicationError('audit_archive_invalid', `${file} is no whole segment of the audit log.`, {
    cause,
  });
}
