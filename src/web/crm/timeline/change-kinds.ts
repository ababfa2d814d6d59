import { accounts, contactAccounts, contacts, leads, opportunities } from '../entities/clients';
import {
  boothAssignments,
  crewAssignments,
  customItems,
  designItems,
  equipmentAssignments,
  eventDates,
  events,
} from '../entities/events';
import {
  addOns,
  booths,
  boothTypes,
  equipmentItems,
  equipmentTypes,
  locations,
  packages,
  products,
} from '../entities/inventory';
import { contracts, invoices, quotes } from '../entities/money';
import {
  checklistTemplates,
  designStatuses,
  designTypes,
  eventCategories,
  eventTypes,
  paymentStatuses,
  staffRoles,
} from '../entities/setup';
import { tasks, templates } from '../entities/work';
import type { Entity, FieldKind } from '../records/entity';

/** The records with a history: `tenancy.kinds_with_history` in the database. */
const RECORDS = [
  accounts,
  addOns,
  booths,
  boothTypes,
  checklistTemplates,
  contacts,
  contracts,
  designStatuses,
  designTypes,
  equipmentItems,
  equipmentTypes,
  eventCategories,
  events,
  eventTypes,
  invoices,
  leads,
  locations,
  opportunities,
  packages,
  paymentStatuses,
  products,
  quotes,
  staffRoles,
  tasks,
  templates,
] as unknown as Entity[];

/** What belongs to them, and is described in their history. */
const PARTS = [
  boothAssignments,
  contactAccounts,
  crewAssignments,
  customItems,
  designItems,
  equipmentAssignments,
  eventDates,
] as unknown as Entity[];

const ENTITIES = new Map([...RECORDS, ...PARTS].map((entity) => [entity.table as string, entity]));

export const hasHistory = (table: string): boolean => RECORDS.some((entity) => entity.table === table);

/** Kinds of columns that are in no form. */
const KINDS: Record<string, FieldKind> = {
  amount: 'money',
  credited: 'money',
  fee: 'money',
  paid: 'money',
  total: 'money',
  rate_snapshot: 'money',
  mileage_rate: 'money',
  cost: 'money',
  unit_price: 'money',
  purchase_price: 'money',
  birthday: 'date',
  discount_approved_by: 'person',
  method: 'choice',
  kind: 'choice',
  item_type: 'choice',
  deposit_type: 'choice',
  discount_type: 'choice',
  user_id: 'person',
  owner_id: 'person',
  designer_id: 'person',
};

/** How a column's values are shown. */
export const kindOf = (table: string, column: string): FieldKind =>
  (table === 'user_pay_rate_history' && column === 'rate' ? 'money' : undefined) ??
  (table === 'time_off' && column === 'reason' ? 'choice' : undefined) ??
  (table === 'users' && column === 'status' ? 'choice' : undefined) ??
  (/_day$/.test(column) ? 'date' : undefined) ??
  KINDS[column] ??
  ENTITIES.get(table)?.fields.find(({ name }) => name === column)?.kind ??
  (/_at$/.test(column) ? 'timestamp' : /_date$/.test(column) ? 'date' : 'text');
