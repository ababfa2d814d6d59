import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface RunningInstance {
  url: string;
  /** Of every demo account. */
  password: string;
  stop(): Promise<void>;
  /** Ends it and its databases at once, as when the power fails. */
  kill(): Promise<void>;
}

/**
 * Starts Marquee as a user does, with its embedded databases in a directory of its own.
 *
 * @param options `port` a free one unless given; `empty` without a year of demo data
 */
export async function startInstance(
  stateDirectory: string,
  { port = 0, empty = false } = {},
): Promise<RunningInstance> {
  const child = spawn(
    process.execPath,
    [
      'scripts/run.mjs',
      'src/cli/main.ts',
      'start',
      '--port',
      String(port),
      '--json',
      ...(empty ? ['--empty'] : []),
    ],
    {
      cwd: ROOT,
      // A group of its own, which can be ended as a whole.
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, MARQUEE_STATE_DIRECTORY: stateDirectory },
    },
  );
  let printed = '';
  const { url, password } = await new Promise<{ url: string; password: string }>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.trimEnd().endsWith('\n}')) resolve(JSON.parse(printed));
    });
    child.once('exit', (code) =>
      reject(new Error(`Marquee ended with ${code} before it served:\n${printed}`)),
    );
  });
  return {
    url,
    password,
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
    async kill() {
      const ended = once(child, 'exit');
      process.kill(-(child.pid as number), 'SIGKILL');
      await ended;
    },
  };
}
