import { type Rendering, render } from '../rendering';
import type { ReceivedFile } from './received-file';

/** Kinds of pictures whose camera may have written down where it stood, and which can be written again without it. */
const PICTURES = new Set(['image/jpeg', 'image/png', 'image/webp']);

/** A picture without the place where it was taken; undefined where none is written in it. */
export async function withoutPlace(
  file: ReceivedFile,
  mimeType: string,
  rendering: Rendering,
): Promise<Uint8Array | undefined> {
  if (!PICTURES.has(mimeType)) return undefined;
  const content = new Uint8Array(await (await file.content()).arrayBuffer());
  const placeless = await render({ kind: 'placeless', content, mimeType }, rendering);
  return Buffer.compare(placeless, content) === 0 ? undefined : placeless;
}
