import { useRecords } from '../../../hooks/records/records';
import { type AnyRow, labelOf, type Reference } from '../entity';

/** The name of a row of another table, read by its id. Its id's beginning where the row is gone or has no name. */
export function ReferenceName({ reference, id }: { reference: Reference; id: string }) {
  const { data } = useReferenced(reference, id);
  if (!data) return null;
  return labelOf(data[0], reference) || id.slice(0, 8);
}

/** The row that a reference points to. */
export function useReferenced(reference: Reference, id: string | null) {
  return useRecords<typeof reference.table, AnyRow>(
    reference.table,
    { select: referenceSelect(reference), filters: [['id', 'eq', id ?? '']] },
    { enabled: Boolean(id) },
  );
}

/** The columns that name a row. */
export function referenceSelect({ label }: Reference): string {
  return `id,version,${label.join(',')}`;
}
