import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { Database } from '@/lib/tenant-data/types';
import { read } from '../records/functions';
import { unwrap } from '../request/database';

type Functions = Database['public']['Functions'];
export type DayState = Functions['day_states']['Returns'][number];
export type DealDay = Functions['deal_days']['Returns'][number];

/** Keys of one request, so that its address stays short. */
const KEYS_AT_ONCE = 100;

/** Whether a booth is free on a day of which no hours are known. @param day `YYYY-MM-DD` */
export function useDayState(day: string | null): UseQueryResult<DayState | null> {
  return useQuery({
    queryKey: ['records', 'answer', 'day_states', day],
    queryFn: async () => (await dayStates(day ?? '')).at(0) ?? null,
    enabled: day !== null,
  });
}

/** The dates of a deal, each with whether it is free, on hold, taken, or reserved for the deal itself. */
export function useDealDays(opportunityId: string | null): UseQueryResult<DealDay[]> {
  return useQuery({
    queryKey: ['records', 'answer', 'deal_days', opportunityId],
    queryFn: () => dealDays(opportunityId ?? ''),
    enabled: opportunityId !== null,
  });
}

const dayStates = inBatches(
  async (days) => unwrap(await read('day_states', { days })) as unknown as DayState[],
  ({ day }) => day,
);
const dealDays = inBatches(
  async (ids) => unwrap(await read('deal_days', { opportunity_ids: ids })) as unknown as DealDay[],
  ({ opportunity_id }) => opportunity_id,
);

/** Joins the questions of a list's rows: those that are asked before the next timer become one request. */
function inBatches<Row>(load: (keys: string[]) => Promise<Row[]>, keyOf: (row: Row) => string) {
  let next: { keys: Set<string>; answer: Promise<Row[]> } | undefined;
  return async (key: string): Promise<Row[]> => {
    if (!next || next.keys.size >= KEYS_AT_ONCE) {
      const keys = new Set<string>();
      const due = new Promise((resolve) => setTimeout(resolve));
      const batch = {
        keys,
        answer: due.then(() => {
          if (next === batch) next = undefined;
          return load([...keys]);
        }),
      };
      next = batch;
    }
    next.keys.add(key);
    return (await next.answer).filter((row) => keyOf(row) === key);
  };
}
