import type { TableName } from '../../hooks/request/query';
import type { Entity, Field } from '../records/entity';
import * as clients from './clients';
import * as events from './events';
import * as inventory from './inventory';
import * as money from './money';
import * as setup from './setup';
import * as work from './work';

const ENTITIES = [clients, events, inventory, money, setup, work]
  .flatMap((exported): unknown[] => Object.values(exported))
  .filter(
    (one): one is Entity => typeof one === 'object' && one !== null && 'table' in one && 'fields' in one,
  );

/** How a column is shown; undefined for what no form or list has. */
export function fieldOf(table: TableName, column: string): Field | undefined {
  return ENTITIES.filter((one) => one.table === table)
    .flatMap(({ fields }) => fields)
    .find(({ name }) => name === column);
}
