import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Plugin } from 'vite';
import { readSqlFiles } from '@/lib/migrations';

const ONE_FILE = /readFileSync\(new URL\('([^']+\.sql)', import\.meta\.url\), 'utf8'\)/g;
const FOLDER = /readSqlFiles\(import\.meta\.dirname, '([^']+)'\)/g;
/** Ends the id of a module that holds a folder's files. */
const FILES = '.sql-files';

/**
 * Puts the text of SQL files into the code that reads them, in the two forms that the sources keep to. A folder's files
 * become a module of their own, which is loaded when they are read.
 */
export function inlineSql(): Plugin {
  return {
    name: 'inline-sql',
    enforce: 'pre',
    resolveId: (id) => (id.endsWith(FILES) ? id : undefined),
    async load(id) {
      if (!id.endsWith(FILES)) return undefined;
      const { dir, name } = path.parse(id);
      return `export default ${JSON.stringify(await readSqlFiles(dir, name))};`;
    },
    transform(code, id) {
      const directory = path.dirname(id);
      const changed = code
        .replace(ONE_FILE, (_, file) => JSON.stringify(readFileSync(path.join(directory, file), 'utf8')))
        .replace(
          FOLDER,
          (_, folder) =>
            `import(${JSON.stringify(path.join(directory, folder) + FILES)}).then((files) => files.default)`,
        );
      return changed === code ? undefined : { code: changed, map: null };
    },
  };
}
