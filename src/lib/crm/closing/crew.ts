import type { TenantClient } from '@/lib/data-sources';
import { GenericRepository } from '@/lib/repositories';
import { shiftDate } from '../dates';

export type Invitation = {
  user_id: string;
  staff_role_id: string;
};

/** Days around an event whose shifts count as a person's load. */
const LOAD_DAYS = 14;
const ALL = 1000;

/**
 * Chooses whom to invite to a deal's dates: as many people as its booths need on the busiest date. Leaves out those who
 * are away or booked on those days; those with the least load come first. Empty where there is no crew or no role for it.
 *
 * @param client of the whole tenant
 * @param userIds the tenant's users who may work at events
 */
export async function chooseCrew(
  client: TenantClient,
  opportunityId: string,
  userIds: string[],
): Promise<Invitation[]> {
  const [role, { rows: dates }] = await Promise.all([
    new GenericRepository(client, 'staff_roles').findOne({ type: 'event_staff', is_active: true }, [
      { column: 'display_order' },
    ]),
    new GenericRepository(client, 'event_dates').list({
      filter: { opportunity_id: opportunityId, status: { neq: 'cancelled' } },
      sort: [{ column: 'event_date' }],
      limit: ALL,
    }),
  ]);
  const [first, last] = [dates.at(0), dates.at(-1)];
  if (!role || !first || !last || userIds.length === 0) return [];
  const [needed, busy, away] = await Promise.all([
    crewNeeded(
      client,
      dates.map(({ id }) => id),
    ),
    assignmentsNear(client, shiftDate(first.event_date, -LOAD_DAYS), shiftDate(last.event_date, LOAD_DAYS)),
    daysOff(client, first.event_date, last.event_date),
  ]);
  const days = new Set(dates.map(({ event_date }) => event_date));
  const load = new Map(userIds.map((id) => [id, 0]));
  for (const { user_id, status, day } of busy) {
    const count = load.get(user_id);
    if (count === undefined) continue;
    if (days.has(day) && status !== 'invited') load.delete(user_id);
    else load.set(user_id, count + 1);
  }
  for (const { user_id, first_day, last_day } of away) {
    if (dates.some(({ event_date }) => event_date >= first_day && event_date <= last_day))
      load.delete(user_id);
  }
  return [...load]
    .sort(([a, loadOfA], [b, loadOfB]) => loadOfA - loadOfB || a.localeCompare(b))
    .slice(0, needed)
    .map(([user_id]) => ({ user_id, staff_role_id: role.id }));
}

async function crewNeeded(client: TenantClient, dateIds: string[]): Promise<number> {
  const { data } = await client
    .from('booth_assignments')
    .select('event_date_id,booths(booth_types(crew_needed))')
    .in('event_date_id', dateIds)
    .in('status', ['hold', 'reserved'])
    .throwOnError();
  const perDate = new Map<string, number>();
  for (const row of data) {
    const crew = row.booths?.booth_types?.crew_needed ?? 1;
    perDate.set(row.event_date_id, (perDate.get(row.event_date_id) ?? 0) + crew);
  }
  return Math.max(1, ...perDate.values());
}

async function assignmentsNear(client: TenantClient, from: string, to: string) {
  const { data } = await client
    .from('event_staff_assignments')
    .select('user_id,status,event_dates!inner(event_date)')
    .in('status', ['invited', 'accepted', 'confirmed'])
    .gte('event_dates.event_date', from)
    .lte('event_dates.event_date', to)
    .limit(ALL * 10)
    .throwOnError();
  return data.map(({ user_id, status, event_dates }) => ({ user_id, status, day: event_dates.event_date }));
}

async function daysOff(client: TenantClient, from_day: string, to_day: string) {
  const { data } = await client.rpc('time_off', { from_day, to_day }).throwOnError();
  return data;
}
