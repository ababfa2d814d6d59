import { chainHash, NO_CHAIN, sha256 } from './hashes';
import type { StoredRecord } from './log';
import { MerkleTree } from './merkle-tree';

/** Something about the log that was not written by its trigger. */
export interface Finding {
  /**
   * `edited`: the record differs from its leaf hash. `chain_broken`: it, or the record before it, does not belong here: it was
   * inserted, moved or replaced. `missing`: records from `id` to `through` were deleted. `out_of_order`: an id that is there twice, or below 1.
   * `cut`: the end of the log is missing. `rewritten`: records from `id` to `through` differ from what a checkpoint says, though
   * their hashes fit. `checkpoint_invalid`: a checkpoint that no known key has signed, or a
   * copy of another one.
   */
  kind: 'edited' | 'chain_broken' | 'missing' | 'out_of_order' | 'cut' | 'rewritten' | 'checkpoint_invalid';
  /** The first record concerned. */
  id: string;
  /** The last one, where there may be several. */
  through?: string;
  message: string;
}

/** Checks records one after another: each against its hash, its hash against the chain. */
export class ChainCheck {
  /** The last id that was checked; the number of records, where none is missing. */
  #last: bigint;
  /** Undefined after a gap: what was in it is not known. */
  #tree: MerkleTree | undefined;
  #chain: Buffer | undefined;

  /** @param tree and chain of the records that were checked before */
  constructor(tree = new MerkleTree(), chain: Buffer = NO_CHAIN) {
    this.#last = tree.size;
    this.#tree = tree;
    this.#chain = chain;
  }

  /** Checks what follows a record, without the tree. @param chain its chain hash; undefined where it is not known */
  static after(last: bigint, chain: Buffer | undefined): ChainCheck {
    const check = new ChainCheck();
    check.#last = last;
    check.#tree = undefined;
    check.#chain = chain;
    return check;
  }

  get last(): bigint {
    return this.#last;
  }

  get tree(): MerkleTree | undefined {
    return this.#tree;
  }

  get chain(): Buffer | undefined {
    return this.#chain;
  }

  take({ id, leaf, chain, content }: StoredRecord): Finding[] {
    const expected = this.#last + 1n;
    if (id < expected)
      return [{ kind: 'out_of_order', id: `${id}`, message: `The id ${id} does not follow ${this.#last}.` }];
    const findings: Finding[] = [];
    if (id > expected) {
      findings.push(missing(expected, id - 1n));
      this.#tree = undefined;
      this.#chain = undefined;
    }
    if (!sha256(content).equals(leaf)) {
      findings.push({
        kind: 'edited',
        id: `${id}`,
        message: `Record ${id} differs from its hash: it was edited.`,
      });
    } else if (this.#chain && !chainHash(this.#chain, leaf).equals(chain)) {
      findings.push({
        kind: 'chain_broken',
        id: `${id}`,
        message: `Record ${id} does not continue the chain: it, or the one before it, was inserted, moved or replaced.`,
      });
    }
    this.#last = id;
    // The stored hashes: one edited record is one finding, and what follows is checked by itself.
    this.#tree?.add(leaf.length === 32 ? leaf : sha256(content));
    this.#chain = chain.length === 32 ? chain : undefined;
    return findings;
  }
}

function missing(from: bigint, to: bigint): Finding {
  const which = from === to ? `Record ${from} is` : `Records ${from} to ${to} are`;
  return { kind: 'missing', id: `${from}`, through: `${to}`, message: `${which} missing.` };
}
