import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { State } from '@/cli/start/state';

const directory = await mkdtemp(path.join(tmpdir(), 'marquee-state-'));
after(() => rm(directory, { recursive: true, force: true }));

test('one process uses a state directory; one that has ended holds nothing, even if another process has its number now', async () => {
  const unlock = await new State(directory).lock();
  await assert.rejects(new State(directory).lock(), { code: 'already_running' });
  await unlock();
  for (const left of [`${process.pid} 1`, '4194305 1', '']) {
    await writeFile(path.join(directory, 'lock'), left);
    await (await new State(directory).lock())();
  }
});
