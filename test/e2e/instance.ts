import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { TOTP } from 'otpauth';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface RunningInstance {
  url: string;
  /** Of every demo account. */
  password: string;
  /** The process group of the server. */
  pid: number;
  stop(): Promise<void>;
  /** Ends it and its databases at once, as when the power fails. */
  kill(): Promise<void>;
}

interface Printed {
  url: string;
  password: string;
  operator: string;
  /** Of the operator's second factor. */
  operatorSecret: string | null;
}

/** A code works once, and each test signs the operator in: each sets up a second factor of its own. */
async function removeSecondFactor(
  url: string,
  { email, password, secret }: { email: string; password: string; secret: string },
): Promise<void> {
  const post = async (at: string, body: object, cookie = '') => {
    const headers = { 'content-type': 'application/json', origin: url, cookie };
    const answer = await fetch(`${url}/api${at}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${at}: ${answer.status} ${await answer.text()}`);
    return answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  };
  const code = new TOTP({ secret }).generate();
  const cookie = await post('/session', { email, password, code });
  await post('/account/second-factor/remove', { current: password }, cookie);
}

/** Backups and drills of the night, half a day from now: tests move and back up the same tenants. */
function nightlyWorkLater(): Record<string, string> {
  const later = `0 ${(new Date().getUTCHours() + 12) % 24} * * *`;
  return { BACKUP_AT: later, BACKUP_DRILLS_AT: later };
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
      env: { ...process.env, ...nightlyWorkLater(), MARQUEE_STATE_DIRECTORY: stateDirectory },
    },
  );
  let printed = '';
  const { url, password, operator, operatorSecret } = await new Promise<Printed>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk.toString();
      if (printed.trimEnd().endsWith('\n}')) resolve(JSON.parse(printed));
    });
    child.once('exit', (code) =>
      reject(new Error(`Marquee ended with ${code} before it served:\n${printed}`)),
    );
  });
  // Not after a restart: sessions would end.
  if (operatorSecret && port === 0)
    await removeSecondFactor(url, { email: operator, password, secret: operatorSecret });
  return {
    url,
    password,
    pid: child.pid as number,
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
