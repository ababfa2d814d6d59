// The fonts of documents, and where a line may break.
import { createRequire } from 'node:module';
import { Font } from '@react-pdf/renderer';

const require = createRequire(import.meta.url);
const noto = (face: string) => require.resolve(`@expo-google-fonts/noto-sans/${face}`);
const dejavu = (face: string) => require.resolve(`dejavu-fonts-ttf/ttf/${face}`);

Font.register({
  family: 'Noto Sans',
  fonts: [
    { src: noto('400Regular/NotoSans_400Regular.ttf') },
    { src: noto('700Bold/NotoSans_700Bold.ttf'), fontWeight: 700 },
    { src: noto('400Regular_Italic/NotoSans_400Regular_Italic.ttf'), fontStyle: 'italic' },
    { src: noto('700Bold_Italic/NotoSans_700Bold_Italic.ttf'), fontWeight: 700, fontStyle: 'italic' },
  ],
});
// DejaVu Sans has Arabic, Hebrew and symbols that Noto Sans lacks; the others are typefaces of documents.
for (const [family, face, slanted] of [
  ['DejaVu Sans', 'DejaVuSans', 'Oblique'],
  ['DejaVu Sans Condensed', 'DejaVuSansCondensed', 'Oblique'],
  ['DejaVu Serif', 'DejaVuSerif', 'Italic'],
] as const) {
  Font.register({
    family,
    fonts: [
      { src: dejavu(`${face}.ttf`) },
      { src: dejavu(`${face}-Bold.ttf`), fontWeight: 700 },
      { src: dejavu(`${face}-${slanted}.ttf`), fontStyle: 'italic' },
      { src: dejavu(`${face}-Bold${slanted}.ttf`), fontWeight: 700, fontStyle: 'italic' },
    ],
  });
}
// Everything else, as a bitmap face in one weight: Chinese, Japanese, Korean, Thai, …, emoji.
const everything = require.resolve('@fontsource/unifontex/files/unifontex-latin-400-normal.woff');
Font.register({
  family: 'UnifontEX',
  fonts: [
    { src: everything },
    { src: everything, fontWeight: 700 },
    { src: everything, fontStyle: 'italic' },
    { src: everything, fontWeight: 700, fontStyle: 'italic' },
  ],
});

/** In order of preference, for each character. */
export const FAMILIES = ['Noto Sans', 'DejaVu Sans', 'UnifontEX'];

/** Typefaces that a company may choose for its documents. */
const TYPEFACES = {
  'noto-sans': 'Noto Sans',
  'dejavu-sans': 'DejaVu Sans',
  'dejavu-sans-condensed': 'DejaVu Sans Condensed',
  'dejavu-serif': 'DejaVu Serif',
} as const;
export type Typeface = keyof typeof TYPEFACES;

/** The font families of a document: the chosen one, then those that have what it lacks. */
export function familiesOf(typeface: Typeface = 'noto-sans'): string[] {
  return [...new Set([TYPEFACES[typeface], ...FAMILIES])];
}

/** Whether some font has a glyph for a code point. Loads the fonts. */
export async function loadGlyphs(): Promise<(codePoint: number) => boolean> {
  const fonts = await Promise.all(
    FAMILIES.map(async (fontFamily) => {
      await Font.load({ fontFamily });
      const font = Font.getFont({ fontFamily })?.data;
      if (font?.type === 'WOFF') keepTables(font as object as WoffFont);
      return font;
    }),
  );
  return (codePoint) => fonts.some((font) => font?.hasGlyphForCodePoint(codePoint));
}

/** A compressed font of fontkit, which inflates a whole table for each glyph that it reads. */
interface WoffFont {
  _getTableStream(tag: string): TableStream | null;
}
interface TableStream {
  buffer: Uint8Array;
  constructor: new (buffer: Uint8Array) => TableStream;
}

/** Makes a compressed font inflate each table once. */
function keepTables(font: WoffFont): void {
  if (Object.hasOwn(font, '_getTableStream')) return;
  const inflate = font._getTableStream.bind(font);
  const kept = new Map<string, TableStream>();
  font._getTableStream = (tag) => {
    const table = kept.get(tag) ?? inflate(tag);
    if (!table || table.buffer === (font as { stream?: TableStream }).stream?.buffer) return table;
    kept.set(tag, table);
    return new table.constructor(table.buffer);
  };
}

/** Scripts that are written without spaces. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}]/u;
const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const breaks = new Map<number, (word: string) => string[]>();

/**
 * Where the words of a text may break, without a hyphen: nowhere, or after each letter where a word is longer than a line.
 * Between two parts stands an empty one, which the line breaker takes for a space without a width.
 *
 * @param letters that fit into a line, however wide they are
 */
export function breakLongWords(letters: number): (word: string) => string[] {
  const made = breaks.get(letters) ?? ((word) => partsOf(word, letters));
  breaks.set(letters, made);
  return made;
}

function partsOf(word: string, letters: number): string[] {
  if (word.trim() === '' || (word.length <= letters && !UNSPACED.test(word))) return [word];
  const parts = [...graphemes.segment(word)].map(({ segment }) => segment);
  const isLong = parts.length > letters;
  return parts.flatMap((part, index) => {
    const isBreak = index > 0 && (isLong || UNSPACED.test(part) || UNSPACED.test(parts[index - 1] ?? ''));
    return isBreak ? ['', part] : [part];
  });
}

/** For text in a column of at least half a page. */
Font.registerHyphenationCallback(breakLongWords(28));
