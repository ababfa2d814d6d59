import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { constants, existsSync } from 'node:fs';
import { access, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { CommandError } from '../errors';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const SOURCES = ['src/web', 'src/lib/tenant-data/types.ts', 'package-lock.json'];

const SHIPPED = path.join(ROOT, 'dist', 'web');

export interface WebBuild {
  /** What to serve; none where there is no web application. */
  directory?: string;
  /** What to say about it, if anything. */
  said?: string;
}

/**
 * Builds the web application unless it was built from these sources already.
 *
 * @param elsewhere directory to build it in where the checkout cannot be written to
 * @throws CommandError `web_build_failed`, unless there is an earlier build that can be served
 */
export async function buildWebIfStale(elsewhere: string, signal?: AbortSignal): Promise<WebBuild> {
  if (!existsSync(path.join(ROOT, 'src', 'web', 'main.tsx'))) {
    // An installed package. A server without the web application still serves programs.
    const isBuilt = existsSync(path.join(SHIPPED, 'index.html'));
    return isBuilt ? { directory: SHIPPED } : { said: 'There is no web application to serve.' };
  }
  const current = await digestSources();
  const isCurrent = async (directory: string) =>
    (await readFile(`${directory}.stamp`, 'utf8').catch(() => '')) === current;
  if (await isCurrent(SHIPPED)) return { directory: SHIPPED };
  const directory = (await mayWrite(SHIPPED)) ? SHIPPED : elsewhere;
  if (await isCurrent(directory)) return { directory };
  const { code, output } = await runVite(directory, signal);
  if (code === 0) {
    await writeFile(`${directory}.stamp`, current);
    return { directory, said: 'Built the web application.' };
  }
  for (const earlier of [directory, SHIPPED]) {
    if (!existsSync(path.join(earlier, 'index.html'))) continue;
    const said = `The web application could not be built, an earlier one is served:\n${output}`;
    return { directory: earlier, said };
  }
  throw new CommandError('web_build_failed', `The web application could not be built:\n${output}`, {
    hint: 'Run it alone to see more: npx vite build --config src/web/vite.config.ts',
  });
}

async function mayWrite(directory: string): Promise<boolean> {
  try {
    await mkdir(directory, { recursive: true });
    await access(directory, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

async function runVite(
  directory: string,
  signal?: AbortSignal,
): Promise<{ code: number | null; output: string }> {
  const vite = path.join(
    path.dirname(createRequire(import.meta.url).resolve('vite/package.json')),
    'bin',
    'vite.js',
  );
  // The runner loads the configuration without writing beside the packages, which may be another user's.
  const args = [
    vite,
    'build',
    '--config',
    'src/web/vite.config.ts',
    '--configLoader',
    'runner',
    '--outDir',
    directory,
    '--emptyOutDir',
    '--logLevel',
    'warn',
  ];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', NODE_ENV: 'production' },
    ...(signal ? { signal } : {}),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-3000);
    });
  child.on('error', (error) => {
    output += error.message;
  });
  const [code] = await once(child, 'close');
  return { code, output };
}

/** A hash of the sources' names, sizes and times: reading them all would cost more than a warm start may take. */
async function digestSources(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const place = path.join(ROOT, source);
    const entry = await stat(place).catch(() => undefined);
    if (!entry) continue;
    const files = entry.isDirectory()
      ? (await readdir(place, { recursive: true })).sort().map((name) => path.join(place, name))
      : [place];
    for (const file of files) {
      const { size, mtimeMs } = await stat(file);
      hash.update(`${file}:${size}:${mtimeMs}\n`);
    }
  }
  return hash.digest('hex');
}
