import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MarqueeError } from '@/lib/errors';

/** What `npm start` keeps between starts, in `.marquee/`: databases, the key, the environment of the instance. */
export class State {
  constructor(readonly directory: string) {}

  path(...parts: string[]): string {
    return path.join(this.directory, ...parts);
  }

  /**
   * Makes this process the only one that uses the directory.
   *
   * @returns gives it up
   * @throws MarqueeError `already_running`
   */
  async lock(): Promise<() => Promise<void>> {
    await mkdir(this.directory, { recursive: true });
    const file = this.path('lock');
    for (;;) {
      const handle = await open(file, 'wx').catch(() => undefined);
      if (handle) {
        await handle.writeFile(String(process.pid));
        await handle.close();
        return () => rm(file, { force: true });
      }
      const holder = Number(await readFile(file, 'utf8').catch(() => ''));
      if (holder && holder !== process.pid && isAlive(holder)) {
        throw new MarqueeError(
          'already_running',
          `Marquee runs already in ${this.directory} (process ${holder}).`,
          {
            hint: 'Use that one, stop it with Ctrl-C, or set MARQUEE_STATE_DIRECTORY to another directory.',
          },
        );
      }
      await rm(file, { force: true });
    }
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

  /** Forgets everything: the next start begins again. */
  async clear(): Promise<void> {
    const kept = [
      'databases',
      'customer',
      'databases.password',
      'customer.password',
      'environment',
      'encryption-key',
      'files',
      'outbox',
    ];
    await Promise.all(kept.map((name) => rm(this.path(name), { recursive: true, force: true })));
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
