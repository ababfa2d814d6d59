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

/**
 * Sends a file, or the part of it that a Range header names, as players of videos do: no shared cache, and no guessing of its type
 * by the browser.
 */
export function sendFile(context: Context, { name: shown, mimeType, content, saveAs }: ServedFile): Response {
  const disposition = saveAs === undefined && SHOWN.test(mimeType) ? 'inline' : 'attachment';
  const name = saveAs ?? shown;
  // RFC 6266: an ASCII name for old clients, the real one in UTF-8.
  const ascii = name.replace(/[^\x20-\x7e]|["\\]/g, '_');
  const size = content.byteLength;
  const part = rangeOf(context, size);
  if (part === 'unsatisfiable') return context.body(null, 416, { 'content-range': `bytes */${size}` });
  const { first, last } = part ?? { first: 0, last: size - 1 };
  const headers = {
    'content-type': mimeType,
    'content-length': String(last + 1 - first),
    'accept-ranges': 'bytes',
    ...(part && { 'content-range': `bytes ${first}-${last}/${size}` }),
    'content-disposition': `${disposition}; filename="${ascii}"; filename*=UTF-8''${encodeName(name)}`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
  };
  return context.body(new Uint8Array(content.subarray(first, last + 1)), part ? 206 : 200, headers);
}

/**
 * The bytes that are asked for (RFC 9110, 14.2). A range that is malformed, several of them, or one that depends on a version
 * (If-Range) are ignored: then the whole file is the answer.
 */
function rangeOf(
  { req }: Context,
  size: number,
): { first: number; last: number } | 'unsatisfiable' | undefined {
  if (req.method !== 'GET' || req.header('if-range') !== undefined) return undefined;
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(req.header('range') ?? '') ?? [];
  if (from === '' && to === '') return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < first) return undefined;
  return first > last ? 'unsatisfiable' : { first, last };
}

/** RFC 5987: what encodeURIComponent leaves but the grammar does not. */
function encodeName(name: string): string {
  return encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16)}`,
  );
}
