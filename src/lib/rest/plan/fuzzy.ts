// The most similar of some names, for hints: character grams by cosine similarity, then edit distance.

const LARGEST_GRAM = 3;
const SMALLEST_GRAM = 2;
const SIMILAR_ENOUGH = 0.33;
/** A hint at a less similar name would reveal relations and functions that the caller may not know. */
export const ALMOST_THE_NAME = 0.75;
/** How many of the most similar by grams are compared by edit distance. */
const COMPARED = 50;

export interface FuzzyMatch {
  score: number;
  value: string;
}

/** The names with a score above a threshold (default one third), the most similar first. An equal one alone, with score 1. */
export function fuzzyMatches(
  candidates: Iterable<string>,
  wanted: string,
  leastScore = SIMILAR_ENOUGH,
): FuzzyMatch[] {
  const names = [...new Set(candidates)];
  const key = wanted.toLowerCase();
  const equal = names.find((name) => name.toLowerCase() === key);
  if (equal !== undefined) return [{ score: 1, value: equal }];
  for (let size = LARGEST_GRAM; size >= SMALLEST_GRAM; size -= 1) {
    const found = byGrams(names, key, size, leastScore);
    if (found.length > 0) return found;
  }
  return [];
}

/** The most similar name, if any is similar enough. */
export function closest(
  candidates: Iterable<string>,
  wanted: string,
  leastScore?: number,
): string | undefined {
  return fuzzyMatches(candidates, wanted, leastScore)[0]?.value;
}

function byGrams(names: readonly string[], key: string, size: number, leastScore: number): FuzzyMatch[] {
  const wanted = grams(key, size);
  const length = norm(wanted);
  const similar: FuzzyMatch[] = [];
  for (const name of names) {
    const own = grams(name.toLowerCase(), size);
    let product = 0;
    for (const [gram, count] of wanted) product += count * (own.get(gram) ?? 0);
    if (product > 0) similar.push({ score: product / (length * norm(own)), value: name });
  }
  return similar
    .sort((a, b) => b.score - a.score)
    .slice(0, COMPARED)
    .map(({ value }) => ({ score: closeness(value.toLowerCase(), key), value }))
    .filter(({ score }) => score >= leastScore)
    .sort((a, b) => b.score - a.score);
}

function grams(text: string, size: number): Map<string, number> {
  const padded = `-${text.replaceAll(/[^\p{L}\p{N}_, ]+/gu, '')}-`.padEnd(size, '-');
  const counts = new Map<string, number>();
  for (let at = 0; at + size <= padded.length; at += 1) {
    const gram = padded.slice(at, at + size);
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}

function norm(counts: ReadonlyMap<string, number>): number {
  let sum = 0;
  for (const count of counts.values()) sum += count * count;
  return Math.sqrt(sum);
}

function closeness(a: string, b: string): number {
  return 1 - editDistance(a, b) / Math.max(a.length, b.length, 1);
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(substitution, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
