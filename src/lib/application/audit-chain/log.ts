// The audit log as it is read for verification: whole records as bytes that can be hashed as they are.
import type { Statement } from '../statements';
import { HASHED_COLUMNS, type HashedRecord } from './hashes';

/** A record as the database has it. */
export interface StoredRecord {
  id: bigint;
  /** The stored hashes; empty where the column is null. */
  leaf: Buffer;
  chain: Buffer;
  /** A zero byte and the encoded columns: SHA-256 of it is the leaf hash. */
  content: Buffer;
}

/** The records of a range of ids. */
export interface LogPage {
  /** The end of the range: it may have no record. */
  last: bigint;
  records(): StoredRecord[];
}

/** Reads the log for one purpose at a time. */
export interface AuditLog {
  query<Row extends object>(statement: Statement, values?: readonly unknown[]): Promise<Row[]>;
  /** The next records in the order of their ids; undefined at the end. Where an id is there twice, both are in one page. */
  page(after: bigint | undefined): Promise<LogPage | undefined>;
  /** Does something while no record is added, where the database can promise that; else at once. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

/** The greatest bigint of PostgreSQL. */
export const LAST_ID = 2n ** 63n - 1n;

/** Pages of records. @param after only records with greater ids @param through no page after the one with this id */
export async function* readRecords(
  log: AuditLog,
  after?: bigint,
  through = LAST_ID,
): AsyncGenerator<StoredRecord[]> {
  let next = log.page(after);
  for (let page = await next; page; page = await next) {
    // The server reads the next page while this one is hashed.
    next = page.last < through ? log.page(page.last) : Promise.resolve(undefined);
    next.catch(() => {});
    yield page.records();
  }
}

/** The texts of a record's columns. */
export function columnsOf({ content }: StoredRecord): HashedRecord {
  let position = 1;
  const texts = Object.keys(HASHED_COLUMNS).map((name) => {
    const length = content.readInt32BE(position);
    const start = position + 4;
    position = start + Math.max(length, 0);
    return [name, length < 0 ? null : content.toString('utf8', start, position)];
  });
  return Object.fromEntries(texts);
}
