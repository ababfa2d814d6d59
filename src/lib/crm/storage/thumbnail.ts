import { MarqueeError } from '@/lib/failures';
import { type Rendering, render } from '../rendering';
import { type FileStorage, readStored, StorageError } from './file-storage';

/** Longest sides of thumbnails, pixels. */
export const THUMBNAIL_SIZES = [160, 640] as const;
export type ThumbnailSize = (typeof THUMBNAIL_SIZES)[number];

const PICTURES = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif']);
/** The key of a file's thumbnail. */
export function thumbnailKey(storageKey: string, size: ThumbnailSize): string {
  return `${storageKey}.${size}.webp`;
}

/**
 * A picture's thumbnail as WebP, rotated as EXIF says, without metadata. Made on first request and stored beside the file.
 *
 * @throws StorageError `file_no_thumbnail`: not a picture, or one that cannot be read
 */
export async function readThumbnail(
  storage: FileStorage,
  file: { storage_key: string; sha256: string | null; mime_type: string; file_name: string },
  size: ThumbnailSize,
  rendering: Rendering,
): Promise<Uint8Array> {
  if (!PICTURES.has(file.mime_type)) throw none(file.file_name);
  const key = thumbnailKey(file.storage_key, size);
  const kept = await storage.get(key).catch((error: unknown) => {
    if (error instanceof StorageError && error.code === 'file_missing') return undefined;
    throw error;
  });
  if (kept) return kept;
  const content = await readStored(storage, file);
  const made = await render({ kind: 'thumbnail', content, size }, rendering).catch((cause: unknown) => {
    throw refusal(file.file_name, cause);
  });
  await storage.put(key, made, 'image/webp');
  return made;
}

/** A company's logo for its documents: a PNG of at most 480 × 144 pixels. @throws StorageError `file_no_thumbnail` */
export async function shrinkLogo(
  content: Uint8Array,
  fileName: string,
  rendering: Rendering,
): Promise<Uint8Array> {
  return render({ kind: 'logo', content }, rendering).catch((cause: unknown) => {
    throw refusal(fileName, cause);
  });
}

/** Converts errors of unreadable pictures; a full queue stays as it is. */
function refusal(name: string, cause: unknown): unknown {
  return cause instanceof MarqueeError ? cause : none(name, cause);
}

function none(name: string, cause?: unknown): StorageError {
  return new StorageError('file_no_thumbnail', `“${name}” has no thumbnail.`, { cause });
}
