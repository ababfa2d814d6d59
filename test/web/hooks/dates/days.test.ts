import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clockAfter } from '@/web/hooks/dates/days';

test('an end is as long after the start as the event type says, past midnight too', () => {
  assert.equal(clockAfter('18:00', 240), '22:00');
  assert.equal(clockAfter('09:05', 65), '10:10');
  assert.equal(clockAfter('21:30:00', 180), '00:30');
});
