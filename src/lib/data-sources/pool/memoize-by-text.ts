// Caches what a function finds out about a text of SQL. The same few texts are sent again and again, and parsing one takes microseconds.
import { LRUCache } from 'lru-cache';

const CHARACTERS_KEPT = 1 << 20;
const LONGEST_KEPT = 10_000;

/** The function with a cache of its results for texts that are not too long. */
export function memoizeByText<T extends object>(read: (text: string) => T): (text: string) => T {
  const known = new LRUCache<string, T>({
    maxSize: CHARACTERS_KEPT,
    maxEntrySize: LONGEST_KEPT,
    sizeCalculation: (_, text) => text.length + 1,
  });
  return (text) => {
    let found = known.get(text);
    if (!found) {
      found = read(text);
      known.set(text, found);
    }
    return found;
  };
}
