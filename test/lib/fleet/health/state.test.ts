import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CauseName, Level, State } from '@/lib/fleet/health';
import { seen } from '@/lib/fleet/health/evidence';
import { Lateness } from '@/lib/fleet/health/lateness';
import { PROBES } from '@/lib/fleet/health/postgres-probes';
import { nextState } from '@/lib/fleet/health/state';
import { DEFAULT_THRESHOLDS } from '@/lib/fleet/health/thresholds';

const LEVELS: Record<string, Level> = { h: 'healthy', d: 'degraded', u: 'unhealthy' };

/** States after each round, by their first letters; `?` is unknown. */
function statesOf(rounds: string, leave = 3, back = 3): string {
  let state: State = 'unknown';
  let levels: Level[] = [];
  let all = '';
  for (const letter of rounds) {
    ({ state, levels } = nextState(state, levels, LEVELS[letter] as Level, {
      rounds_to_leave: leave,
      rounds_to_return: back,
    }));
    all += state === 'unknown' ? '?' : state[0];
  }
  return all;
}

for (const [what, rounds, states] of [
  ['one healthy round makes an unknown source healthy', 'h', 'h'],
  ['a source that fails from the start is unknown until that is sure', 'uuu', '??u'],
  ['two bad rounds are no outage', 'huuhuuh', 'hhhhhhh'],
  ['three in a row are', 'huuu', 'hhhu'],
  ['the state is the least bad of those rounds', 'hudu', 'hhhd'],
  ['it gets worse step by step', 'hddduuu', 'hhhdddu'],
  ['two good rounds are no recovery', 'uuuhhuhh', '??uuuuuu'],
  ['three in a row are', 'uuuhhh', '??uuuh'],
  ['the state is the worst of those rounds', 'uuuhdh', '??uuud'],
  ['what goes up and down stays what it was', 'hhhuhduhuhuuhhu', 'hhhhhhhhhhhhhhh'],
] as const)
  test(`${what}: ${rounds}`, () => assert.equal(statesOf(rounds), states));

test('with one round each, the state is the last round', () => {
  assert.equal(statesOf('hudhu', 1, 1), 'hudhu');
});

test('a round is not counted where this process was blocked meanwhile, unless the server said something itself', () => {
  const lateness = new Lateness();
  const begun = performance.now();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
  const spoils = (cause: CauseName, since = begun) =>
    lateness.spoils({ findings: [{ cause, level: 'unhealthy', ...seen('hosts', {}) }] }, since);
  assert.equal(spoils('server_not_answering'), true);
  assert.equal(spoils('sign_in_refused'), false);
  assert.equal(lateness.spoils({ findings: [] }, begun), false);
  assert.equal(spoils('server_not_answering', performance.now() + 1), false);
  lateness.close();
});

test('lost slots are found beside many that are read', async () => {
  const probe = PROBES.find(({ name }) => name === 'slots');
  const slot = (name: string, status: string, retained: number | null) => ({
    ...{ slot_name: name, active: true, wal_status: status, retained },
  });
  const read = Array.from({ length: 9 }, (_, n) => slot(`read_${n}`, 'reserved', 100 - n));
  const context = { thresholds: DEFAULT_THRESHOLDS, memory: {}, url: '', took: 1, sentAt: 0 };
  const { findings } = (await probe?.judge([...read, slot('gone', 'lost', null)], context)) ?? {};
  assert.deepEqual(
    findings?.map(({ cause, evidence }) => [cause, /gone/.test(evidence)]),
    [['slot_lost', true]],
  );
});

test('a server’s clock that differs is found, ahead and behind, however long the query took', async () => {
  const probe = PROBES.find(({ name }) => name === 'server');
  const sentAt = Date.now();
  const row = { number: 180_000, version: '18.0', standby: false, read_only: 'off' };
  const found = async (ms: number, took = 20) => {
    const context = {
      thresholds: { ...DEFAULT_THRESHOLDS, round_trip_slow_ms: 60_000 },
      took,
      sentAt,
      memory: {},
      url: '',
    };
    const outcome = await probe?.judge([{ ...row, now: sentAt + ms }], context);
    return outcome?.findings.map(({ cause, evidence }) => `${cause}: ${evidence}`);
  };
  assert.deepEqual(await found(20), []);
  assert.deepEqual(await found(9_000), ['clock_skewed: It is 9.0 s ahead.']);
  assert.deepEqual(await found(-9_000), ['clock_skewed: It is 9.0 s behind.']);
  assert.deepEqual(await found(9_000, 8_000), [], 'the answer may have been on its way for so long');
});

test('by default a server that stops answering is noticed within ten seconds', () => {
  const {
    round_every_ms: every,
    confirm_after_ms: confirm,
    rounds_to_leave: rounds,
    connect_deadline_ms: deadline,
  } = DEFAULT_THRESHOLDS;
  // The longest pause, the rounds, the pauses between them; a look for due sources comes before each.
  const longest = every * 1.1 + rounds * deadline + (rounds - 1) * confirm + rounds * 200;
  assert.ok(longest < 10_000, `${longest} ms`);
});
