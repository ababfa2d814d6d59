import type { Reference } from '../records/entity';

const ALIVE = [['deleted_at', 'is', null]] as const;
/** What is switched off stays where it was chosen, and is not offered. */
const ACTIVE = [['is_active', 'is', true]] as const;

export const toAccount: Reference = {
  table: 'accounts',
  label: ['name'],
  path: '/accounts',
  filters: ALIVE,
  create: 'sales',
};
export const toContact: Reference = {
  table: 'contacts',
  label: ['first_name', 'last_name'],
  path: '/contacts',
  filters: ALIVE,
  order: 'first_name',
  newest: true,
  create: 'sales',
};
export const toLead: Reference = {
  table: 'leads',
  label: ['first_name', 'last_name'],
  path: '/leads',
  newest: true,
};
export const toOpportunity: Reference = {
  table: 'opportunities',
  label: ['name'],
  path: '/opportunities',
  newest: true,
  create: 'sales',
};
export const toEvent: Reference = {
  table: 'events',
  label: ['title'],
  path: '/events',
  newest: true,
  filters: ALIVE,
  create: 'operations',
};
export const toQuote: Reference = {
  table: 'quotes',
  label: ['quote_number'],
  path: '/quotes',
  newest: true,
};
export const toEventType: Reference = {
  table: 'event_types',
  filters: ACTIVE,
  label: ['name'],
  create: 'operations',
};
export const toEventCategory: Reference = {
  table: 'event_categories',
  filters: ACTIVE,
  label: ['name'],
  create: 'operations',
};
export const toLocation: Reference = {
  table: 'locations',
  label: ['name', 'city'],
  create: 'sales',
};
export const toPaymentStatus: Reference = {
  table: 'payment_status_options',
  label: ['name'],
  order: 'display_order',
};
export const toBooth: Reference = {
  table: 'booths',
  filters: [['status', 'neq', 'retired']],
  label: ['name'],
  path: '/inventory/booths',
  create: 'operations',
};
export const toBoothType: Reference = {
  table: 'booth_types',
  filters: ACTIVE,
  label: ['name'],
  create: 'operations',
};
export const toEquipmentItem: Reference = {
  table: 'equipment_items',
  filters: [['status', 'in', ['available', 'maintenance']]],
  label: ['asset_tag', 'name'],
  path: '/inventory/equipment',
  create: 'operations',
};
export const toEquipmentType: Reference = {
  table: 'equipment_types',
  filters: ACTIVE,
  label: ['name'],
  create: 'operations',
};
/** Locales of documents: language, and format of dates and amounts. */
export const DOCUMENT_LOCALES = ['en-US', 'en-GB', 'de-DE', 'de-AT', 'de-CH'] as const;

export const toStaffRole: Reference = {
  table: 'staff_roles',
  filters: ACTIVE,
  label: ['name'],
  order: 'display_order',
  create: 'operations',
};
export const toDesignType: Reference = {
  table: 'design_item_types',
  filters: ACTIVE,
  label: ['name'],
  order: 'display_order',
  create: 'operations',
};
export const toDesignStatus: Reference = {
  table: 'design_statuses',
  label: ['name'],
  order: 'display_order',
  create: 'operations',
};
export const toDate: Reference = { table: 'event_dates', label: ['event_date', 'start_time'] };
export function toDateOf(eventId: string): Reference {
  return {
    ...toDate,
    filters: [
      ['event_id', 'eq', eventId],
      ['status', 'neq', 'cancelled'],
    ],
  };
}
