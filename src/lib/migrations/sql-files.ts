import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export interface SqlFile {
  /** Below the folder that was read, with `/` between: `accounts/merge.sql`. */
  path: string;
  text: string;
}

/**
 * The `.sql` files of a folder and of the folders in it, in the order of their paths; none where it does not exist.
 *
 * The build replaces a call `readSqlFiles(import.meta.dirname, '<folder>')` by the files' text (scripts/build/inline-sql.ts), so
 * that a built program, or one that bundles it, needs no files beside it. Write it in this form, inside a function.
 */
export async function readSqlFiles(directory: string, folder: string): Promise<SqlFile[]> {
  const root = path.join(directory, folder);
  const entries = await readdir(root, { recursive: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const files = entries
    .filter((entry) => entry.endsWith('.sql'))
    .map((entry) => entry.replaceAll(path.sep, '/'));
  return Promise.all(
    files.sort().map(async (file) => ({ path: file, text: await readFile(path.join(root, file), 'utf8') })),
  );
}
