// The hashes of the audit log, as docs/audit-log.md defines them and functions/audit_chain.sql computes them.
import { hash } from 'node:crypto';

/** The hashed columns in their order, each as the SQL expression of its text. */
export const HASHED_COLUMNS = {
  id: 'id::text',
  occurredAt:
    'case when isfinite(occurred_at) then (extract(epoch from occurred_at) * 1000000)::bigint::text else occurred_at::text end',
  tenantId: 'tenant_id::text',
  actor: 'actor::text',
  requestId: 'request_id::text',
  action: 'action::text',
  entity: 'entity::text',
  entityId: 'entity_id::text',
  before: 'before::text',
  after: 'after::text',
  details: 'details::text',
  address: 'address::text',
} as const;

/** A record as it is hashed: the text of each column. `occurredAt` is in microseconds since 1970. */
export type HashedRecord = Record<keyof typeof HASHED_COLUMNS, string | null>;

/** The chain hash before the first record. */
export const NO_CHAIN = Buffer.alloc(32);
/** RFC 6962 begins what it hashes with 0 for a leaf and 1 for a node; 2 begins a link of the chain. */
const LEAF = 0;
const NODE = 1;
const LINK = 2;

export function sha256(bytes: Uint8Array): Buffer {
  return hash('sha256', bytes, 'buffer');
}

/** Injective: each text after four bytes with its length in bytes (big-endian), null as the length -1. */
export function encodeRecord(record: HashedRecord): Buffer {
  const parts = Object.keys(HASHED_COLUMNS).flatMap((name) => {
    const value = record[name as keyof HashedRecord];
    const length = Buffer.alloc(4);
    length.writeInt32BE(value === null ? -1 : Buffer.byteLength(value));
    return value === null ? [length] : [length, Buffer.from(value)];
  });
  return Buffer.concat(parts);
}

export function leafHash(record: HashedRecord): Buffer {
  return sha256(Buffer.concat([Buffer.of(LEAF), encodeRecord(record)]));
}

export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  return joined(NODE, left, right);
}

export function chainHash(previous: Uint8Array, leaf: Uint8Array): Buffer {
  return joined(LINK, previous, leaf);
}

const scratch = Buffer.alloc(65);

function joined(prefix: number, one: Uint8Array, other: Uint8Array): Buffer {
  scratch[0] = prefix;
  scratch.set(one, 1);
  scratch.set(other, 33);
  return sha256(scratch);
}
