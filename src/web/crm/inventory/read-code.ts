/** Reads a code from a video frame. @returns its text, or undefined if no code is visible */
export type CodeReader = (video: HTMLVideoElement) => Promise<string | undefined>;

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
type DetectorClass = (new (options: {
  formats: string[];
}) => Detector) & {
  getSupportedFormats(): Promise<string[]>;
};

/** Includes the formats that manufacturers print on their products. */
const FORMATS = ['qr_code', 'code_128', 'code_39', 'ean_13', 'data_matrix'];
/** Scan width, px: wide enough for a label at arm's length, and fast to scan. */
const WIDTH = 720;

/** Uses the browser's BarcodeDetector if it works; otherwise loads a QR code reader on demand. */
export async function createCodeReader(): Promise<CodeReader> {
  const { BarcodeDetector } = window as { BarcodeDetector?: DetectorClass };
  const known = (await BarcodeDetector?.getSupportedFormats().catch(() => [])) ?? [];
  if (BarcodeDetector && known.includes('qr_code')) {
    const detector = new BarcodeDetector({ formats: FORMATS.filter((format) => known.includes(format)) });
    return async (video) => (await detector.detect(video).catch(() => []))[0]?.rawValue;
  }
  const { default: decode } = await import('qr/decode.js');
  const canvas = document.createElement('canvas');
  const picture = canvas.getContext('2d', { willReadFrequently: true });
  return async (video) => {
    if (!picture || video.videoWidth === 0) return undefined;
    canvas.width = Math.min(WIDTH, video.videoWidth);
    canvas.height = Math.round((canvas.width * video.videoHeight) / video.videoWidth);
    picture.drawImage(video, 0, 0, canvas.width, canvas.height);
    try {
      return decode(picture.getImageData(0, 0, canvas.width, canvas.height));
    } catch {
      return undefined;
    }
  };
}

/** A record from one of our labels, or other text to look up as tag, number or name. */
export type Scanned = { table: 'booths' | 'equipment_items'; id: string } | { text: string };

const LABEL = /\/inventory\/(booths|equipment)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i;

export function readLabel(text: string): Scanned {
  const [, kind, id] = LABEL.exec(text.trim()) ?? [];
  if (!kind || !id) return { text: text.trim() };
  return { table: kind === 'booths' ? 'booths' : 'equipment_items', id };
}
