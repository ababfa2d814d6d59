import { useMemo } from 'react';
import { useAnswer } from '../../hooks/records/functions';
import { useRecord, useRecords } from '../../hooks/records/records';
import type { Filter, Row } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { useSignedIn } from '../../hooks/session/session';
import type { RecordOf } from '../records/entity';
import type { Place } from './Venue';

type GlanceDate = Pick<Row<'event_dates'>, 'id' | 'event_date' | 'setup_time' | 'start_time' | 'end_time'> & {
  place: (Place & { id: string }) | null;
};

type GlanceBooth = Pick<Row<'booth_assignments'>, 'id' | 'status' | 'overbooked'> & {
  booth: { id: string; name: string; type: { name: string } | null } | null;
};

type GlanceShift = Pick<Row<'event_staff_assignments'>, 'id' | 'user_id' | 'status' | 'arrival_time'> & {
  role: { name: string } | null;
};

type Person = Pick<Row<'contacts'>, 'id' | 'first_name' | 'last_name' | 'phone' | 'email'>;

const DATES =
  'id,event_date,setup_time,start_time,end_time,place:locations!event_dates_location_id_fkey(id,name,address,city,load_in_notes,contact_name,contact_phone)';
const BOOTHS =
  'id,status,overbooked,booth:booths!booth_assignments_booth_id_fkey(id,name,type:booth_types!booths_booth_type_id_fkey(name))';
const SHIFTS =
  'id,user_id,status,arrival_time,role:staff_roles!event_staff_assignments_staff_role_id_fkey(name)';

/** All that the first screen of an event shows, each part undefined until it has loaded. */
export function useGlance(event: RecordOf<'events'>) {
  const may = useMay();
  const { user } = useSignedIn();
  const ofEvent = useMemo((): Filter[] => [['event_id', 'eq', event.id]], [event.id]);
  const dates = useRecords<'event_dates', GlanceDate>('event_dates', {
    select: DATES,
    filters: [...ofEvent, ['status', 'in', ['scheduled', 'completed']]],
    order: [
      ['event_date', 'asc'],
      ['start_time', 'asc'],
    ],
  });
  const booths = useRecords<'booth_assignments', GlanceBooth>('booth_assignments', {
    select: BOOTHS,
    filters: [...ofEvent, ['status', 'in', ['hold', 'reserved', 'checked_out', 'returned']]],
    order: [['created_at', 'asc']],
  });
  const shifts = useRecords<'event_staff_assignments', GlanceShift>('event_staff_assignments', {
    select: SHIFTS,
    filters: [...ofEvent, ['status', 'in', ['invited', 'accepted', 'confirmed']]],
    order: [['created_at', 'asc']],
  });
  const order = useAnswer('event_order', { for_event: event.id });
  const invoices = useRecords(
    'invoices',
    {
      filters: [...ofEvent, ['status', 'in', ['draft', 'sent', 'partially_paid', 'paid']]],
      order: [['next_due_date', 'asc']],
    },
    { enabled: may('prices') },
  );
  // The crew sees no clients, only the contact on site.
  const seesClients = user.role !== 'staff';
  const contactOf = (id: string | null) => (seesClients ? (id ?? undefined) : undefined);
  const client = useRecord<'contacts', Person>('contacts', contactOf(event.primary_contact_id));
  const planner = useRecord<'contacts', Person>('contacts', contactOf(event.planner_contact_id));
  const account = useRecord('accounts', contactOf(event.account_id));
  return {
    dates: dates.data,
    booths: booths.data,
    shifts: shifts.data,
    order: order.data,
    invoices: invoices.data,
    client: client.data,
    planner: planner.data,
    account: account.data,
  };
}

export type Glance = ReturnType<typeof useGlance>;
