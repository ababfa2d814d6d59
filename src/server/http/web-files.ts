import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
};

interface WebFile {
  type: string;
  /** Names with a hash in them never change. */
  immutable: boolean;
  plain: Buffer;
  gzip?: Buffer;
  /** Made by the build, beside the file. */
  brotli?: Buffer | undefined;
}

const BROTLI = '.br';

/** The built web application, held in memory. */
export class WebFiles {
  readonly #files = new Map<string, WebFile>();

  /** Reads the files of a directory; none if the name is empty or the directory does not exist. */
  static async load(directory: string): Promise<WebFiles> {
    const files = new WebFiles();
    if (!directory) return files;
    const names = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
    await Promise.all(
      names
        .filter(({ name }) => !name.endsWith('.map') && !name.endsWith(BROTLI))
        .filter((entry) => entry.isFile())
        .map(async (entry) => {
          const file = path.join(entry.parentPath, entry.name);
          const name = `/${path.relative(directory, file).split(path.sep).join('/')}`;
          const type = TYPES[path.extname(name)] ?? 'application/octet-stream';
          files.#files.set(name, {
            type,
            immutable: name.startsWith('/assets/'),
            plain: await readFile(file),
            brotli: await readFile(`${file}${BROTLI}`).catch(() => undefined),
          });
        }),
    );
    return files;
  }

  /**
   * A file, or for a page's address the application it belongs to. Undefined where there is neither.
   *
   * @param isTenant whether the address is a tenant's: only others have the operator's console
   */
  async answer(
    pathname: string,
    acceptEncoding: string,
    { isTenant = false } = {},
  ): Promise<Response | undefined> {
    const page = !path.posix.basename(pathname).includes('.');
    const file = this.#files.get(page ? pageOf(pathname, isTenant) : pathname);
    if (!file) return undefined;
    const headers = new Headers({
      'content-type': file.type,
      'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      vary: 'accept-encoding',
    });
    const { body, encoding } = await encode(file, acceptEncoding);
    if (encoding) headers.set('content-encoding', encoding);
    return new Response(new Uint8Array(body), { headers });
  }
}

function pageOf(pathname: string, isTenant: boolean): string {
  if (/^\/docs\/?$/.test(pathname)) return '/docs.html';
  return !isTenant && /^\/operator(\/|$)/.test(pathname) ? '/operator.html' : '/index.html';
}

async function encode(file: WebFile, accepted: string): Promise<{ body: Buffer; encoding?: string }> {
  if (!/text|json|javascript|svg/.test(file.type)) return { body: file.plain };
  if (file.brotli && accepted.includes('br')) return { body: file.brotli, encoding: 'br' };
  if (accepted.includes('gzip')) {
    file.gzip ??= await promisify(gzip)(file.plain);
    return { body: file.gzip, encoding: 'gzip' };
  }
  return { body: file.plain };
}
