import type { TableName } from '../request/query';

/** A local change that has not been sent to the server. */
export type Edit = (RowEdit | CallEdit) & {
  /** Identifies what is changed. A later change with the same key is merged into this one. */
  key: string;
  owner: string;
  /** The record that it belongs to, such as `quotes:ID`: its actions wait for the edit. */
  group: string;
  /** Display name of what is changed. */
  label: string;
  /** Time of the change, ms since the epoch. */
  at: number;
  /** Why the server refused the change. It is not sent again until the user decides. */
  problem?: { kind: 'conflict'; theirs: Record<string, unknown> } | { kind: 'refused'; message: string };
};

interface RowEdit {
  kind: 'row';
  table: TableName;
  id: string;
  /** The record version that the change is based on. */
  version: number;
  changes: Record<string, unknown>;
  /** Values of the changed columns before the change. */
  base?: Record<string, unknown>;
}

export type CallName = 'check_out_booth' | 'check_in_booth' | 'check_out_equipment' | 'check_in_equipment';

interface CallEdit {
  kind: 'call';
  name: CallName;
  /** Id of the assignment. */
  id: string;
  parameters: Record<string, unknown>;
}

/** An edit before it is queued. */
export type NewEdit = Edit extends infer One
  ? One extends Edit
    ? Omit<One, 'owner' | 'at' | 'problem'>
    : never
  : never;

/** What a call does to its row. */
export const AFTER = {
  check_out_booth: { table: 'booth_assignments', status: 'checked_out' },
  check_in_booth: { table: 'booth_assignments', status: 'returned' },
  check_out_equipment: { table: 'equipment_assignments', status: 'checked_out' },
  check_in_equipment: { table: 'equipment_assignments', status: 'returned' },
} as const satisfies Record<CallName, { table: TableName; status: string }>;

/** What is checked in before its event stays reserved for it, or is released where its date is canceled. */
const CHECKED_IN: readonly (string | undefined)[] = ['returned', 'reserved', 'cancelled'];

/** Whether a row with this status shows that a call was done: an earlier response was lost, or a colleague did the same first. */
export function isDone(name: CallName, status: string | undefined): boolean {
  const after = AFTER[name].status;
  return after === 'returned' ? CHECKED_IN.includes(status) : status === after;
}

/** Rows of a table as they will be once the queue has been sent. The same object if no edit concerns them. */
export function withEdits<Data>(table: TableName, data: Data, edits: readonly Edit[]): Data {
  const changes = new Map<string, Record<string, unknown>>();
  for (const edit of edits) {
    if (edit.kind === 'row' && edit.table === table) changes.set(edit.id, edit.changes);
    if (edit.kind === 'call' && AFTER[edit.name].table === table && !edit.problem)
      changes.set(edit.id, { status: AFTER[edit.name].status });
  }
  if (changes.size === 0) return data;
  const changed = (row: unknown): unknown => {
    if (typeof row !== 'object' || row === null || !('id' in row)) return row;
    const own = changes.get(String(row.id));
    return own ? { ...row, ...own } : row;
  };
  return (Array.isArray(data) ? data.map(changed) : changed(data)) as Data;
}

/** Whether two values are equal. Numerics come back as text with all their decimals. */
export function isSame(theirs: unknown, mine: unknown): boolean {
  if (theirs === mine) return true;
  if (theirs === null || mine === null || theirs === '' || mine === '') return false;
  return Number(theirs) === Number(mine);
}

/**
 * What becomes of a row edit whose version is out of date: `done` where the server has its values already, `retry` where only other
 * columns have changed, `conflict` where the user must choose.
 */
export function outcomeOf(
  { changes, base }: Pick<RowEdit, 'changes' | 'base'>,
  theirs: Record<string, unknown>,
): 'done' | 'retry' | 'conflict' {
  const columns = Object.keys(changes).filter((column) => !isSame(theirs[column], changes[column]));
  if (columns.length === 0) return 'done';
  return base && columns.every((column) => column in base && isSame(theirs[column], base[column]))
    ? 'retry'
    : 'conflict';
}
