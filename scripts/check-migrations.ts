// Fails on two migrations of one folder with the same number, as two branches bring them together.
import { glob } from 'node:fs/promises';
import path from 'node:path';
import { migrationsFrom, readSqlFiles } from '@/lib/migrations';

const root = path.resolve(import.meta.dirname, '..');
const problems: string[] = [];
for await (const directory of glob('src/**/migrations', { cwd: root })) {
  try {
    migrationsFrom(await readSqlFiles(root, directory));
  } catch (error) {
    problems.push(`${directory}: ${(error as Error).message}`);
  }
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
