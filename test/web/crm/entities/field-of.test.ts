import assert from 'node:assert/strict';
import { test } from 'node:test';

Object.assign(globalThis, { window: { location: new URL('http://localhost/'), addEventListener() {} } });
const { fieldOf } = await import('@/web/crm/entities/field-of');

test('a column that holds an id says what it names, so that screens show a name', () => {
  assert.equal(fieldOf('leads', 'owner_id')?.kind, 'person');
  assert.equal(fieldOf('opportunities', 'account_id')?.reference?.table, 'accounts');
  assert.equal(fieldOf('event_staff_assignments', 'user_id')?.kind, 'person');
  assert.equal(fieldOf('quote_line_items', 'unit_price'), undefined);
});
