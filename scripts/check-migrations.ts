// Fails on two migrations of one folder with the same number, as two branches bring them together.
import { glob } from 'node:fs/promises';
import path from 'node:path';
import { readMigrations } from '@/lib/migrations';

const root = path.resolve(import.meta.dirname, '..');
const problems: string[] = [];
for await (const directory of glob('src/**/migrations', { cwd: root })) {
  if (directory === path.join('src', 'lib', 'migrations')) continue;
  await readMigrations(path.join(root, directory)).catch((error: Error) => problems.push(error.message));
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
