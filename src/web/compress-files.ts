import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import type { Plugin } from 'vite';

const WORTH_IT = /\.(js|css|html|svg|webmanifest|json)$/;

/** Compresses the built files with Brotli. Done at build time, because it is too slow per request. */
export function compressFiles(quality: number = constants.BROTLI_MAX_QUALITY): Plugin {
  return {
    name: 'compress-files',
    apply: 'build',
    async writeBundle({ dir }) {
      if (!dir) return;
      const names = await readdir(dir, { recursive: true });
      await Promise.all(
        names
          .filter((name) => WORTH_IT.test(name) && !names.includes(`${name}.br`))
          .map(async (name) => {
            const file = path.join(dir, name);
            const plain = await readFile(file);
            const compressed = await promisify(brotliCompress)(plain, {
              params: {
                [constants.BROTLI_PARAM_QUALITY]: quality,
                [constants.BROTLI_PARAM_SIZE_HINT]: plain.length,
              },
            });
            await writeFile(`${file}.br`, compressed);
          }),
      );
    },
  };
}
