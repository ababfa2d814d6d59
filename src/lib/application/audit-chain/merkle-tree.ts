// The Merkle tree of RFC 6962 over leaf hashes that come one after another.
import { nodeHash, sha256 } from './hashes';

/** The roots of the perfect subtrees of a tree, the largest first: all that is needed to add leaves. */
export class MerkleTree {
  #size: bigint;
  readonly #roots: Buffer[];

  /** @param roots one for each bit that is set in `size` */
  constructor(size = 0n, roots: readonly Buffer[] = []) {
    this.#size = size;
    this.#roots = [...roots];
    if (size < 0n || roots.length !== bitsOf(size) || roots.some((root) => root.length !== 32)) {
      throw new RangeError(`${roots.length} roots do not make a tree of ${size} leaves.`);
    }
  }

  get size(): bigint {
    return this.#size;
  }

  get roots(): readonly Buffer[] {
    return this.#roots;
  }

  add(leaf: Buffer): void {
    let added = leaf;
    for (let rest = this.#size; rest & 1n; rest >>= 1n) added = nodeHash(this.#roots.pop() as Buffer, added);
    this.#roots.push(added);
    this.#size += 1n;
  }

  root(): Buffer {
    return (
      this.#roots.reduceRight<Buffer | undefined>(
        (right, left) => (right ? nodeHash(left, right) : left),
        undefined,
      ) ?? sha256(Buffer.alloc(0))
    );
  }
}

/** A subtree beside the way from a leaf to the root: its leaves are those from `from` to before `to`. */
export interface Sibling {
  from: bigint;
  to: bigint;
}

/** The subtrees whose roots prove that a leaf is in a tree, the nearest to the leaf first (RFC 6962, 2.1.1). */
export function siblingsOf(index: bigint, size: bigint): Sibling[] {
  const siblings: Sibling[] = [];
  for (let from = 0n, to = size; to - from > 1n; ) {
    const middle = from + largestPowerBelow(to - from);
    if (index < middle) {
      siblings.unshift({ from: middle, to });
      to = middle;
    } else {
      siblings.unshift({ from, to: middle });
      from = middle;
    }
  }
  return siblings;
}

/** The root that follows from a leaf and its proof; undefined where the proof has another length. */
export function rootFromProof(
  leaf: Buffer,
  index: bigint,
  size: bigint,
  proof: readonly Buffer[],
): Buffer | undefined {
  const siblings = siblingsOf(index, size);
  if (index < 0n || index >= size || proof.length !== siblings.length) return undefined;
  return siblings.reduce((hash, { from }, position) => {
    const sibling = proof[position] as Buffer;
    return from > index ? nodeHash(hash, sibling) : nodeHash(sibling, hash);
  }, leaf);
}

function largestPowerBelow(count: bigint): bigint {
  return 1n << BigInt((count - 1n).toString(2).length - 1);
}

function bitsOf(size: bigint): number {
  return size.toString(2).replaceAll('0', '').length;
}
