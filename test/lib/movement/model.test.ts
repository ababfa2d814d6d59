import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';

const model = path.resolve(import.meta.dirname, '../../../models/move.pml');
const missing = ['spin', 'gcc'].filter((tool) => spawnSync(tool, ['--version']).error);
const skip = missing.length > 0 && `${missing.join(' and ')} not installed (apt-get install spin gcc)`;

/** Checks every interleaving; says what spin's verifier counted. */
function check(
  directory: string,
  ...definitions: string[]
): { errors: number; states: number; report: string } {
  const run = (command: string, ...parameters: string[]) => {
    const { status, stdout, stderr } = spawnSync(command, parameters, { cwd: directory, encoding: 'utf8' });
    assert.equal(status, 0, `${command}: ${stdout}${stderr}`);
    return stdout;
  };
  run('spin', ...definitions.map((definition) => `-D${definition}`), '-a', model);
  run('gcc', '-O2', '-w', '-DSAFETY', '-DVECTORSZ=1024', '-DCOLLAPSE', '-o', 'pan', 'pan.c');
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

  test('two movers, two routers with stale caches, crashes anywhere: nothing lost, no two open homes', () => {
    const { errors, states, report } = check(directory);
    assert.equal(errors, 0, report);
    assert.ok(states > 100_000, `only ${states} states`);
  });

  test('a third mover changes nothing', () => {
    const { errors, report } = check(directory, 'MOVERS=3', 'ROUTERS=1', 'WRITES=1');
    assert.equal(errors, 0, report);
  });

  // The check is worth something only if it finds the faults that the safeguards are there for.
  for (const [safeguard, finds] of [
    ['NO_HOLDER', /open\[0\]&&open\[1\]/],
    ['NO_DECIDING', /rows\[0\]==acknowledged/],
    ['NO_PROGRESS_CAS', /rows\[1\]==acknowledged/],
  ] as const) {
    test(`finds a fault with ${safeguard}`, () => {
      const { errors, report } = check(directory, safeguard);
      assert.equal(errors, 1);
      assert.match(report, finds);
    });
  }
});
