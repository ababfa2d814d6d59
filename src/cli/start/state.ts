import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { freePort, stopLeftoverServer } from '@/lib/embedded';
import { MarqueeError } from '@/lib/failures';
import { processStart } from '@/lib/operations';
import { CommandError } from '../errors';

/** The embedded servers: Marquee's own, the one that plays a customer's, and a standby of that. */
const SERVERS = ['databases', 'customer', 'replica'] as const;

/** What `npm start` keeps between starts, in `.marquee/`: databases, the key, the environment of the instance. */
export class State {
  constructor(readonly directory: string) {}

  path(...parts: string[]): string {
    return path.join(this.directory, ...parts);
  }

  /**
   * Makes this process the only one that uses the directory.
   *
   * @returns a function that releases it
   * @throws CommandError `already_running`, `state_directory_not_writable`
   */
  async lock(): Promise<() => Promise<void>> {
    const file = this.path('lock');
    const mine = `${file}.${process.pid}`;
    try {
      await mkdir(this.directory, { recursive: true });
      await writeFile(mine, `${process.pid} ${await processStart(process.pid)}`);
      while (!(await this.#tryLink(mine, file))) {
        const [holder, start] = (await readFile(file, 'utf8').catch(() => '')).split(' ');
        if (holder && start && start === (await processStart(Number(holder))))
          throw alreadyRunning(this.directory, holder);
        // Renamed rather than removed: if two processes find the lock of a dead one, only one of them gets it.
        await rename(file, `${mine}.stale`).catch(() => {});
        await rm(`${mine}.stale`, { force: true });
      }
    } catch (error) {
      if (error instanceof MarqueeError) throw error;
      throw new CommandError('state_directory_not_writable', `${this.directory} cannot be written to.`, {
        hint: 'It may belong to another user: give it to yours, or set MARQUEE_STATE_DIRECTORY to another directory.',
        cause: error,
      });
    } finally {
      await rm(mine, { force: true });
    }
    return () => rm(file, { force: true });
  }

  /** A link appears with its content or not at all. */
  async #tryLink(from: string, to: string): Promise<boolean> {
    return link(from, to).then(
      () => true,
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return false;
        throw error;
      },
    );
  }

  /** The encryption key of this instance: made once, readable by its owner only. 64 hexadecimal digits. */
  async encryptionKey(): Promise<string> {
    const file = this.path('encryption-key');
    const kept = await readFile(file, 'utf8').catch(() => undefined);
    if (kept) return kept.trim();
    const key = randomBytes(32).toString('hex');
    await writeFile(file, `${key}\n`, { mode: 0o600 });
    return key;
  }

  /** Writes the environment of the instance, for `marquee …` and scripts of this checkout. */
  async writeEnvironment(variables: Record<string, string>): Promise<void> {
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
    await writeFile(this.path('environment.new'), lines.join(''), { mode: 0o600 });
    await rename(this.path('environment.new'), this.path('environment'));
  }

  /**
   * The port a server had at its first start: the data sources' URLs name it. A new one when there is none yet.
   *
   * @throws CommandError `embedded_port_taken`
   */
  async port(server: string): Promise<number> {
    const file = this.path(`${server}.port`);
    const kept = Number(await readFile(file, 'utf8').catch(() => ''));
    const port = kept || (await freePort());
    if (kept && !(await isFree(kept)) && !existsSync(this.path(server, 'postmaster.pid'))) {
      throw new CommandError(
        'embedded_port_taken',
        `Port ${kept} of the embedded database is used by another program.`,
        {
          hint: 'Stop that program, or begin again with: npm start -- --fresh',
        },
      );
    }
    await writeFile(file, `${port}\n`);
    return port;
  }

  /** Whether a first start came to its end; what an interrupted one left is of no use. */
  isComplete(): boolean {
    return existsSync(this.path('complete'));
  }

  async markComplete(): Promise<void> {
    await writeFile(this.path('complete'), '');
  }

  /** Forgets everything: the next start begins again. */
  async clear(): Promise<void> {
    await Promise.all(SERVERS.map((name) => stopLeftoverServer(this.path(name))));
    const servers = SERVERS.flatMap((name) => [name, `${name}.password`, `${name}.port`]);
    const kept = [...servers, 'complete', 'environment', 'encryption-key', 'files', 'outbox', 'backups'];
    await Promise.all(kept.map((name) => rm(this.path(name), { recursive: true, force: true })));
  }
}

function alreadyRunning(directory: string, holder: string): CommandError {
  return new CommandError('already_running', `Marquee runs already in ${directory} (process ${holder}).`, {
    hint: 'Use that one, stop it with Ctrl-C, or set MARQUEE_STATE_DIRECTORY to another directory.',
  });
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer().listen(port, '127.0.0.1');
  return once(probe, 'listening').then(
    async () => {
      probe.close();
      await once(probe, 'close');
      return true;
    },
    () => false,
  );
}
