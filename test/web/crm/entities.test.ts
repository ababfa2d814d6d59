// Lists are read in the order of an index: without one the database sorts all of a company's rows for each page.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as clients from '@/web/crm/entities/clients';
import * as events from '@/web/crm/entities/events';
import * as inventory from '@/web/crm/entities/inventory';
import * as money from '@/web/crm/entities/money';
import * as references from '@/web/crm/entities/references';
import * as setup from '@/web/crm/entities/setup';
import * as work from '@/web/crm/entities/work';
import type { EntityOf, Reference } from '@/web/crm/records/entity';
import { offeredBy, orderedBy, sortedBy } from '@/web/crm/records/list-order';
import { SYSTEM_COLUMNS } from '@/web/crm/records/system-columns';
import { partsOf } from '@/web/hooks/records/paging';
import type { Order, Reading } from '@/web/hooks/request/query';
import { createTenantDatabase } from '../../lib/tenant-data/tenant-database';

const { owner } = await createTenantDatabase();
type AnyEntity = Pick<
  EntityOf<'accounts'>,
  'table' | 'order' | 'views' | 'leaf' | 'filters' | 'sorted' | 'path'
>;
const entities = [clients, events, inventory, money, setup, work].flatMap(
  (file) => Object.values(file) as unknown as AnyEntity[],
);
const USER = '00000000-0000-4000-8000-00000000cafe';
const SIGNS: Record<string, string> = { eq: '=', neq: '<>', gt: '>', gte: '>=', lt: '<', lte: '<=' };
/** Values of columns that are not text. */
const SAMPLES: Record<string, string> = Object.fromEntries(
  [
    'created_at',
    'start_date',
    'issue_date',
    'next_due_date',
    'due_date',
    'completed_at',
    'expected_close_date',
  ].map((column) => [column, '2026-06-01']),
);

/** The orders that a list is read in: of its views, and those a person chooses by a column's header. */
function readingsOf(entity: AnyEntity) {
  const views = entity.views ?? [{ key: 'all', filters: () => [] }];
  const chosen = (entity.sorted?.by ?? []).flatMap((column): Order[] => [
    [column, 'asc'],
    [column, 'desc'],
  ]);
  return views.flatMap((view) => {
    const filters = [...(entity.filters ?? []), ...view.filters({ today: '2026-06-01', userId: USER })];
    const orders = [view.order ?? entity.order, ...chosen.map((order) => sortedBy(entity, order))];
    return orders.flatMap((order) => {
      const keys = orderedBy(entity, order, filters);
      if (!('mayBeEmpty' in keys)) return [{ ...keys, filters }];
      // The first page, the one after it, and the same from the end.
      const after = keys.order.map(([column]) => (column === 'id' ? USER : (SAMPLES[column] ?? 'x')));
      const empty = [null, ...after.slice(1)];
      return [undefined, after, ...(keys.mayBeEmpty ? [empty] : [])].flatMap((position) =>
        [false, true].flatMap((backwards) => partsOf({ ...keys, filters }, { after: position, backwards })),
      );
    });
  });
}

test('every list of a table that grows is read in the order of an index, whichever way it is sorted', async () => {
  const sorted: string[] = [];
  let read = 0;
  await owner.query('set enable_sort = off');
  await owner.query('set enable_seqscan = off');
  await owner.query('set enable_bitmapscan = off');
  for (const entity of entities.filter((one) => one.sorted)) {
    for (const reading of readingsOf(entity)) {
      // Not run: only planned. The rows of one order value may be sorted among themselves.
      const { rows } = await owner.query<{ 'QUERY PLAN': string }>(
        `explain select * from ${entity.table} where tenant_id = '${USER}' ${conditions(reading)}
         order by ${orderOf(reading)} limit 100`,
      );
      read += 1;
      if (rows.some((line) => /(^|-> +)Sort +\(/.test(line['QUERY PLAN'].trim())))
        sorted.push(`${entity.table}: ${orderOf(reading)}`);
    }
  }
  assert.ok(read > 100);
  assert.deepEqual([...new Set(sorted)], []);
});

test('what a picker offers before anything is typed is read in the order of an index', async () => {
  const growing = new Set(entities.filter(({ sorted }) => sorted).map(({ table }) => table));
  const pickers = (Object.values(references) as unknown[]).filter(
    (value): value is Reference => typeof value === 'object' && value !== null && 'table' in value,
  );
  const picked = pickers.filter(({ table }) => growing.has(table as never));
  assert.ok(picked.length >= 7);
  for (const reference of picked) {
    const reading = { ...offeredBy(reference, ''), filters: reference.filters ?? [] };
    const { rows } = await owner.query<{ 'QUERY PLAN': string }>(
      `explain select * from ${reference.table} where tenant_id = '${USER}' ${conditions(reading)}
       order by ${orderOf(reading)} limit 30`,
    );
    const plan = rows.map((line) => line['QUERY PLAN']).join('\n');
    assert.doesNotMatch(plan, /(^|-> +)Sort +\(/m, `${reference.table}: ${orderOf(reading)}`);
  }
});

test('a column says whether it may be empty', async () => {
  const { rows } = await owner.query<{ column: string }>(
    `select attrelid::regclass || '.' || attname as column from pg_attribute where attnotnull and attnum > 0`,
  );
  const filled = new Set(rows.map(({ column }) => column));
  const wrong = entities.flatMap(({ table, sorted }) =>
    (sorted?.by ?? []).filter(
      (column) => filled.has(`${table}.${column}`) === Boolean(sorted?.sometimes?.includes(column)),
    ),
  );
  assert.deepEqual(wrong, []);
});

function orderOf({ order = [], indexed }: Reading): string {
  return order
    .map(([column, way]) => `${column} ${way} nulls ${indexed && way === 'desc' ? 'first' : 'last'}`)
    .join(', ');
}

/** A reading's conditions as SQL. */
function conditions({ filters = [], or }: Reading): string {
  const value = (one: unknown) => (one === null ? 'null' : `'${one}'`);
  const simple = filters.map(([column, how, what]) => {
    if (how === 'in') return `${column} in (${(what as string[]).map(value).join(', ')})`;
    if (how === 'is' || how === 'not.is')
      return `${column} ${how.replace('.', ' ')} ${what}`.replace('not is', 'is not');
    return `${column} ${SIGNS[how]} ${value(what)}`;
  });
  // `and(a.eq."x",b.gt."y")` → (a = 'x' and b > 'y')
  const one = (text: string) =>
    text.replace(
      /(\w+)\.(eq|gt|lt)\."([^"]*)"/g,
      (_, column, how, what) => `${column} ${SIGNS[how]} '${what}'`,
    );
  const either = or
    ?.split(/,(?=and\()/)
    .map((part) => one(part).replace(/^and/, '').replaceAll(',', ' and '));
  return [...simple, ...(either ? [`(${either.join(' or ')})`] : [])].map((text) => ` and ${text}`).join('');
}

test('a deletion that is undone inserts no column that only the database may fill', async () => {
  const undone = [
    ...entities.filter(({ leaf }) => leaf).map(({ table }) => table),
    ...['quote_line_items', 'invoice_line_items', 'notes', 'saved_views'],
  ];
  const { rows } = await owner.query<{ kept: string; column: string }>(
    `select attrelid::regclass || '.' || attname as kept, attname as column from pg_attribute
     where attrelid = any ($1::regclass[]) and attnum > 0 and not attisdropped
       and not has_column_privilege('tenant_manager', attrelid, attnum, 'insert')`,
    [undone],
  );
  assert.ok(rows.length > undone.length);
  assert.deepEqual(
    rows.filter(({ column }) => !SYSTEM_COLUMNS.has(column)).map(({ kept }) => kept),
    [],
  );
});
