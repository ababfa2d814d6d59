import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RateLimit } from '@/server/api/rate-limit';

test('an address has so many requests in a stretch, and then again', () => {
  const limit = new RateLimit(3, 1_000);
  for (let request = 0; request < 3; request += 1) limit.count('a', 10);
  assert.throws(() => limit.count('a', 20), { code: 'too_many_attempts' });
  limit.count('b', 20);
  limit.count('a', 1_011);
});

test('a flood of addresses is forgotten, not collected', () => {
  const limit = new RateLimit(1, 1_000_000);
  limit.count('first', 0);
  for (let address = 0; address < 10_000; address += 1) limit.count(String(address), 0);
  limit.count('first', 0);
});
