// A company's color with text that can be read: WCAG 2.2, contrast of at least 4.5 to 1.

const ENOUGH = 4.5;

/** The color of text on a ground of this color: the one of black and white that contrasts more. @param color `#rrggbb` */
export function inkOn(color: string): '#ffffff' | '#000000' {
  return contrast(color, '#ffffff') >= ENOUGH || contrast(color, '#ffffff') >= contrast(color, '#000000')
    ? '#ffffff'
    : '#000000';
}

/** The color itself, or as dark a shade of it as can be read on white. @param color `#rrggbb` */
export function inkOfColor(color: string): string {
  let shade = color.toLowerCase();
  while (contrast(shade, '#ffffff') < ENOUGH) shade = darker(shade);
  return shade;
}

/** Contrast ratio of two colors, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = channels(color).map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function channels(color: string): number[] {
  return [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16));
}

function darker(color: string): string {
  const hex = (channel: number) =>
    Math.floor(channel * 0.94)
      .toString(16)
      .padStart(2, '0');
  return `#${channels(color).map(hex).join('')}`;
}
