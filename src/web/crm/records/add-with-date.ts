import type { Json } from '@/lib/tenant-data/types';
import { database, unwrap } from '../../hooks/request/database';
import type { Entity } from './entity';

/** What adds a record that may begin with an event date: both at once. Undefined for records that are one row. */
export function adderOf({ firstDate }: Entity) {
  if (!firstDate) return undefined;
  const { rpc, record, fields } = firstDate;
  return async (values: Record<string, unknown>): Promise<unknown> => {
    const ofDate = new Set(fields.map(({ name }) => name));
    const pick = (dates: boolean) =>
      Object.fromEntries(Object.entries(values).filter(([name]) => ofDate.has(name) === dates)) as Json;
    const date = values.event_date ? pick(true) : null;
    return unwrap(await database.rpc(rpc, { [record]: pick(false), first_date: date } as never));
  };
}
