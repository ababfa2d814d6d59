// Scales pictures, in the calling thread: `rendering/` calls it in a thread of its own.
import sharp from 'sharp';

/** The most pixels: a small file can claim to be a picture of gigabytes. */
const MOST_PIXELS = 100_000_000;
const MOST_SECONDS = 10;

sharp.cache(false);
sharp.concurrency(1);

/** As WebP, rotated as EXIF says, without metadata. @param size the longest side, pixels */
export function shrinkToThumbnail(content: Uint8Array, size: number): Promise<Uint8Array> {
  return inside(content, size, size).webp().toBuffer();
}

/** As PNG of at most 480 × 144 pixels. */
export function shrinkToLogo(content: Uint8Array): Promise<Uint8Array> {
  return inside(content, 480, 144).png({ palette: true }).toBuffer();
}

function inside(content: Uint8Array, width: number, height: number) {
  return sharp(content, { limitInputPixels: MOST_PIXELS })
    .timeout({ seconds: MOST_SECONDS })
    .rotate()
    .resize(width, height, { fit: 'inside', withoutEnlargement: true });
}

/** EXIF's tag of the location (GPSInfo, 0x8825), in either byte order. */
const GPS_TAGS = [Buffer.from([0x88, 0x25, 0x00, 0x04]), Buffer.from([0x25, 0x88, 0x04, 0x00])];

/**
 * Re-encodes a picture without EXIF and XMP if these hold a location. Otherwise, or if it cannot be read, it stays as it is.
 */
export async function dropPlace(content: Uint8Array, mimeType: string): Promise<Uint8Array> {
  try {
    const { exif, xmp } = await sharp(content).metadata();
    if (!GPS_TAGS.some((tag) => exif?.includes(tag)) && !xmp?.includes('GPSL')) return content;
    const upright = sharp(content, { limitInputPixels: MOST_PIXELS, animated: mimeType === 'image/webp' })
      .timeout({ seconds: MOST_SECONDS })
      .rotate()
      .keepIccProfile();
    if (mimeType === 'image/png') return await upright.png().toBuffer();
    if (mimeType === 'image/webp') return await upright.webp({ quality: 95 }).toBuffer();
    return await upright.jpeg({ quality: 95, chromaSubsampling: '4:4:4' }).toBuffer();
  } catch {
    return content;
  }
}
