// Whether two databases gave the same answer. A statement without an order may return its rows in any order, and with a limit also
// any of the rows; but rows with the same id must be equal.

type Row = readonly (string | null)[];

/**
 * @param limited the statement returns only some of the rows (`limit`, `offset`)
 */
export function alike(one: readonly Row[], other: readonly Row[], limited: boolean): boolean {
  if (one.length !== other.length) return false;
  if (one.length !== 1) return sameItems(one.map(textOf), other.map(textOf), limited);
  const [left = [], right = []] = [one[0], other[0]];
  return (
    left.length === right.length && left.every((cell, place) => sameCell(cell, right[place] ?? null, limited))
  );
}

/** Whether two answers are identical, so that nothing has changed in between. */
export function unchanged(one: readonly Row[], other: readonly Row[]): boolean {
  return (
    one.length === other.length && one.every((row, place) => textOf(row) === textOf(other[place] as Row))
  );
}

function textOf(row: Row): string {
  return JSON.stringify(row);
}

/** The data engine returns its rows as one JSON array in one cell. */
function sameCell(one: string | null, other: string | null, limited: boolean): boolean {
  if (one === other) return true;
  const [left, right] = [elements(one), elements(other)];
  if (!left || !right || left.length !== right.length) return false;
  const ids = new Map(
    left.flatMap((item) => (idOf(item) === undefined ? [] : [[idOf(item), item] as const])),
  );
  if (limited && ids.size === left.length) {
    return right.every((item) => {
      const match = ids.get(idOf(item));
      return match === undefined || JSON.stringify(match) === JSON.stringify(item);
    });
  }
  return sameItems(left.map(jsonOf), right.map(jsonOf), limited);
}

function sameItems(one: readonly string[], other: readonly string[], limited: boolean): boolean {
  // Without ids, missing rows cannot be told from rows beyond the limit.
  if (limited) return one.length === other.length;
  const sorted = [...other].sort();
  return [...one].sort().every((item, place) => item === sorted[place]);
}

function elements(cell: string | null): unknown[] | undefined {
  if (!cell?.startsWith('[')) return undefined;
  try {
    const parsed: unknown = JSON.parse(cell);
    return Array.isArray(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function jsonOf(item: unknown): string {
  return JSON.stringify(item);
}

function idOf(item: unknown): unknown {
  return typeof item === 'object' && item !== null && 'id' in item ? item.id : undefined;
}
