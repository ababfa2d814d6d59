// The audit log over a project's REST API: plain requests of the table, so that functions of the database's schemas take no part in reading it.
import { encodeRecord, HASHED_COLUMNS, type HashedRecord } from '../audit-chain/hashes';
import { LAST_ID, type LogPage, type StoredRecord } from '../audit-chain/log';
import type { Project } from './project';
import { failure } from './refusals';

/** Ids of a page: by default a project returns at most 1,000 rows. */
const PAGE = 500n;
const TABLE = 'audit_log';

/** Times come as JSON has them; all else as its text in the database. */
const SELECTED = [
  'leaf_hash',
  'chain_hash',
  'occurred_at',
  ...Object.entries(HASHED_COLUMNS)
    .filter(([name]) => name !== 'occurredAt')
    .map(([name, text]) => `${name}:${text}`),
].join(',');

type Row = Record<keyof HashedRecord | 'leaf_hash' | 'chain_hash' | 'occurred_at', string | null>;

export async function readPage(project: Project, after: bigint | undefined): Promise<LogPage | undefined> {
  const { rest } = project;
  const ids = rest.from(TABLE).select('id:id::text').order('id').limit(1);
  const { data: found } = await project.answer<{ id: string }[]>(
    after === undefined ? ids : ids.gt('id', `${after}`),
  );
  const [start] = found;
  if (!start) return undefined;
  const end = BigInt(start.id) + PAGE - 1n;
  const last = end < LAST_ID ? end : LAST_ID;
  const range = rest
    .from(TABLE)
    .select(SELECTED, { count: 'exact' })
    .gte('id', start.id)
    .lte('id', `${last}`);
  const { data: rows, count } = await project.answer<Row[]>(range.order('id'));
  if (count !== rows.length) {
    throw failure('application_project_invalid', `gives ${rows.length} of ${count} rows`, {
      hint: 'Set Max rows to 1000 or more in Project settings → API.',
    });
  }
  return { last, records: () => rows.map(recordOf) };
}

function recordOf(row: Row): StoredRecord {
  const texts = Object.keys(HASHED_COLUMNS).map((name) => [
    name,
    name === 'occurredAt' ? microseconds(row.occurred_at) : row[name as keyof HashedRecord],
  ]);
  const content = Buffer.concat([Buffer.of(0), encodeRecord(Object.fromEntries(texts))]);
  return { id: BigInt(row.id ?? 0), leaf: bytes(row.leaf_hash), chain: bytes(row.chain_hash), content };
}

/** `\x` and hexadecimal digits. */
function bytes(text: string | null): Buffer {
  return Buffer.from(text?.slice(2) ?? '', 'hex');
}

/** `2026-11-29T21:24:38.123456+00:00` as microseconds since 1970; another form, such as `infinity`, as it is. */
function microseconds(text: string | null): string | null {
  const [, time, fraction = '', zone = ''] =
    /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?(.*)$/.exec(text ?? '') ?? [];
  if (time === undefined) return text;
  const ms = Date.parse(`${time}${zone}`);
  return `${BigInt(ms) * 1000n + BigInt(fraction.padEnd(6, '0'))}`;
}
