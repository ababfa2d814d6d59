import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { CircuitBreaker } from '@/lib/data-sources/admission/circuit-breaker';
import { DataSourceError } from '@/lib/data-sources/errors';

const code = (expected: string) => (error: unknown) =>
  error instanceof DataSourceError && error.code === expected;

test('closed, open, half-open: it opens at the threshold of one class, lets one probe in after each pause, and closes on success', () => {
  const threshold = 3;
  const firstPauseMs = 100;
  const longestPauseMs = 1_000;
  const kinds = ['data_source_timeout', 'data_source_unreachable', 'data_source_connection_lost'] as const;
  const event = fc.oneof(
    fc.record({ kind: fc.constant('attempt' as const), outcome: fc.constantFrom('success', ...kinds) }),
    fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 400 }) }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 80 }), (events) => {
      let now = 0;
      const breaker = new CircuitBreaker('x', { threshold, firstPauseMs, longestPauseMs, now: () => now });
      const counts = new Map<string, number>();
      let openUntil: number | undefined;
      let pauses = 0;
      for (const one of events) {
        if (one.kind === 'wait') {
          now += one.ms;
          continue;
        }
        const isProbe = openUntil !== undefined && now >= openUntil;
        assert.equal(breaker.state, openUntil === undefined ? 'closed' : isProbe ? 'half-open' : 'open');
        if (openUntil !== undefined && !isProbe) {
          assert.throws(() => breaker.admit(), code('data_source_circuit_open'));
          continue;
        }
        breaker.admit();
        if (isProbe) assert.throws(() => breaker.admit(), code('data_source_circuit_open'));
        if (one.outcome === 'success') {
          breaker.succeeded();
          counts.clear();
          openUntil = undefined;
          pauses = 0;
          continue;
        }
        breaker.failed(new DataSourceError(one.outcome, 'x'));
        const count = (counts.get(one.outcome) ?? 0) + 1;
        counts.set(one.outcome, count);
        if (!isProbe && count < threshold) continue;
        openUntil = now + Math.min(longestPauseMs, firstPauseMs * 2 ** pauses);
        pauses += 1;
      }
    }),
  );
});

test('a probe that ends without a word about the database lets the next one in', () => {
  let now = 0;
  const breaker = new CircuitBreaker('x', { threshold: 1, firstPauseMs: 100, now: () => now });
  breaker.failed(new DataSourceError('data_source_timeout', 'x'));
  now = 100;
  breaker.admit();
  breaker.failed(new Error('aborted'));
  assert.equal(breaker.state, 'half-open');
  breaker.admit();
});

test('while it is open for a refused sign-in, each attempt is told of the sign-in', () => {
  let now = 0;
  const breaker = new CircuitBreaker('x', { threshold: 1, firstPauseMs: 1_000, now: () => now });
  breaker.failed(new DataSourceError('data_source_authentication_refused', 'refused', { hint: 'password' }));
  for (const ask of [() => breaker.admit(), () => breaker.refuseWhileOpen()]) {
    assert.throws(ask, code('data_source_authentication_refused'));
  }
  now = 1_000;
  breaker.admit();
  assert.throws(() => breaker.admit(), code('data_source_authentication_refused'));
});

test('the breaker counts each class of failure by itself, and tries once after each pause', () => {
  let now = 0;
  const breaker = new CircuitBreaker('x', { threshold: 3, firstPauseMs: 100, now: () => now });
  const fail = (kind: 'data_source_timeout' | 'data_source_unreachable') =>
    breaker.failed(new DataSourceError(kind, 'x'));
  fail('data_source_timeout');
  fail('data_source_timeout');
  fail('data_source_unreachable');
  fail('data_source_unreachable');
  assert.equal(breaker.state, 'closed');
  fail('data_source_timeout');
  assert.equal(breaker.state, 'open');
  assert.equal(breaker.reason, 'data_source_timeout');
  assert.throws(() => breaker.admit(), code('data_source_circuit_open'));
  now = 100;
  breaker.admit();
  assert.throws(() => breaker.admit(), code('data_source_circuit_open'));
  fail('data_source_timeout');
  now = 250;
  assert.throws(() => breaker.admit(), code('data_source_circuit_open'));
  now = 300;
  breaker.admit();
  breaker.succeeded();
  assert.equal(breaker.state, 'closed');
});

test('a success closes the breaker and forgets every count and pause', () => {
  let now = 0;
  const breaker = new CircuitBreaker('x', { threshold: 2, firstPauseMs: 100, now: () => now });
  const fail = () => breaker.failed(new DataSourceError('data_source_timeout', 'x'));
  fail();
  breaker.succeeded();
  fail();
  assert.equal(breaker.state, 'closed');
  fail();
  assert.equal(breaker.state, 'open');
  now = 100;
  breaker.admit();
  fail();
  now = 300;
  breaker.admit();
  breaker.succeeded();
  fail();
  assert.equal(breaker.state, 'closed');
  fail();
  now = 399;
  assert.equal(breaker.state, 'open');
  now = 400;
  assert.equal(breaker.state, 'half-open');
});
