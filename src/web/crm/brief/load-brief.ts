import type { Database } from '@/lib/tenant-data/types';
import type { People } from '@/server/api/company/people';
import { read } from '../../hooks/records/functions';
import { database, unwrap } from '../../hooks/request/database';
import type { Row } from '../../hooks/request/query';
import { ask } from '../../hooks/session/session';
import type { Place } from '../events/Venue';

/** Snapshot of everything the crew needs at an event. */
export interface Brief {
  event: Pick<
    Row<'events'>,
    | 'id'
    | 'event_number'
    | 'title'
    | 'status'
    | 'guest_count'
    | 'dress_code'
    | 'load_in_notes'
    | 'notes'
    | 'onsite_contact_name'
    | 'onsite_contact_phone'
  >;
  dates: (Pick<
    Row<'event_dates'>,
    'id' | 'event_date' | 'setup_time' | 'start_time' | 'end_time' | 'notes'
  > & {
    place: Place | null;
  })[];
  crew: Shift[];
  booths: Booth[];
  /** Equipment that goes along beside the booths and their kits. */
  equipment: (Booth['kit'][number] & { id: string })[];
  /** What the client ordered. */
  order: Ordered[];
  steps: Step[];
  /** Time of the snapshot, ISO 8601. */
  readAt: string;
}

export type Ordered = Database['public']['Functions']['event_order']['Returns'][number];

export type Shift = Pick<
  Row<'event_staff_assignments'>,
  | 'id'
  | 'version'
  | 'user_id'
  | 'event_date_id'
  | 'status'
  | 'arrival_time'
  | 'hours_actual'
  | 'miles'
  | 'notes'
> & { name: string; role: { name: string } | null };

export type Step = Pick<
  Row<'event_core_task_completion'>,
  'id' | 'version' | 'name_snapshot' | 'is_completed' | 'required' | 'due_date' | 'notes'
>;

export interface Booth {
  id: string;
  event_date_id: string;
  status: string;
  booth: { name: string; type?: { name: string } | null } | null;
  kit: { quantity: number; item: { name: string; asset_tag: string } | null }[];
}

/** Loads a brief. @returns null if the event does not exist or the user may not see it. @throws Failure */
export async function loadBrief(eventId: string): Promise<Brief | null> {
  const [event, dates, crew, booths, equipment, order, steps, people] = await Promise.all([
    database
      .from('events')
      .select(
        'id,event_number,title,status,guest_count,dress_code,load_in_notes,notes,onsite_contact_name,onsite_contact_phone',
      )
      .eq('id', eventId)
      .maybeSingle(),
    database
      .from('event_dates')
      .select(
        'id,event_date,setup_time,start_time,end_time,notes,place:locations!event_dates_location_id_fkey(name,address,city,load_in_notes,contact_name,contact_phone)',
      )
      .eq('event_id', eventId)
      .neq('status', 'cancelled')
      .order('event_date')
      .order('start_time'),
    database
      .from('event_staff_assignments')
      .select(
        'id,version,user_id,event_date_id,status,arrival_time,hours_actual,miles,notes,role:staff_roles!event_staff_assignments_staff_role_id_fkey(name)',
      )
      .eq('event_id', eventId)
      .in('status', ['invited', 'accepted', 'confirmed']),
    database
      .from('booth_assignments')
      .select(
        'id,event_date_id,status,booth:booths!booth_assignments_booth_id_fkey(name,type:booth_types!booths_booth_type_id_fkey(name)),kit:equipment_assignments!equipment_assignments_booth_assignment_id_fkey(quantity,item:equipment_items!equipment_assignments_equipment_item_id_fkey(name,asset_tag))',
      )
      .eq('event_id', eventId)
      .in('status', ['reserved', 'checked_out', 'returned']),
    database
      .from('equipment_assignments')
      .select('id,quantity,item:equipment_items!equipment_assignments_equipment_item_id_fkey(name,asset_tag)')
      .eq('event_id', eventId)
      .is('booth_assignment_id', null)
      .in('status', ['reserved', 'checked_out', 'returned']),
    read('event_order', { for_event: eventId }),
    database
      .from('event_core_task_completion')
      .select('id,version,name_snapshot,is_completed,required,due_date,notes')
      .eq('event_id', eventId)
      .order('display_order'),
    // Optional: a brief also works without colleagues' names.
    ask<People>('/api/people').catch((): People => ({ people: [], support: [] })),
  ]);
  const found = unwrap(event) as Brief['event'] | null;
  if (!found) return null;
  const names = new Map(people.people.map(({ id, displayName }) => [id, displayName]));
  return {
    event: found,
    dates: unwrap(dates) as unknown as Brief['dates'],
    crew: (unwrap(crew) as unknown as Shift[]).map((shift) => ({
      ...shift,
      name: names.get(shift.user_id) ?? '',
    })),
    booths: unwrap(booths) as unknown as Booth[],
    equipment: unwrap(equipment) as unknown as Brief['equipment'],
    order: unwrap(order) as Ordered[],
    steps: unwrap(steps) as unknown as Step[],
    readAt: new Date().toISOString(),
  };
}
