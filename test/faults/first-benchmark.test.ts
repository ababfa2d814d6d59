import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';

const TREE = ['bench', 'scripts', 'src', 'package.json', 'package-lock.json', 'tsconfig.json'];

test('a benchmark’s first run installs its peers and measures them; its output is one object', async () => {
  const root = path.resolve(import.meta.dirname, '../..');
  const checkout = await mkdtemp(path.join(tmpdir(), 'marquee-checkout-'));
  try {
    for (const name of TREE) {
      await cp(path.join(root, name), path.join(checkout, name), {
        recursive: true,
        preserveTimestamps: true,
        filter: (source) => path.basename(source) !== 'node_modules',
      });
    }
    await symlink(path.join(root, 'node_modules'), path.join(checkout, 'node_modules'));
    const run = () =>
      spawnSync('npm', ['run', '--silent', 'bench', '--', 'tenant-query', '--json', '--quick'], {
        cwd: checkout,
        encoding: 'utf8',
      });
    const first = run();
    assert.equal(first.status, 0, first.stderr);
    assert.match(first.stderr, /^Installing the peers/m);
    const measured = JSON.parse(first.stdout);
    assert.equal(measured.program, 'tenant-query');
    assert.deepEqual(Object.keys(measured.per_second).sort(), [
      'begin_set',
      'begin_set_text',
      'begin_set_unprepared',
      'context',
      'drizzle',
      'knex',
      'marquee',
      'prisma',
      'raw',
      'raw_text',
    ]);
    const second = run();
    assert.equal(second.status, 0, second.stderr);
    assert.doesNotMatch(second.stderr, /Installing/);
  } finally {
    await rm(checkout, { recursive: true });
  }
});
