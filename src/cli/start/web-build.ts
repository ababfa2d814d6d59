import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MarqueeError } from '@/lib/errors';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const SOURCES = ['src/web', 'src/lib/tenant-data/types.ts', 'package-lock.json'];

export const WEB_DIRECTORY = path.join(ROOT, 'dist', 'web');

/**
 * Builds the web application unless what lies in `dist/web` was built from these sources.
 *
 * @returns what to say about it, if anything
 * @throws MarqueeError `web_build_failed`, unless there is an earlier build that can be served
 */
export async function buildWebIfStale(signal?: AbortSignal): Promise<string | undefined> {
  // A server without the browser's application still answers programs.
  if (!(await exists(path.join(ROOT, 'src', 'web', 'main.tsx'))))
    return 'There is no web application to build.';
  const stamp = path.join(ROOT, 'dist', 'web.stamp');
  const current = await digestSources();
  if ((await readFile(stamp, 'utf8').catch(() => '')) === current) return undefined;
  const { code, output } = await runVite(signal);
  if (code === 0) {
    await mkdir(path.dirname(stamp), { recursive: true });
    await writeFile(stamp, current);
    return 'Built the web application.';
  }
  if (await exists(path.join(WEB_DIRECTORY, 'index.html'))) {
    return `The web application could not be built, an earlier one is served:\n${output}`;
  }
  throw new MarqueeError('web_build_failed', `The web application could not be built:\n${output}`, {
    hint: 'Run it alone to see more: npx vite build --config src/web/vite.config.ts',
  });
}

async function runVite(signal?: AbortSignal): Promise<{ code: number | null; output: string }> {
  const vite = path.join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  // The runner loads the configuration without writing beside the packages, which may be another user's.
  const args = [
    vite,
    'build',
    '--config',
    'src/web/vite.config.ts',
    '--configLoader',
    'runner',
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

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
