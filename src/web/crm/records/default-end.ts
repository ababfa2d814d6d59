import { clockAfter } from '../../hooks/dates/days';
import { useRecord } from '../../hooks/records/records';
import type { Entity } from './entity';

/**
 * The end of a new record's first date: its start and the usual length of the chosen event type. Empty where neither is known, or
 * the form asks for no date.
 *
 * @param values what the form has so far
 */
export function useDefaultEnd({ firstDate }: Entity, values: Record<string, unknown>): { end_time?: string } {
  const type = typeof values.event_type_id === 'string' ? values.event_type_id : undefined;
  const { data } = useRecord('event_types', firstDate && type, 'default_duration_minutes');
  const start = values.start_time ?? firstDate?.fields.find(({ name }) => name === 'start_time')?.initial;
  if (!data?.default_duration_minutes || typeof start !== 'string') return {};
  return { end_time: clockAfter(start, data.default_duration_minutes) };
}
