import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, type Known, type Observed } from '@/lib/postgres/primary/judge';

const NOTHING: Known = { timeline: 0, system: undefined };

function host(
  port: number,
  state?: { standby?: boolean; timeline?: number; system?: string },
  asked = true,
): Observed {
  const { standby = false, timeline = 1, system = 's' } = state ?? {};
  return {
    host: { host: 'db', port },
    asked,
    state: state && { standby, timeline, system, position: 0n },
    error: undefined,
  };
}

const portOf = ({ primary }: ReturnType<typeof judge>) => primary?.host.port;

test('the primary is the one host that is not in recovery', () => {
  const { primary, known } = judge([host(1, { standby: true }), host(2, {})], NOTHING, undefined);
  assert.equal(primary?.host.port, 2);
  assert.deepEqual(known, { timeline: 1, system: 's' });
});

test('nothing is decided before every host was asked', () => {
  assert.equal(portOf(judge([host(1, {}), host(2, undefined, false)], NOTHING, undefined)), undefined);
  assert.equal(portOf(judge([host(1, {}), host(2, undefined, true)], NOTHING, undefined)), 1);
});

test('a primary on an earlier timeline than any server is on, or was on, is none', () => {
  const old = host(1, { timeline: 2 });
  assert.equal(portOf(judge([old, host(2, { standby: true, timeline: 3 })], NOTHING, undefined)), undefined);
  assert.equal(portOf(judge([old, host(2, { timeline: 3 })], NOTHING, undefined)), 2);
  assert.equal(portOf(judge([old, host(2)], { timeline: 3, system: 's' }, undefined)), undefined);
});

test('of two that claim the latest timeline the one in use stays; a new process uses neither', () => {
  const both = [host(1, {}), host(2, {})];
  assert.equal(portOf(judge(both, NOTHING, undefined)), undefined);
  const [, second] = both;
  assert.ok(second);
  assert.equal(portOf(judge(both, NOTHING, { host: second.host, timeline: 1 })), 2);
});

test('a server of another cluster is none, whatever its timeline', () => {
  const known = { timeline: 1, system: 's' };
  const other = host(2, { system: 'other', timeline: 9 });
  const judgement = judge([host(1, {}), other], known, undefined);
  assert.equal(portOf(judgement), 1);
  assert.equal(judgement.known.timeline, 1);
});

test('a primary whose timeline has grown is another one', () => {
  const now = host(1, { timeline: 2 });
  const before = { host: now.host, timeline: 1 };
  assert.deepEqual(judge([now, host(2)], { timeline: 1, system: 's' }, before).primary, {
    host: now.host,
    timeline: 2,
  });
});
