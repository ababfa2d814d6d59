import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { MarqueeError } from '@/lib/errors';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const SOURCES = ['src/web', 'src/lib/tenant-data/types.ts', 'package-lock.json'];

export const WEB_DIRECTORY = path.join(ROOT, 'dist', 'web');

/** Builds the web application unless what lies in `dist/web` was built from these sources. @returns whether it did */
export async function buildWebIfStale(): Promise<boolean> {
  const stamp = path.join(ROOT, 'dist', 'web.stamp');
  const current = await digestSources();
  if ((await readFile(stamp, 'utf8').catch(() => '')) === current) return false;
  const vite = path.join(ROOT, 'node_modules', 'vite', 'bin', 'vite.js');
  const args = [vite, 'build', '--config', 'src/web/vite.config.ts', '--logLevel', 'warn'];
  const child = spawn(process.execPath, args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = await once(child, 'exit');
  if (code !== 0) {
    throw new MarqueeError(
      'web_build_failed',
      `The web application could not be built:\n${output.slice(-3000)}`,
      {
        hint: 'Run it alone to see more: npx vite build --config src/web/vite.config.ts',
      },
    );
  }
  await mkdir(path.dirname(stamp), { recursive: true });
  await writeFile(stamp, current);
  return true;
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
