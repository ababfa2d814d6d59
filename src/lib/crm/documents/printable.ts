import { loadGlyphs } from './fonts';

/**
 * The same value with every text as it can be set, and none of it lost: letters with separate accents are composed, several
 * spaces keep their width, controls are left out, and what no font has is printed as its code (`[U+E000]`).
 */
export async function printable<T>(value: T): Promise<T> {
  const hasGlyph = await loadGlyphs();
  return mapTexts(value, (text) => settable(text, hasGlyph)) as T;
}

function mapTexts(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((part) => mapTexts(part, map));
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return value;
  const mapIn = (key: string) => (key.endsWith('Html') ? (text: string) => map(collapsed(text)) : map);
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, mapTexts(part, mapIn(key))]));
}

/** In HTML, blanks and line breaks side by side are one space. */
function collapsed(html: string): string {
  return html.replace(/[ \t\r\n]+/g, ' ');
}

/** Characters that need no further look: most texts have no others. */
const PLAIN = /^(?: ?[\n\x21-\x7e\u00a1-\u024f\u0400-\u045f])* ?$/u;

function settable(text: string, hasGlyph: (codePoint: number) => boolean): string {
  if (PLAIN.test(text)) return text;
  const composed = text
    .normalize('NFC')
    .replace(/\r\n?|\u2028|\u2029|\v|\f/g, '\n')
    .replace(/\t/g, '    ')
    // Joiners and variants of emoji, whose parts are printed one after another.
    .replace(/(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)(?:\ufe0e|\ufe0f|\u200d)+/gu, '')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Variation_Selector}]/gu, (sign) => (KEPT.test(sign) ? sign : ''))
    // The line breaker knows single spaces only.
    .replace(/ {2,}/g, (spaces) => `${'\u00a0'.repeat(spaces.length - 1)} `);
  const known = composed.replace(/[^\n ]/gu, (sign) => {
    const codePoint = sign.codePointAt(0) ?? 0;
    if (hasGlyph(codePoint)) return sign;
    return KEPT.test(sign) ? '' : `[U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}]`;
  });
  // react-pdf draws only the first of two neighbours beyond U+FFFF; a hair space keeps them apart.
  return known.replace(/(?<=[\u{10000}-\u{10ffff}])(?=[\u{10000}-\u{10ffff}])/gu, '\u200a');
}

/** Invisible signs with a meaning for the letters beside them: joiners, marks of direction, the soft hyphen. */
const KEPT = /[\n\u00ad\u200b-\u200f\u202a-\u202e\u2060\u2066-\u2069]/u;
