// Pictures made small, in this thread: `rendering/` runs it in one of its own.
import sharp from 'sharp';

/** A few hundred bytes can say that they are a picture of gigabytes. */
const MOST_PIXELS = 100_000_000;
const MOST_SECONDS = 10;

sharp.cache(false);
sharp.concurrency(1);

/** As WebP: upright as its camera says, without what else the camera wrote (the place). @param size the longest side, pixels */
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
