import { type FileStorage, StorageError } from './index';

/** Longest sides of thumbnails, pixels. */
export const THUMBNAIL_SIZES = [160, 640] as const;
export type ThumbnailSize = (typeof THUMBNAIL_SIZES)[number];

const PICTURES = new Set(['image/jpeg', 'image/png', 'image/webp', 'image/gif']);
/** A few hundred bytes can say that they are a picture of gigabytes. */
const MOST_PIXELS = 100_000_000;
const MOST_SECONDS = 10;

/** Where the thumbnails of a file lie. */
export function thumbnailKey(storageKey: string, size: ThumbnailSize): string {
  return `${storageKey}.${size}.webp`;
}

/**
 * A picture's thumbnail as WebP: upright as its camera says, without what else the camera wrote (the place). Made when
 * it is first asked for, and kept beside the file.
 *
 * @throws StorageError `file_no_thumbnail`: not a picture, or one that cannot be read
 */
export async function readThumbnail(
  storage: FileStorage,
  file: { storage_key: string; mime_type: string; file_name: string },
  size: ThumbnailSize,
): Promise<Uint8Array> {
  if (!PICTURES.has(file.mime_type)) throw none(file.file_name);
  const key = thumbnailKey(file.storage_key, size);
  const kept = await storage.get(key).catch((error: unknown) => {
    if (error instanceof StorageError && error.code === 'file_missing') return undefined;
    throw error;
  });
  if (kept) return kept;
  const made = await shrink(await storage.get(file.storage_key), size).catch((cause: unknown) => {
    throw none(file.file_name, cause);
  });
  await storage.put(key, made, 'image/webp');
  return made;
}

async function shrink(content: Uint8Array, size: ThumbnailSize): Promise<Uint8Array> {
  return (await inside(content, size, size)).webp().toBuffer();
}

/** A company's logo for its documents: a PNG of at most 480 × 144 pixels. @throws StorageError `file_no_thumbnail` */
export async function shrinkLogo(content: Uint8Array, fileName: string): Promise<Uint8Array> {
  const picture = await inside(content, 480, 144);
  return picture
    .png({ palette: true })
    .toBuffer()
    .catch((cause: unknown) => {
      throw none(fileName, cause);
    });
}

async function inside(content: Uint8Array, width: number, height: number) {
  const { default: sharp } = await import('sharp');
  return sharp(content, { limitInputPixels: MOST_PIXELS })
    .timeout({ seconds: MOST_SECONDS })
    .rotate()
    .resize(width, height, { fit: 'inside', withoutEnlargement: true });
}

function none(name: string, cause?: unknown): StorageError {
  return new StorageError('file_no_thumbnail', `“${name}” has no thumbnail.`, { cause });
}
