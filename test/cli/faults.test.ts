import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';

const directory = await mkdtemp(path.join(tmpdir(), 'marquee-faults-'));
after(() => rm(directory, { recursive: true, force: true }));

function start(...programArguments: string[]) {
  const program = path.join(import.meta.dirname, 'faulty.program.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', program, ...programArguments]);
  const ended = Promise.all([once(child, 'exit'), text(child.stderr)]);
  return { child, ended: ended.then(([[code], stderr]) => ({ code, stderr })) };
}

for (const how of ['throw', 'reject']) {
  test(`after an uncaught ${how} requests under way are answered, the cause is logged and the exit code says so`, async () => {
    const { child, ended } = start(how);
    const [port] = (await once(child.stdout.setEncoding('utf8'), 'data')) as [string];
    const url = `http://127.0.0.1:${port.trim()}`;
    const underWay = await fetch(`${url}/under-way`);
    const failing = fetch(`${url}/${how}`).then((response) => response.text());
    assert.equal(await underWay.text(), 'acknowledged');
    child.kill('SIGKILL');
    await failing.catch(() => {});
    const { stderr } = await ended;
    const logged = JSON.parse(stderr.split('\n')[0] ?? '');
    assert.equal(logged.level, 60);
    assert.match(logged.err.stack, /faulty\.program/);
    assert.ok(!stderr.includes('hunter2'), stderr);
  });
}

test('a process that does not finish what is under way is ended all the same', async () => {
  const { ended } = start('never-done');
  assert.equal((await ended).code, 70);
});

test('a supervised process starts again after a fault, and ends when it ends by itself', async () => {
  const { child, ended } = start('supervised', path.join(directory, 'ran'));
  const stdout = text(child.stdout);
  const { code, stderr } = await ended;
  assert.deepEqual(
    (await stdout).split('\n').filter((line) => /^[a-z]/.test(line)),
    ['first', 'second'],
  );
  assert.equal(code, 0);
  assert.match(stderr, /starts again/);
});
