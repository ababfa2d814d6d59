// Forms ask for what a row needs, and pickers find the form of what they create.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { creatable } from '@/web/crm/create/creatable';
import * as clients from '@/web/crm/entities/clients';
import * as events from '@/web/crm/entities/events';
import * as inventory from '@/web/crm/entities/inventory';
import * as money from '@/web/crm/entities/money';
import * as references from '@/web/crm/entities/references';
import * as setup from '@/web/crm/entities/setup';
import * as work from '@/web/crm/entities/work';
import type { Entity, Reference } from '@/web/crm/records/entity';
import { en } from '@/web/i18n/en';

const entities = [clients, events, inventory, money, setup, work]
  .flatMap((file) => Object.values(file) as unknown[])
  .filter((value): value is Entity => typeof value === 'object');
const labels: Readonly<Record<string, string>> = en.field;

test('each record that a picker may create has a form, for the same people who may add it in its list', () => {
  const creating = (Object.values(references) as unknown[]).filter(
    (value): value is Reference => typeof value === 'object' && value !== null && 'create' in value,
  );
  assert.ok(creating.length > 10);
  for (const { table, create } of creating) assert.equal(creatable(table).mayWrite, create, table);
});

test('no form folds away a field that must be filled in, and a new record asks seven things at most', () => {
  for (const { table, fields, firstDate, mayWrite } of entities) {
    const asked = [...fields, ...(firstDate?.fields ?? [])].filter(({ readOnly }) => !readOnly);
    for (const { name, required, more, initial } of asked)
      assert.ok(!(required && more && initial === undefined), `${table}.${name} is needed but folded away`);
    if (mayWrite !== 'sales' && table !== 'events') continue;
    const first = asked.filter(({ more, when }) => !more && !when);
    assert.ok(first.length <= 9, `${table} asks for ${first.map(({ name }) => name).join(', ')}`);
  }
});

test('every field of a form has a label', () => {
  for (const { table, fields, firstDate } of entities)
    for (const { name } of [...fields, ...(firstDate?.fields ?? [])])
      assert.ok(labels[name], `${table}.${name}`);
});

test('pickers offer nothing that is switched off, retired or canceled', () => {
  const offered = ({ filters = [] }: Reference) => JSON.stringify(filters);
  const { toEventType, toEventCategory, toBoothType, toEquipmentType, toStaffRole, toDesignType } =
    references;
  for (const reference of [
    toEventType,
    toEventCategory,
    toBoothType,
    toEquipmentType,
    toStaffRole,
    toDesignType,
  ])
    assert.match(offered(reference), /is_active/, reference.table);
  assert.match(offered(references.toBooth), /retired/);
  assert.match(offered(references.toEquipmentItem), /available/);
  assert.match(offered(references.toDateOf('e1')), /cancelled/);
});
