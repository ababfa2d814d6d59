// Digests of rows in one canonical text, combined by buckets of keys, by which two databases are compared.
import type pg from 'pg';
import { quote, type TenantTable } from './tables';

/** The digest of a tenant's rows of a table. */
export interface TableDigest {
  rows: number;
  /** 32 hexadecimal digits. */
  digest: string;
}

export interface RowDifference {
  table: string;
  key: string[];
  kind: 'missing' | 'extra' | 'different';
}

export interface ComparedTable extends TableDigest {
  table: string;
  differences: RowDifference[];
}

/** One side of a comparison: a connection with pinned settings (`pinSession`), and the tenant's id there. */
export interface Side {
  client: pg.ClientBase;
  tenantId: string;
}

/** Rows are assigned to buckets by this many hexadecimal digits of their key's digest: 256 buckets at first, then 65,536. */
type Digits = 2 | 4;
/** Rows of larger buckets are not compared one by one before the buckets were divided. */
const MOST_COMPARED = 50_000;

interface Bucket {
  bucket: number;
  rows: string;
  digest: string;
}

/**
 * Compares a tenant's rows of a table: `missing` rows are in the first database only, `extra` rows in the second only.
 *
 * One statement reads each side, in one snapshot; further ones read the rows of buckets that differ. Where those are many, because a
 * few rows of each bucket are being changed, the buckets are divided first: the rows' keys and digests are held in memory.
 */
export async function compareTable(table: TenantTable, one: Side, other: Side): Promise<ComparedTable> {
  const [left, right] = await Promise.all([buckets(table, one, 2), buckets(table, other, 2)]);
  let differing = differingBuckets(left, right);
  let digits: Digits = 2;
  if (differing.rows > MOST_COMPARED) {
    const within = { digits, wanted: differing.buckets };
    digits = 4;
    differing = differingBuckets(
      ...(await Promise.all([buckets(table, one, digits, within), buckets(table, other, digits, within)])),
    );
  }
  const differences =
    differing.buckets.length === 0
      ? []
      : difference(
          table.name,
          ...(await Promise.all([
            rowDigests(table, one, digits, differing.buckets),
            rowDigests(table, other, digits, differing.buckets),
          ])),
        );
  return { table: table.name, ...combined(left), differences };
}

/** The result for a table that is empty on both sides. */
export function emptyTable({ name }: TenantTable): ComparedTable {
  return { table: name, ...combined([]), differences: [] };
}

/** Compares the rows of given keys. A key without a row on both sides is no difference. */
export async function compareKeys(
  table: TenantTable,
  keys: readonly string[][],
  one: Side,
  other: Side,
): Promise<RowDifference[]> {
  const [left, right] = await Promise.all([keyedDigests(table, keys, one), keyedDigests(table, keys, other)]);
  return difference(table.name, left, right);
}

/** Counts and digests a tenant's rows of a table. */
export async function digestTable(table: TenantTable, side: Side): Promise<TableDigest> {
  return combined(await buckets(table, side, 2));
}

/** Values that one call of `concat_ws` takes besides the separator: a function has at most 100 arguments. */
const JOINED_AT_ONCE = 99;

/** `quote_nullable` tells null from every text and one column's text from the next. */
function canonicalRow(table: TenantTable): string {
  const columns = table.columns.filter(({ name }) => name !== 'tenant_id');
  return `md5(${joined(columns.map(({ name }) => `quote_nullable(${quote(name)}::text)`))})`;
}

/** SQL that joins values that are not null by commas, any number of them. */
function joined(values: readonly string[]): string {
  if (values.length <= JOINED_AT_ONCE) return `concat_ws(',', ${values.join(', ')})`;
  const parts = Array.from({ length: Math.ceil(values.length / JOINED_AT_ONCE) }, (_, part) =>
    joined(values.slice(part * JOINED_AT_ONCE, (part + 1) * JOINED_AT_ONCE)),
  );
  return joined(parts);
}

function keyText(table: TenantTable): string {
  return `array[${table.key.map(({ name }) => `${quote(name)}::text`).join(', ')}]`;
}

async function buckets(
  table: TenantTable,
  { client, tenantId }: Side,
  digits: Digits,
  within?: { digits: Digits; wanted: readonly number[] },
): Promise<Bucket[]> {
  const only = within ? ` and ${bucketOf(table, within.digits)} = any ($2)` : '';
  const { rows } = await client.query<Bucket>(
    `select bucket, count(*)::text as rows,
       to_hex(bit_xor(('x' || left(d, 16))::bit(64)::bigint)) || ':' || to_hex(bit_xor(('x' || right(d, 16))::bit(64)::bigint)) as digest
     from (select ${bucketOf(table, digits)} as bucket, ${canonicalRow(table)} as d from ${table.name} where tenant_id = $1${only}) r
     group by bucket order by bucket`,
    within ? [tenantId, within.wanted] : [tenantId],
  );
  return rows;
}

function bucketOf(table: TenantTable, digits: Digits): string {
  return `('x' || left(md5(${keyText(table)}::text), ${digits}))::bit(${digits * 4})::int`;
}

function combined(list: readonly Bucket[]): TableDigest {
  const rows = list.reduce((sum, bucket) => sum + Number(bucket.rows), 0);
  const digest = Array.from({ length: 2 }, (_, half) =>
    list
      .reduce((xor, bucket) => xor ^ BigInt(`0x${bucket.digest.split(':')[half] || '0'}`), 0n)
      .toString(16)
      .padStart(16, '0'),
  ).join('');
  return { rows, digest };
}

/** @returns the buckets, and the rows that are in them on the side that has more */
function differingBuckets(
  left: readonly Bucket[],
  right: readonly Bucket[],
): { buckets: number[]; rows: number } {
  const of = (list: readonly Bucket[]) => new Map(list.map((bucket) => [bucket.bucket, bucket]));
  const [one, other] = [of(left), of(right)];
  const differing = { buckets: [] as number[], rows: 0 };
  for (const bucket of new Set([...one.keys(), ...other.keys()])) {
    const [here, there] = [one.get(bucket), other.get(bucket)];
    if (here?.rows === there?.rows && here?.digest === there?.digest) continue;
    differing.buckets.push(bucket);
    differing.rows += Math.max(Number(here?.rows ?? 0), Number(there?.rows ?? 0));
  }
  return differing;
}

type RowDigests = Map<string, { key: string[]; digest: string }>;

async function rowDigests(
  table: TenantTable,
  { client, tenantId }: Side,
  digits: Digits,
  wanted: readonly number[],
): Promise<RowDigests> {
  const { rows } = await client.query<{ key: string[]; digest: string }>(
    `select ${keyText(table)} as key, ${canonicalRow(table)} as digest from ${table.name}
     where tenant_id = $1 and ${bucketOf(table, digits)} = any ($2)`,
    [tenantId, wanted],
  );
  return byKey(rows);
}

async function keyedDigests(
  table: TenantTable,
  keys: readonly string[][],
  { client, tenantId }: Side,
): Promise<RowDigests> {
  const columns = table.key.map((_, place) => keys.map((key) => key[place]));
  const { rows } = await client.query<{ key: string[]; digest: string }>({
    text: `select ${keyText(table)} as key, ${canonicalRow(table)} as digest from ${table.name}
      join unnest(${table.key.map((_, place) => `$${place + 2}::text[]`).join(', ')}) as wanted (${table.key.map((_, place) => `k${place}`).join(', ')})
      on ${table.key.map(({ name, type }, place) => `${quote(name)} = k${place}::${type}`).join(' and ')}
      where tenant_id = $1`,
    values: [tenantId, ...columns],
  });
  return byKey(rows);
}

function byKey(rows: { key: string[]; digest: string }[]): RowDigests {
  return new Map(rows.map((row) => [row.key.join('\0'), row]));
}

function difference(table: string, left: RowDigests, right: RowDigests): RowDifference[] {
  const differences: RowDifference[] = [];
  for (const [id, { key, digest }] of left) {
    const match = right.get(id);
    if (!match) differences.push({ table, key, kind: 'missing' });
    else if (match.digest !== digest) differences.push({ table, key, kind: 'different' });
  }
  for (const [id, { key }] of right) if (!left.has(id)) differences.push({ table, key, kind: 'extra' });
  return differences;
}
