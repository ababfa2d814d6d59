import type { Context } from 'hono';

/** A file to send. */
export interface ServedFile {
  name: string;
  mimeType: string;
  content: Uint8Array;
  /** The name under which the browser saves it, unless it is shown. */
  saveAs?: string | undefined;
}

/** Types a browser may show by itself; everything else is saved. */
const SHOWN = /^(image\/(jpeg|png|webp|gif)|application\/pdf|text\/plain)$/;

/** Sends a file: no shared cache, and no guessing of its type by the browser. */
export function sendFile(context: Context, { name: shown, mimeType, content, saveAs }: ServedFile): Response {
  const disposition = saveAs === undefined && SHOWN.test(mimeType) ? 'inline' : 'attachment';
  const name = saveAs ?? shown;
  // RFC 6266: an ASCII name for old clients, the real one in UTF-8.
  const ascii = name.replace(/[^\x20-\x7e]|["\\]/g, '_');
  const headers = {
    'content-type': mimeType,
    'content-length': String(content.byteLength),
    'content-disposition': `${disposition}; filename="${ascii}"; filename*=UTF-8''${encodeName(name)}`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
  };
  return context.body(new Uint8Array(content), 200, headers);
}

/** RFC 5987: what encodeURIComponent leaves but the grammar does not. */
function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16)}`,
  );
}
