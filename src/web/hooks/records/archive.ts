import { useInfiniteQuery } from '@tanstack/react-query';
import { database, unwrap } from '../request/database';
import type { TableName } from '../request/query';
import { useRpc } from './changes';

/** Tables whose records can be restored after they were deleted; the database's list (`tenancy.archived_kinds`). */
const RESTORABLE: ReadonlySet<string> = new Set<TableName>([
  'accounts',
  'contacts',
  'leads',
  'opportunities',
  'events',
  'quotes',
  'invoices',
  'contracts',
  'tasks',
  'locations',
  'booths',
  'equipment_items',
  'packages',
  'add_ons',
  'products',
  'templates',
]);

export const isRestorable = (table: string) => RESTORABLE.has(table);

/** What became of a record that was to be deleted. */
export interface Deleted {
  id: string;
  /** The record's id in the trash. */
  archived?: string;
  /** Others need it: it is hidden, and can be restored by its own id. */
  hidden?: boolean;
  /** Why it stays. */
  refused?: string;
  /** The table whose rows need it. */
  used_by?: string | null;
}

export interface Restored {
  kind: string;
  record_id: string;
  title: string;
  /** What could not be restored, in words. */
  left: string[];
}

export interface Archived {
  id: string;
  reason: 'deleted' | 'hidden' | 'merged';
  kind: string;
  record_id: string;
  title: string;
  archived_at: string;
  archived_by: string | null;
  expires_at: string;
  /** Rows that went with it, by table. */
  parts: Record<string, number>;
}

const PAGE = 50;

/** What was deleted or merged in the last 30 days, newest first. */
export function useArchive({ kind, query }: { kind: string | null; query: string }) {
  return useInfiniteQuery({
    queryKey: ['records', 'answer', 'archived_records', kind, query],
    initialPageParam: undefined as Archived | undefined,
    queryFn: async ({ pageParam }) => {
      const asked = {
        most: PAGE,
        ...(kind ? { of_kind: kind } : {}),
        ...(query ? { query } : {}),
        ...(pageParam ? { before: pageParam.archived_at, before_id: pageParam.id } : {}),
      };
      return unwrap(await database.rpc('archived_records', asked)) as unknown as Archived[];
    },
    getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)),
  });
}

export const useRestore = () => useRpc('restore_archived');
