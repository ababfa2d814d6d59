/** How full names are divided: as they are written, the last name first, or not at all. */
export type NameStyle = 'first-last' | 'last-first' | 'whole';

export interface PersonName {
  first_name: string;
  last_name?: string;
}

const PREFIXES = new Set(
  'mr mrs ms miss mx dr prof sir dame rev fr hr herr frau dipl ing mag dott dr-ing'.split(' '),
);
const SUFFIXES = new Set('jr sr ii iii iv phd md esq dds cpa mba bsc msc ba ma'.split(' '));
/** Words that begin a last name. */
const PARTICLES = new Set(
  'van von der den de del della di da du la le ter ten zu zur vom st bin al el dos das'.split(' '),
);
const AND = /\s+(?:&|and|und|y|et|\+)\s+/i;

const plain = (word: string) => word.toLowerCase().replace(/[.,]/g, '');

/**
 * Divides a full name: `Dr. Anna van der Berg, PhD`, `Smith, Anna`, `Anna & Ben Smith` (both first names stay together),
 * `Anna Smith & Ben Jones` (one entry: both names stay whole). Titles and degrees are left out.
 */
export function splitName(text: string, style: NameStyle): PersonName {
  const name = text.trim().replace(/\s+/g, ' ');
  if (style === 'whole' || name === '') return { first_name: name };
  const [before = '', ...behind] = name.split(',').map((part) => part.trim());
  const rest = behind.filter((part) => !part.split(' ').every((word) => SUFFIXES.has(plain(word))));
  if (rest.length > 0) return named(withoutTitles(rest.join(' ')), withoutTitles(before), name);
  const halves = before.split(AND);
  if (halves.length > 1) return couple(halves, before.match(AND)?.[0] ?? ' & ', style, name);
  const words = withoutTitles(before).split(' ');
  if (style === 'last-first') {
    const end = beginOfFirst(words);
    return named(words.slice(end).join(' '), words.slice(0, end).join(' '), name);
  }
  const begin = beginOfLast(words);
  return named(words.slice(0, begin).join(' '), words.slice(begin).join(' '), name);
}

/** The last half has the last name of all, where the others are one word each. */
function couple(halves: string[], and: string, style: NameStyle, name: string): PersonName {
  const cleaned = halves.map(withoutTitles);
  const ends = style === 'last-first' ? cleaned.slice(1) : cleaned.slice(0, -1);
  if (ends.some((half) => half.includes(' '))) return { first_name: name };
  const single = (style === 'last-first' ? cleaned[0] : cleaned.at(-1)) ?? '';
  // “Mr. and Mrs. Smith”: the titles are all there is before the last name.
  if (ends.every((half) => PREFIXES.has(plain(half)))) {
    return named(name.slice(0, name.length - single.length).trim(), single, name);
  }
  const words = single.split(' ');
  if (style === 'last-first') {
    const end = beginOfFirst(words);
    return named([words.slice(end).join(' '), ...ends].join(and), words.slice(0, end).join(' '), name);
  }
  const begin = beginOfLast(words);
  return named([...ends, words.slice(0, begin).join(' ')].join(and), words.slice(begin).join(' '), name);
}

/** The index of the word that begins the last name: the last word, and particles before it. */
function beginOfLast(words: string[]): number {
  let at = Math.max(1, words.length - 1);
  while (at > 1 && PARTICLES.has(plain(words[at - 1] ?? ''))) at -= 1;
  return at;
}

/** In a name with the last name first: the index of the first word after it. */
function beginOfFirst(words: string[]): number {
  const at = words.findIndex((word) => !PARTICLES.has(plain(word)));
  return Math.min(words.length, Math.max(0, at) + 1);
}

function withoutTitles(text: string): string {
  const words = text.split(' ');
  while (words.length > 1 && PREFIXES.has(plain(words[0] ?? ''))) words.shift();
  while (words.length > 1 && SUFFIXES.has(plain(words.at(-1) ?? ''))) words.pop();
  return words.join(' ');
}

function named(first: string, last: string, whole: string): PersonName {
  if (first === '') return { first_name: last || whole };
  return last === '' ? { first_name: first } : { first_name: first, last_name: last };
}
