// Runs `marquee …` as a process of its own, as people do.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');
const CONFIGURED = [
  'APPLICATION_DATABASE_URL',
  'OPERATIONS_DATABASE_URL',
  'DEFAULT_TENANT_DATA_URL',
  'ENCRYPTION_KEY',
];

/** `npm test` bundles the command, which starts in a third of the time. */
const program = () => process.env.MARQUEE_TEST_COMMAND || path.join(ROOT, 'bin', 'marquee.mjs');

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A started command that reads `input`; `ended` resolves with all that it printed. */
export function marquee(
  args: string[],
  environment: Record<string, string> = {},
  input = '',
): { child: ChildProcess; ended: Promise<Ended> } {
  const started = startMarquee(args, environment);
  started.child.stdin?.end(input);
  return started;
}

/** The same, whose standard input is still open. */
export function startMarquee(
  args: string[],
  environment: Record<string, string> = {},
): { child: ChildProcess; ended: Promise<Ended> } {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !CONFIGURED.includes(name)),
  );
  const child = spawn(process.execPath, [program(), ...args], {
    cwd: ROOT,
    env: { ...inherited, NODE_ENV: 'test', MARQUEE_CHECKOUT: ROOT, ...environment },
  });
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      printed[name] += chunk.toString();
    });
  }
  const ended = once(child, 'close').then(([code]) => ({ code, ...printed }));
  return { child, ended };
}
