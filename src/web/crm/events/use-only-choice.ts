import { useRecords } from '../../hooks/records/records';
import type { Reference } from '../records/entity';

/** The id of the only row that a reference may point to; undefined where there are several, or none. */
export function useOnlyChoice({ table, filters = [] }: Reference): string | undefined {
  const { data } = useRecords<typeof table, { id: string }>(table, {
    select: 'id',
    filters: [...filters],
    limit: 2,
  });
  return data?.length === 1 ? data[0]?.id : undefined;
}
