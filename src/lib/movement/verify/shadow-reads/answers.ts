// Whether two homes gave one answer. Rows come in no order that a statement does not ask for, so their order says nothing;
// and which rows a limit cuts off is then open too, but not what is in a row that both gave.

type Row = readonly (string | null)[];

/**
 * @param cut the statement takes only some of the rows there are (`limit`, `offset`)
 */
export function alike(one: readonly Row[], other: readonly Row[], cut: boolean): boolean {
  if (one.length !== other.length) return false;
  if (one.length !== 1) return sameThings(one.map(textOf), other.map(textOf), cut);
  const [left = [], right = []] = [one[0], other[0]];
  return (
    left.length === right.length && left.every((cell, place) => sameCell(cell, right[place] ?? null, cut))
  );
}

/** The same to the letter: nothing changed in between. */
export function unchanged(one: readonly Row[], other: readonly Row[]): boolean {
  return (
    one.length === other.length && one.every((row, place) => textOf(row) === textOf(other[place] as Row))
  );
}

function textOf(row: Row): string {
  return JSON.stringify(row);
}

/** The data engine answers with its rows as one JSON array. */
function sameCell(one: string | null, other: string | null, cut: boolean): boolean {
  if (one === other) return true;
  const [left, right] = [elements(one), elements(other)];
  if (!left || !right || left.length !== right.length) return false;
  const ids = new Map(
    left.flatMap((item) => (idOf(item) === undefined ? [] : [[idOf(item), item] as const])),
  );
  if (cut && ids.size === left.length) {
    return right.every((item) => {
      const match = ids.get(idOf(item));
      return match === undefined || JSON.stringify(match) === JSON.stringify(item);
    });
  }
  return sameThings(left.map(jsonOf), right.map(jsonOf), cut);
}

function sameThings(one: readonly string[], other: readonly string[], cut: boolean): boolean {
  // Without ids, rows that are missing cannot be told from rows that were cut off.
  if (cut) return one.length === other.length;
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
