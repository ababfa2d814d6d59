import { CalendarClock, CalendarDays, Package, Palette, Truck, UsersRound, Warehouse } from 'lucide-react';
import { type EntityOf, type FieldOf, ME, type Reference } from '../records/entity';
import {
  toAccount,
  toBooth,
  toContact,
  toDate,
  toDateOf,
  toDesignStatus,
  toDesignType,
  toEquipmentItem,
  toEvent,
  toEventCategory,
  toEventType,
  toLocation,
  toOpportunity,
  toPaymentStatus,
  toStaffRole,
} from './references';

const EVENT_STATUSES = ['tentative', 'confirmed', 'in_progress', 'completed', 'cancelled', 'postponed'];
const BOOKING_STATUSES = ['hold', 'reserved', 'checked_out', 'returned', 'cancelled'];

/** What stands there of a postponed event is its former date. */
const hasDate = ({ status }: { status?: unknown }) => status !== 'postponed';

export const events: EntityOf<'events'> = {
  table: 'events',
  path: '/events',
  hasPage: true,
  icon: CalendarDays,
  title: (row) => row.title,
  titleField: 'title',
  search: ['title', 'event_number'],
  order: [['start_date', 'asc']],
  sorted: { by: ['start_date', 'event_number'], sometimes: ['start_date'] },
  filters: [['deleted_at', 'is', null]],
  mayWrite: 'operations',
  select: 'priority',
  firstDate: {
    rpc: 'add_event',
    record: 'event',
    fields: [
      { name: 'event_date', kind: 'date', required: true },
      { name: 'start_time', kind: 'time', required: true, initial: '18:00' },
      { name: 'end_time', kind: 'time', required: true, initial: '22:00' },
      { name: 'setup_time', kind: 'time' },
    ],
  },
  views: [
    {
      key: 'upcoming',
      filters: ({ today }) => [
        ['start_date', 'gte', today],
        ['status', 'in', ['tentative', 'confirmed', 'in_progress', 'postponed']],
      ],
    },
    { key: 'tentative', filters: () => [['status', 'eq', 'tentative']] },
    { key: 'postponed', filters: () => [['status', 'eq', 'postponed']] },
    {
      key: 'past',
      filters: ({ today }) => [['start_date', 'lt', today]],
      order: [['start_date', 'desc']],
    },
    { key: 'all', filters: () => [], order: [['start_date', 'desc']] },
  ],
  fields: [
    { name: 'title', kind: 'text', required: true, width: 280, wide: true },
    { name: 'start_date', kind: 'date', readOnly: true, width: 120, when: hasDate },
    {
      name: 'status',
      more: true,
      kind: 'choice',
      choices: EVENT_STATUSES,
      required: true,
      initial: 'tentative',
      width: 120,
      bulk: true,
    },
    {
      name: 'account_id',
      kind: 'reference',
      reference: toAccount,
      required: true,
      section: 'people',
      width: 180,
    },
    { name: 'event_type_id', kind: 'reference', reference: toEventType, width: 150 },
    { name: 'event_category_id', more: true, kind: 'reference', reference: toEventCategory, list: 'hidden' },
    { name: 'guest_count', more: true, kind: 'number', width: 90 },
    { name: 'payment_status_id', kind: 'reference', reference: toPaymentStatus, readOnly: true, width: 120 },
    { name: 'opportunity_id', kind: 'reference', reference: toOpportunity, readOnly: true, list: 'hidden' },
    { name: 'event_number', kind: 'text', readOnly: true, width: 100, list: 'hidden' },
    { name: 'end_date', kind: 'date', readOnly: true, list: 'hidden', when: hasDate },
    {
      name: 'primary_contact_id',
      kind: 'reference',
      reference: toContact,
      section: 'people',
      list: 'hidden',
    },
    {
      name: 'planner_contact_id',
      more: true,
      kind: 'reference',
      reference: toContact,
      section: 'people',
      list: 'hidden',
    },
    {
      name: 'owner_id',
      more: true,
      kind: 'person',
      initial: ME,
      section: 'people',
      list: 'hidden',
      bulk: true,
    },
    { name: 'location_id', kind: 'reference', reference: toLocation, section: 'onsite', list: 'hidden' },
    { name: 'onsite_contact_name', more: true, kind: 'text', section: 'onsite', list: 'hidden' },
    { name: 'onsite_contact_phone', more: true, kind: 'phone', section: 'onsite', list: 'hidden' },
    { name: 'onsite_contact_email', more: true, kind: 'email', section: 'onsite', list: 'hidden' },
    { name: 'dress_code', more: true, kind: 'text', section: 'onsite', list: 'hidden' },
    { name: 'load_in_notes', more: true, kind: 'multiline', section: 'onsite' },
    { name: 'message', kind: 'multiline', section: 'more', more: true, help: 'lead_message' },
    { name: 'notes', more: true, kind: 'multiline', section: 'more' },
    {
      name: 'cancel_reason',
      kind: 'text',
      when: ({ status }) => status === 'cancelled' || status === 'postponed',
      section: 'more',
      list: 'hidden',
    },
  ],
};

/** Dates of an event, or of an opportunity that has not become one. */
export const eventDates: EntityOf<'event_dates'> = {
  table: 'event_dates',
  path: '/events',
  icon: CalendarClock,
  title: (row) => row.event_date,
  titleField: 'event_date',
  search: [],
  order: [
    ['event_date', 'asc'],
    ['start_time', 'asc'],
  ],
  mayWrite: 'sales',
  fields: [
    { name: 'event_date', kind: 'date', required: true },
    { name: 'setup_time', kind: 'time', initial: null },
    { name: 'start_time', kind: 'time', required: true, initial: '18:00' },
    { name: 'end_time', kind: 'time', required: true, initial: '22:00' },
    { name: 'teardown_minutes', more: true, kind: 'number', initial: 45, list: 'hidden' },
    { name: 'timezone', more: true, kind: 'zone', list: 'hidden' },
    { name: 'location_id', kind: 'reference', reference: toLocation },
    {
      name: 'status',
      more: true,
      kind: 'choice',
      choices: ['scheduled', 'completed', 'cancelled'],
      required: true,
      initial: 'scheduled',
    },
    { name: 'notes', more: true, kind: 'multiline' },
  ],
};

export const crewAssignments: EntityOf<'event_staff_assignments'> = {
  table: 'event_staff_assignments',
  leaf: true,
  path: '/crew',
  icon: UsersRound,
  title: (row) => row.status,
  titleField: 'user_id',
  search: [],
  order: [['created_at', 'asc']],
  mayWrite: 'operations',
  fields: [
    { name: 'user_id', kind: 'person', required: true },
    { name: 'staff_role_id', kind: 'reference', reference: toStaffRole, required: true },
    {
      name: 'status',
      more: true,
      kind: 'choice',
      choices: ['invited', 'accepted', 'declined', 'confirmed', 'no_show', 'cancelled'],
      required: true,
      initial: 'invited',
    },
    { name: 'arrival_time', kind: 'time' },
    { name: 'end_time', kind: 'time' },
    {
      name: 'pay_type',
      more: true,
      kind: 'choice',
      choices: ['hourly', 'flat'],
      required: true,
      initial: 'hourly',
      list: 'hidden',
    },
    { name: 'hours_actual', more: true, kind: 'number', list: 'hidden' },
    { name: 'miles', more: true, kind: 'number', list: 'hidden' },
    { name: 'notes', more: true, kind: 'multiline' },
  ],
};

export const boothAssignments: EntityOf<'booth_assignments'> = {
  table: 'booth_assignments',
  path: '/inventory',
  icon: Warehouse,
  title: (row) => row.status,
  titleField: 'booth_id',
  search: [],
  order: [['created_at', 'asc']],
  mayWrite: 'sales',
  fields: [
    { name: 'booth_id', kind: 'reference', reference: toBooth, required: true },
    { name: 'status', kind: 'choice', choices: BOOKING_STATUSES, required: true, initial: 'reserved' },
    { name: 'checked_out_at', kind: 'timestamp', readOnly: true },
    { name: 'checked_in_at', kind: 'timestamp', readOnly: true, list: 'hidden' },
    { name: 'notes', kind: 'multiline' },
  ],
};

export const equipmentAssignments: EntityOf<'equipment_assignments'> = {
  table: 'equipment_assignments',
  leaf: true,
  path: '/inventory',
  icon: Package,
  title: (row) => row.status,
  titleField: 'equipment_item_id',
  search: [],
  order: [['created_at', 'asc']],
  mayWrite: 'sales',
  fields: [
    { name: 'equipment_item_id', kind: 'reference', reference: toEquipmentItem, required: true },
    { name: 'quantity', kind: 'number', required: true, initial: 1 },
    {
      name: 'status',
      more: true,
      kind: 'choice',
      choices: BOOKING_STATUSES,
      required: true,
      initial: 'reserved',
    },
    { name: 'notes', more: true, kind: 'multiline' },
  ],
};

const ofEvent = { name: 'event_id', kind: 'reference', reference: toEvent, readOnly: true } as const;
const onDate = { name: 'event_date_id', kind: 'reference', reference: toDate, readOnly: true } as const;
const cameBack = { name: 'condition', kind: 'choice', readOnly: true } as const;

/** Bookings as shown on the page of a booth or item: the event, and the condition at return. */
export const boothBookings: typeof boothAssignments = {
  ...boothAssignments,
  fields: [ofEvent, onDate, ...boothAssignments.fields, cameBack],
};
export const equipmentBookings: typeof equipmentAssignments = {
  ...equipmentAssignments,
  fields: [ofEvent, onDate, ...equipmentAssignments.fields, cameBack],
};

/** An entity whose rows belong to one date of an event. Its form asks for the date. */
export function onDateOf<
  Name extends 'event_staff_assignments' | 'booth_assignments' | 'equipment_assignments',
>(entity: EntityOf<Name>, eventId: string): EntityOf<Name> {
  const reference: Reference = toDateOf(eventId);
  const date = { name: 'event_date_id', kind: 'reference', reference, required: true } as const;
  return { ...entity, fields: [date as FieldOf<Name>, ...entity.fields] };
}

export const designItems: EntityOf<'event_design_items'> = {
  table: 'event_design_items',
  leaf: true,
  path: '/events',
  icon: Palette,
  title: (row) => row.name,
  titleField: 'name',
  search: ['name'],
  order: [['due_date', 'asc']],
  mayWrite: 'operations',
  fields: [
    { name: 'name', kind: 'text', required: true, wide: true },
    { name: 'design_item_type_id', kind: 'reference', reference: toDesignType, required: true },
    { name: 'design_status_id', kind: 'reference', reference: toDesignStatus },
    { name: 'due_date', kind: 'date' },
    { name: 'designer_id', more: true, kind: 'person' },
    { name: 'quantity', more: true, kind: 'number', initial: 1, required: true, list: 'hidden' },
    { name: 'client_notes', more: true, kind: 'multiline' },
    { name: 'internal_notes', more: true, kind: 'multiline' },
  ],
  clientFiles: { entityType: 'event_design_item', title: 'proofs' },
};

export const customItems: EntityOf<'event_custom_items'> = {
  table: 'event_custom_items',
  leaf: true,
  path: '/events',
  icon: Truck,
  title: (row) => row.name,
  titleField: 'name',
  search: ['name'],
  order: [['due_date', 'asc']],
  mayWrite: 'operations',
  fields: [
    { name: 'name', kind: 'text', required: true },
    {
      name: 'item_type',
      kind: 'choice',
      choices: ['backdrop', 'wrap', 'signage', 'props', 'other'],
      required: true,
      initial: 'other',
    },
    {
      name: 'status',
      more: true,
      kind: 'choice',
      choices: ['not_ordered', 'ordered', 'in_production', 'shipped', 'received'],
      required: true,
      initial: 'not_ordered',
    },
    { name: 'vendor_name', kind: 'text' },
    { name: 'due_date', kind: 'date' },
    { name: 'order_number', more: true, kind: 'text', list: 'hidden' },
    { name: 'tracking_number', more: true, kind: 'text', list: 'hidden' },
    { name: 'notes', more: true, kind: 'multiline' },
  ],
};
