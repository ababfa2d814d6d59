import { compareKeys, type RowDifference, type Side, type TenantTable } from '@/lib/tenant-data/rows';
import type { Change } from '../stream/change-stream';

const KEYS_AT_ONCE = 5_000;

/** Keys of rows that have changed since they were compared last. */
export class ChangedKeys {
  #keys = new Map<string, Map<string, string[]>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  note(change: Change): void {
    // Truncation names no keys. The rows are gone on both sides, and the next full comparison would see any that are not.
    if (change.kind === 'truncate') return;
    this.add(change.table, change.key);
    if (change.kind === 'rekey') this.add(change.table, change.newKey);
  }

  add(table: string, key: string[]): void {
    const keys = this.#keys.get(table) ?? new Map<string, string[]>();
    this.#keys.set(table, keys);
    const id = key.join('\0');
    if (keys.has(id)) return;
    keys.set(id, key);
    this.#size += 1;
  }

  has({ table, key }: Pick<RowDifference, 'table' | 'key'>): boolean {
    return this.#keys.get(table)?.has(key.join('\0')) ?? false;
  }

  /** Empties the set. */
  take(): Map<string, string[][]> {
    const taken = new Map([...this.#keys].map(([table, keys]) => [table, [...keys.values()]]));
    this.#keys = new Map();
    this.#size = 0;
    return taken;
  }

  /** Compares the rows of all keys and empties the set. @returns what differs */
  async compare(tables: readonly TenantTable[], one: Side, other: Side): Promise<RowDifference[]> {
    const differences: RowDifference[] = [];
    for (const [name, keys] of this.take()) {
      const table = tables.find((known) => known.name === name);
      if (!table) continue;
      for (let at = 0; at < keys.length; at += KEYS_AT_ONCE) {
        differences.push(...(await compareKeys(table, keys.slice(at, at + KEYS_AT_ONCE), one, other)));
      }
    }
    return differences;
  }
}
