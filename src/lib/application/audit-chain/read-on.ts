// Reads the audit log as it grows, from where the last reading ended, and checks that it continues what was read.
import type { Database } from '../database';
import { statements } from '../statements';
import { ChainCheck, type Finding } from './chain-check';
import type { HashedRecord } from './hashes';
import { type AuditLog, columnsOf } from './log';

/** The last record that was read. */
export interface ChainPosition {
  /** A bigint as text; `0` before the first record. */
  id: string;
  /** The record's chain hash, hexadecimal; null before the first record. */
  chain: string | null;
}

export interface Growth {
  records: HashedRecord[];
  /** Why the log does not continue what was read before. */
  findings: Finding[];
  position: ChainPosition;
}

const START: ChainPosition = { id: '0', chain: null };
const SELECTED = `select id::text, encode(chain_hash, 'hex') chain from public.audit_log`;

export const POSITIONS = statements('audit', {
  head: `${SELECTED} order by audit_log.id desc limit 1`,
  at: `${SELECTED} where id = $1::bigint`,
});

/** Where the log ends now. Reads one entry of the index. */
export async function headOf(database: Database): Promise<ChainPosition> {
  const [head] = await database.read<ChainPosition>(POSITIONS.head);
  return head ?? START;
}

/**
 * The next page of records after a position, each checked against its hash and the chain. Where the log no longer has the record
 * of the position, that is a finding, and the reading goes on from what is there now.
 */
export async function readOn(log: AuditLog, { id, chain }: ChainPosition): Promise<Growth> {
  const [head = START] = await log.query<ChainPosition>(POSITIONS.head);
  const last = BigInt(id);
  if (BigInt(head.id) < last) {
    const from = `${BigInt(head.id) + 1n}`;
    const message = `Records ${from} to ${id} are missing although they were read before: the end of the log was cut off.`;
    return { records: [], findings: [{ kind: 'cut', id: from, through: id, message }], position: head };
  }
  const [present] = last === 0n ? [START] : await log.query<ChainPosition>(POSITIONS.at, [id]);
  if (present?.chain !== chain) {
    const message = `Record ${id} is not the one that was read before: it was edited, replaced or deleted.`;
    const position = { id, chain: present?.chain ?? null };
    if (present) return { records: [], findings: [{ kind: 'rewritten', id, message }], position };
    if (chain !== null) return { records: [], findings: [{ kind: 'missing', id, message }], position };
  }
  const page = (await log.page(last))?.records() ?? [];
  // The first records may have been archived: whether they were is found by a verification of the whole log.
  const start = last === 0n ? (page[0]?.id ?? 1n) - 1n : last;
  const known = chain === null ? undefined : Buffer.from(chain, 'hex');
  const check = start === 0n ? new ChainCheck() : ChainCheck.after(start, known);
  const findings = page.flatMap((record) => check.take(record));
  return {
    records: page.map(columnsOf),
    findings,
    position: { id: `${check.last}`, chain: check.chain?.toString('hex') ?? null },
  };
}
