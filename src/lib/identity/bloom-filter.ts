import { createHash } from 'node:crypto';

/** Bits set for each entry, and bits of the filter for each: one in 10,000 texts that were not added seems to have been. */
const HASHES = 13;
const BITS_OF_ENTRY = 19.2;

/** A set of texts, kept as bits: it answers "no" for certain, and "yes" wrongly for one text in 10,000. */
export class BloomFilter {
  constructor(readonly bits: Uint8Array) {}

  /** @param entries how many will be added */
  static for(entries: number): BloomFilter {
    return new BloomFilter(new Uint8Array(Math.ceil((entries * BITS_OF_ENTRY) / 8)));
  }

  add(text: string): void {
    for (const place of this.#places(text))
      this.bits[place >>> 3] = (this.bits[place >>> 3] ?? 0) | (1 << (place & 7));
  }

  has(text: string): boolean {
    return this.#places(text).every((place) => ((this.bits[place >>> 3] ?? 0) & (1 << (place & 7))) !== 0);
  }

  /** Two halves of one digest stand for any number of hash functions (Kirsch and Mitzenmacher, 2006). */
  #places(text: string): number[] {
    const digest = createHash('sha256').update(text).digest();
    const first = digest.readUIntBE(0, 6);
    const second = digest.readUIntBE(6, 6);
    const size = this.bits.length * 8;
    return Array.from({ length: HASHES }, (_, index) => (first + index * second) % size);
  }
}
