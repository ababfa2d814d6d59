import {
  compareKeys,
  compareTable,
  type RowDifference,
  type Side,
  type TenantTable,
} from '@/lib/tenant-data/rows';
import type { Change } from '../stream/change-stream';

const KEYS_AT_ONCE = 5_000;
/** Some 200 bytes each. */
const MOST_KEYS = 250_000;

/**
 * Keys of rows that have changed since they were compared last.
 *
 * So that memory is bounded, the keys of the table that has most are forgotten where there would be too many: until the next comparison
 * all rows of that table count as changed, and all are compared.
 */
export class ChangedKeys {
  #keys = new Map<string, Map<string, string[]>>();
  #held = 0;
  /** Tables without keys, and how many changes of each were noted. */
  #whole = new Map<string, number>();

  /** @param most keys that are held */
  constructor(private readonly most = MOST_KEYS) {}

  /** Of changed rows, about: in a table whose keys were forgotten each change counts. */
  get size(): number {
    return [...this.#whole.values()].reduce((sum, changes) => sum + changes, this.#held);
  }

  note(change: Change): void {
    // Truncation names no keys. The rows are gone on both sides, and the next full comparison would see any that are not.
    if (change.kind === 'truncate') return;
    this.add(change.table, change.key);
    if (change.kind === 'rekey') this.add(change.table, change.newKey);
  }

  add(table: string, key: string[]): void {
    const changes = this.#whole.get(table);
    if (changes !== undefined) {
      this.#whole.set(table, changes + 1);
      return;
    }
    const keys = this.#keys.get(table) ?? new Map<string, string[]>();
    this.#keys.set(table, keys);
    const id = key.join('\0');
    if (keys.has(id)) return;
    keys.set(id, key);
    this.#held += 1;
    if (this.#held > this.most) this.#forgetMost();
  }

  has({ table, key }: Pick<RowDifference, 'table' | 'key'>): boolean {
    return this.#whole.has(table) || (this.#keys.get(table)?.has(key.join('\0')) ?? false);
  }

  /** Compares the rows of all keys and empties the set. @returns what differs */
  async compare(tables: readonly TenantTable[], one: Side, other: Side): Promise<RowDifference[]> {
    const [keys, whole] = [this.#keys, this.#whole];
    this.#keys = new Map();
    this.#whole = new Map();
    this.#held = 0;
    const differences: RowDifference[] = [];
    for (const table of tables) {
      if (whole.has(table.name)) differences.push(...(await compareTable(table, one, other)).differences);
      const changed = [...(keys.get(table.name)?.values() ?? [])];
      for (let at = 0; at < changed.length; at += KEYS_AT_ONCE) {
        differences.push(...(await compareKeys(table, changed.slice(at, at + KEYS_AT_ONCE), one, other)));
      }
    }
    return differences;
  }

  #forgetMost(): void {
    let [most, count] = ['', 0];
    for (const [table, { size }] of this.#keys) if (size > count) [most, count] = [table, size];
    this.#keys.delete(most);
    this.#held -= count;
    this.#whole.set(most, count);
  }
}
