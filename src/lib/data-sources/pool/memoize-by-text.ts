// What is found out by reading a text of SQL, kept by text: the same few are sent again and again, and reading one takes microseconds.
import { LRUCache } from 'lru-cache';

const CHARACTERS_KEPT = 1 << 20;
const LONGEST_KEPT = 10_000;

/** The function with its answers kept, for texts that are not too long. */
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
