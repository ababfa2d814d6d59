// Lists are read in the order of an index: without one the database sorts all of a company's rows for each page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as clients from '@/web/crm/entities/clients';
import * as events from '@/web/crm/entities/events';
import * as inventory from '@/web/crm/entities/inventory';
import * as money from '@/web/crm/entities/money';
import * as setup from '@/web/crm/entities/setup';
import * as work from '@/web/crm/entities/work';
import type { EntityOf } from '@/web/ui/entity';
import { createTenantDatabase } from '../../lib/tenant-data/tenant-database';

const { owner } = await createTenantDatabase();
type AnyEntity = Pick<EntityOf<'accounts'>, 'table' | 'order' | 'views'>;
const entities = [clients, events, inventory, money, setup, work].flatMap(
  (file) => Object.values(file) as unknown as AnyEntity[],
);
/** Shown under the row that they belong to only, a few at a time. */
const PARTS = ['contact_accounts', 'event_staff_assignments', 'booth_assignments', 'equipment_assignments'];

test('every list’s order has an index that begins with the tenant', async () => {
  const { rows } = await owner.query<{ sorted: string }>(
    `select i.indrelid::regclass || '.' || a.attname as sorted from pg_index i
     join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[1] where i.indpred is null`,
  );
  const indexed = new Set(rows.map(({ sorted }) => sorted));
  const lists = entities
    .filter(({ table }) => !PARTS.includes(table))
    .flatMap(({ table, order, views = [] }) =>
      [order, ...views.map((view) => view.order)].flatMap((one) =>
        one?.[0] ? [`${table}.${one[0][0]}`] : [],
      ),
    );
  assert.ok(lists.length > 30);
  assert.deepEqual(
    lists.filter((one) => !indexed.has(one)),
    [],
  );
});
