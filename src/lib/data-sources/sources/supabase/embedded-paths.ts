import { DataSourceError } from '../../errors';

/**
 * The paths by which PostgREST names the embedded resources of `select` in filters: `orders`, `orders.items`, by alias
 * where there is one. Repeated `select` parameters are all read.
 *
 * @throws DataSourceError `data_source_request_refused` for a select that cannot be understood to its end
 */
export function embeddedPaths(selects: readonly string[]): string[] {
  const paths: string[] = [];
  for (const select of selects) {
    const rest = readItems(select, 0, [], paths);
    if (rest !== select.length) unreadable();
  }
  return [...new Set(paths)];
}

/** Reads items separated by commas, up to the closing parenthesis or the end. @returns the position where it stopped */
function readItems(text: string, start: number, parents: readonly string[], paths: string[]): number {
  let position = start;
  let itemStart = start;
  while (position < text.length) {
    const character = text[position];
    if (character === '"') {
      position = endOfQuoted(text, position);
    } else if (character === '(') {
      const item = text.slice(itemStart, position);
      if (text[position + 1] === ')' && AGGREGATE.test(item)) {
        position += 2;
        continue;
      }
      const path = [...parents, resourceName(item)];
      paths.push(path.join('.'));
      position = readItems(text, position + 1, path, paths);
      if (text[position] !== ')') unreadable();
      position += 1;
    } else if (character === ')') {
      return position;
    } else {
      position += 1;
      if (character === ',') itemStart = position;
    }
  }
  return position;
}

const AGGREGATE = /(^|[.:\s])(count|sum|avg|min|max)$/;

/** `alias:table!hint` or `...table` before a parenthesis: the name that filters use. */
function resourceName(item: string): string {
  const text = item.trim().replace(/^\.\.\./, '');
  const match = /^(?:("(?:[^"\\]|\\.)*"|[^:"!]+):(?!:))?("(?:[^"\\]|\\.)*"|[^:"!]+)((?:![^!]+)*)$/.exec(text);
  const name = match?.[1] ?? match?.[2];
  return name === undefined ? unreadable() : name.trim();
}

function endOfQuoted(text: string, start: number): number {
  for (let position = start + 1; position < text.length; position += 1) {
    if (text[position] === '\\') position += 1;
    else if (text[position] === '"') return position + 1;
  }
  return unreadable();
}

function unreadable(): never {
  throw new DataSourceError('data_source_request_refused', 'The select cannot be kept inside one tenant.', {
    hint: 'Write embedded resources as name(columns) or alias:name!hint(columns).',
  });
}
