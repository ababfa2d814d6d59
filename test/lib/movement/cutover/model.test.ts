import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

const [model, reserved] = ['move.pml', 'reserved.pml'].map((name) =>
  path.resolve(import.meta.dirname, '../../../../models', name),
) as [string, string];
const missing = ['spin', 'gcc'].filter((tool) => spawnSync(tool, ['--version']).error);
const skip = missing.length > 0 && `${missing.join(' and ')} not installed (apt-get install spin gcc)`;

const THREE = ['MOVERS=3', 'ROUTERS=1', 'WRITES=1'];

/** Checks every interleaving; says what spin's verifier counted. */
function check(
  directory: string,
  definitions: string[] = [],
  file = model,
): { errors: number; states: number; report: string } {
  const run = (command: string, ...parameters: string[]) => {
    const { status, stdout, stderr } = spawnSync(command, parameters, { cwd: directory, encoding: 'utf8' });
    assert.equal(status, 0, `${command}: ${stdout}${stderr}`);
    return stdout;
  };
  run('spin', ...definitions.map((definition) => `-D${definition}`), '-a', file);
  // Not optimized: that takes longer than the search.
  run('gcc', '-O0', '-w', '-DSAFETY', '-DVECTORSZ=1024', '-DCOLLAPSE', '-o', 'pan', 'pan.c');
  const report = run('./pan', '-m100000');
  assert.doesNotMatch(report, /max search depth too small|out of memory/, 'the search was not exhaustive');
  return {
    errors: Number(/errors: (\d+)/.exec(report)?.[1]),
    states: Number(/(\d+) states, stored/.exec(report)?.[1]),
    report,
  };
}

describe('the model of a move', { skip }, () => {
  let directory = '';
  before(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'marquee-model-'));
  });
  after(() => rm(directory, { recursive: true, force: true }));

  test('two movers, forward and back, two routers with stale caches, crashes anywhere: nothing lost, no two open fences', () => {
    const { errors, states, report } = check(directory);
    assert.equal(errors, 0, report);
    assert.ok(states > 100_000, `only ${states} states`);
  });

  test('three movers: nothing lost, no two open fences', () => {
    const { errors, report } = check(directory, THREE);
    assert.equal(errors, 0, report);
  });

  // The check is worth something only if it finds the faults that the safeguards are there for.
  const twoOpen = /open\[0\]&&open\[1\]/;
  const elsewhere = /open\[\(1-routePlace\)\]/;
  const lost = /==acknowledged/;
  for (const [safeguard, finds, ...more] of [
    ['NO_HOLDER', twoOpen],
    ['NO_RANK', twoOpen],
    ['NO_DECIDING', elsewhere],
    ['NO_FORESTALLING', lost, ...THREE],
    ['NO_PROGRESS_CAS', lost],
    ['NO_ASSERT_HELD', lost],
    ['NO_HOLDING_BACK', lost],
  ] as [string, RegExp, ...string[]][]) {
    test(`finds a fault with ${safeguard}`, () => {
      const { errors, report } = check(directory, [safeguard, ...more]);
      assert.equal(errors, 1);
      assert.match(report, finds);
    });
  }

  test('moves to the same id: none removes another’s rows, also without the early refusal', () => {
    for (const definitions of [[], ['NO_RESERVATION']]) {
      const { errors, report } = check(directory, definitions, reserved);
      assert.equal(errors, 0, report);
    }
  });

  test('without fence owners the model finds removed rows of another move', () => {
    assert.equal(check(directory, ['NO_FENCE_OWNER'], reserved).errors, 1);
  });
});
