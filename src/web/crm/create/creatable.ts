import type { TableName } from '../../hooks/request/query';
import { accounts, contacts, leads, opportunities } from '../entities/clients';
import { events } from '../entities/events';
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
import { designStatuses, designTypes, eventCategories, eventTypes, staffRoles } from '../entities/setup';
import type { Entity } from '../records/entity';

const CREATABLE = [
  accounts,
  contacts,
  leads,
  opportunities,
  events,
  booths,
  boothTypes,
  equipmentItems,
  equipmentTypes,
  locations,
  packages,
  addOns,
  products,
  eventTypes,
  eventCategories,
  designTypes,
  designStatuses,
  staffRoles,
] as unknown as readonly Entity[];

/** The entity of a table whose records pickers create. @throws where a reference names a table without one */
export function creatable(table: TableName): Entity {
  const entity = CREATABLE.find((one) => one.table === table);
  if (!entity) throw new Error(`Pickers cannot create ${table}.`);
  return entity;
}
