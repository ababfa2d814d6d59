import { type Rendering, render } from '../rendering';
import type { ReceivedFile } from './received-file';

/** Types of pictures that may hold a location, and that can be re-encoded without it. */
const PICTURES = new Set(['image/jpeg', 'image/png', 'image/webp']);

/** The picture without its location; undefined where it holds none. */
export async function withoutLocation(
  file: ReceivedFile,
  mimeType: string,
  rendering: Rendering,
): Promise<Uint8Array | undefined> {
  if (!PICTURES.has(mimeType)) return undefined;
  const content = new Uint8Array(await (await file.content()).arrayBuffer());
  const placeless = await render({ kind: 'placeless', content, mimeType }, rendering);
  return Buffer.compare(placeless, content) === 0 ? undefined : placeless;
}
