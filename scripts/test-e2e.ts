// `npm run test:e2e [-- files…] [--screens]`: starts a Marquee of its own with demo data, drives a real browser through it,
// cleans up. `--screens` renews the pictures in docs/screens.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { glob, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const given = process.argv.slice(2).filter((argument) => !argument.startsWith('-'));
const pictures = process.argv.includes('--screens') ? path.join(root, 'docs', 'screens') : undefined;
const files = given.length > 0 ? given : await Array.fromAsync(glob('test/e2e/**/*.test.ts', { cwd: root }));
const directory = await mkdtemp(path.join(tmpdir(), 'marquee-e2e-'));
const environment = { ...process.env, MARQUEE_STATE_DIRECTORY: path.join(directory, 'state') };

const marquee = spawn(
  process.execPath,
  ['scripts/run.mjs', 'src/cli/main.ts', 'start', '--port', '0', '--json'],
  {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  },
);
let printed = '';
marquee.stdout.on('data', (chunk: Buffer) => {
  printed += chunk.toString();
});
while (!printed.trimEnd().endsWith('\n}')) {
  if (marquee.exitCode !== null) throw new Error('Marquee did not start.');
  await new Promise((resolve) => setTimeout(resolve, 100));
}
const { url, password } = JSON.parse(printed) as { url: string; password: string };

const tests = spawn(
  process.execPath,
  ['--import', 'tsx', '--test', '--test-concurrency=1', '--test-timeout=600000', ...files.sort()],
  {
    cwd: root,
    stdio: 'inherit',
    env: {
      ...environment,
      MARQUEE_E2E_URL: url,
      MARQUEE_E2E_PASSWORD: password,
      ...(pictures ? { MARQUEE_E2E_SCREENS: pictures } : {}),
    },
  },
);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => tests.kill(signal));
const [code] = await once(tests, 'exit');
marquee.kill('SIGTERM');
await once(marquee, 'exit');
await rm(directory, { recursive: true, force: true });
process.exit(code ?? 1);
