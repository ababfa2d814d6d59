// A camera that shows a label: a file of raw video that Chromium plays instead of a camera's picture.
import { writeFile } from 'node:fs/promises';
import encodeQR from 'qr';

const WIDTH = 640;
const HEIGHT = 480;
const MODULE = 6;
const LIGHT = 220;
const DARK = 25;

/** Writes the video. @returns Chromium's flags for it */
export async function fakeCamera(file: string, text: string): Promise<string[]> {
  const modules = encodeQR(text, 'raw', { border: 4 });
  const left = Math.round((WIDTH - modules.length * MODULE) / 2);
  const top = Math.round((HEIGHT - modules.length * MODULE) / 2);
  const brightness = Buffer.alloc(WIDTH * HEIGHT, 130);
  modules.forEach((row, y) => {
    row.forEach((dark, x) => {
      for (let line = 0; line < MODULE; line++) {
        const at = (top + y * MODULE + line) * WIDTH + left + x * MODULE;
        brightness.fill(dark ? DARK : LIGHT, at, at + MODULE);
      }
    });
  });
  const colour = Buffer.alloc((WIDTH * HEIGHT) / 2, 128);
  const frame = Buffer.concat([Buffer.from('FRAME\n'), brightness, colour]);
  const head = Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420jpeg\n`);
  await writeFile(file, Buffer.concat([head, ...Array.from({ length: 10 }, () => frame)]));
  return [
    // Without a graphics card, showing video keeps the page from everything else.
    '--disable-gpu',
    '--use-fake-device-for-media-stream',
    '--use-fake-ui-for-media-stream',
    `--use-file-for-fake-video-capture=${file}`,
  ];
}
