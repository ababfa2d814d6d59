// The audit log over PostgreSQL's protocol. Functions of the database's schemas take no part in reading it.
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { HASHED_COLUMNS } from './hashes';
import { type AuditLog, LAST_ID, type LogPage, type StoredRecord } from './log';

/** About 10 MB. */
const PAGE = 10_000n;
/** Signature, flags and length of the extension that begin a binary COPY. */
const COPY_HEADER = 19;

/** Names resolve to PostgreSQL's own functions; texts arrive in UTF-8. */
const SESSION = "set search_path = pg_catalog; set client_encoding = 'UTF8'";

/** Binary COPY writes a field as its length and its bytes, which is the encoding of the hashed content too. */
const SELECTED = `leaf_hash, chain_hash, '\\x00'::bytea, ${Object.values(HASHED_COLUMNS).join(', ')}`;
const FIELDS = 3 + Object.keys(HASHED_COLUMNS).length;

/** The lock of the trigger `chain`. */
const CHAIN_LOCK = '4611686018428';

/** @param client of a session that is used for nothing else */
export function sessionLog(client: pg.ClientBase): AuditLog {
  let started: Promise<unknown> | undefined;
  const start = () => {
    started ??= client.query(SESSION);
    return started;
  };
  return {
    async query({ text }, values = []) {
      await start();
      return (await client.query(text, [...values])).rows;
    },
    async page(after) {
      await start();
      return readPage(client, after);
    },
    async exclusively(work) {
      await start();
      await client.query('begin');
      try {
        await client.query(`select pg_advisory_xact_lock(${CHAIN_LOCK})`);
        const result = await work();
        await client.query('commit');
        return result;
      } catch (error) {
        await client.query('rollback').catch(() => {});
        throw error;
      }
    },
  };
}

/** A range of ids rather than a number of records: where an id is there twice, both are in one page. */
async function readPage(client: pg.ClientBase, after: bigint | undefined): Promise<LogPage | undefined> {
  const { rows } = await client.query<{ first: string | null }>(
    `select min(id)::text first from public.audit_log ${after === undefined ? '' : `where id > ${after}`}`,
  );
  const first = rows[0]?.first;
  if (first === null || first === undefined) return undefined;
  const end = BigInt(first) + PAGE - 1n;
  const last = end < LAST_ID ? end : LAST_ID;
  const bytes = await copyPage(client, `id between ${first} and ${last}`);
  return { last, records: () => parse(bytes) };
}

async function copyPage(client: pg.ClientBase, condition: string): Promise<Buffer> {
  const stream = client.query(
    copyTo(
      `copy (select ${SELECTED} from public.audit_log where ${condition} order by audit_log.id) to stdout (format binary)`,
    ),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

function parse(page: Buffer): StoredRecord[] {
  const records: StoredRecord[] = [];
  // A field count of -1 ends the page.
  for (let position = COPY_HEADER; page.readInt16BE(position) === FIELDS; ) {
    position += 2;
    const field = () => {
      const length = Math.max(page.readInt32BE(position), 0);
      position += 4 + length;
      return page.subarray(position - length, position);
    };
    const [leaf, chain, zero] = [field(), field(), field()];
    const start = position - zero.length;
    const id = BigInt(field().toString('latin1'));
    for (let rest = 4; rest < FIELDS; rest += 1) field();
    records.push({ id, leaf, chain, content: page.subarray(start, position) });
  }
  return records;
}
