// The filter of a subscription to changed rows: `status=eq.sent`, several joined by commas, `not.` before an operator.
import { RequestError } from '../errors';

export type Row = Record<string, unknown>;

export interface Filter {
  /** The columns that it reads. */
  columns: string[];
  matches(row: Row): boolean;
}

/** True, false, or null as in SQL where a value is not known. */
type Truth = boolean | null;
type Test = (value: unknown) => Truth;

const CONDITION = /^([^=\s]+)=(not\.)?([a-z]+)\.(.*)$/s;
const MOST_LENGTH = 4_000;
/** Characters of a pattern: matching takes this many steps for each character of a value at most. */
const MOST_PATTERN = 200;
const NUMBERS = new Set(['int2', 'int4', 'int8', 'float4', 'float8', 'numeric']);
const INSTANTS = new Set(['timestamptz', 'timestamp']);

/** The tenant whose rows are filtered. It has several ids, by any of which a filter may name it, as a query may. */
export interface FilteredTenant {
  id: string;
  /** The text with each of the tenant's ids replaced by `id`. */
  withOneId(text: string): string;
}

/**
 * @param typeOf a column's type in PostgreSQL; undefined where there is none that the caller may read
 * @throws RequestError `request_malformed`
 */
export function readFilter(
  text: string,
  typeOf: (column: string) => string | undefined,
  tenant: FilteredTenant,
): Filter {
  if (text.length > MOST_LENGTH) throw malformed(text.slice(0, 100), 'is too long');
  const conditions = split(text).map((condition) => {
    const [, column = '', negation, operator = '', operand = ''] = CONDITION.exec(condition.trim()) ?? [];
    if (!column) throw malformed(condition, 'is not column=operator.value');
    const type = typeOf(column);
    if (type === undefined)
      throw malformed(condition, 'names a column that does not exist or may not be read');
    const isTenant = column === 'tenant_id';
    const test = testOf(operator, isTenant ? tenant.withOneId(operand) : operand, type, condition);
    return { column, test: negation ? (value: unknown) => not(test(value)) : test };
  });
  return {
    columns: conditions.map(({ column }) => column),
    // All rows are the tenant's, under the id that it had in its database when they changed.
    matches: (row) =>
      conditions.every(
        ({ column, test }) => test(column === 'tenant_id' ? tenant.id : (row[column] ?? null)) === true,
      ),
  };
}

function testOf(operator: string, operand: string, type: string, condition: string): Test {
  const value = unquoted(operand);
  const order = (other: string) => (found: unknown) => compare(found, other, type);
  const known =
    (test: (difference: number) => boolean, other = value): Test =>
    (found) => {
      if (found === null) return null;
      const difference = order(other)(found);
      return Number.isNaN(difference) ? false : test(difference);
    };
  switch (operator) {
    case 'eq':
      return known((difference) => difference === 0);
    case 'neq':
      return known((difference) => difference !== 0);
    case 'lt':
      return known((difference) => difference < 0);
    case 'lte':
      return known((difference) => difference <= 0);
    case 'gt':
      return known((difference) => difference > 0);
    case 'gte':
      return known((difference) => difference >= 0);
    case 'isdistinct':
      return (found) =>
        found === null || value === 'null'
          ? !(found === null && value === 'null')
          : order(value)(found) !== 0;
    case 'in': {
      if (!/^\(.*\)$/s.test(operand)) throw malformed(condition, 'has no list in parentheses');
      const tests = split(operand.slice(1, -1)).map((one) =>
        known((difference) => difference === 0, unquoted(one)),
      );
      return (found) => (found === null ? null : tests.some((test) => test(found)));
    }
    case 'is':
      if (value === 'null') return (found) => found === null;
      if (value === 'true' || value === 'false') return (found) => found === (value === 'true');
      if (value === 'unknown') return (found) => found === null;
      break;
    case 'like':
    case 'ilike': {
      if (value.length > MOST_PATTERN) throw malformed(condition, 'has too long a pattern');
      const folded = (text: string) => (operator === 'ilike' ? text.toLowerCase() : text);
      const pattern = likePattern(folded(value));
      return (found) => (found === null ? null : isLike(folded(textOf(found)), pattern));
    }
  }
  throw malformed(condition, 'has an operator that is not offered');
}

/** Below, at or above zero; NaN where they cannot be compared. */
function compare(found: unknown, other: string, type: string): number {
  if (NUMBERS.has(type)) return other.trim() === '' ? Number.NaN : Number(found) - Number(other);
  if (INSTANTS.has(type)) return Date.parse(String(found)) - Date.parse(other);
  if (type === 'bool') return Number(found) - (isTrue(other) ? 1 : 0);
  if (type === 'uuid') return order(String(found), other.toLowerCase());
  return order(textOf(found), other);
}

function order(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function isTrue(text: string): boolean {
  return ['true', 't', 'yes', 'on', '1'].includes(text.toLowerCase());
}

/** The parts of a LIKE pattern: a character's code, or a wildcard. */
type Pattern = (number | 'one' | 'any')[];

/** The wildcards `%` and `_`; `\` escapes them. */
function likePattern(text: string): Pattern {
  return [...text.matchAll(/\\(.)|./gsu)].map(([found, escaped]) => {
    if (escaped === undefined && found === '%') return 'any';
    if (escaped === undefined && found === '_') return 'one';
    return (escaped ?? found).codePointAt(0) ?? 0;
  });
}

/** Goes back to the last `%` only, which then stands for one character more: no pattern takes longer than its length times the text's. */
function isLike(text: string, pattern: Pattern): boolean {
  let at = 0;
  let part = 0;
  let last: { part: number; at: number } | undefined;
  while (at < text.length) {
    const expected = pattern[part];
    const code = text.codePointAt(at) ?? 0;
    if (expected === 'any') {
      part += 1;
      last = { part, at };
    } else if (expected === 'one' || expected === code) {
      part += 1;
      at += lengthOf(code);
    } else if (last) {
      last.at += lengthOf(text.codePointAt(last.at) ?? 0);
      ({ part, at } = last);
    } else return false;
  }
  return pattern.slice(part).every((rest) => rest === 'any');
}

/** Of a character in a text. */
function lengthOf(code: number): number {
  return code > 0xffff ? 2 : 1;
}

/** At commas outside parentheses and quotes. */
function split(text: string): string[] {
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  let quoted = false;
  for (let place = 0; place < text.length; place += 1) {
    const character = text[place];
    if (quoted && character === '\\') {
      part += character + (text[place + 1] ?? '');
      place += 1;
      continue;
    }
    if (character === '"') quoted = !quoted;
    else if (!quoted && character === '(') depth += 1;
    else if (!quoted && character === ')') depth -= 1;
    if (character === ',' && !quoted && depth === 0) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  return [...parts, part];
}

function unquoted(text: string): string {
  const trimmed = text.trim();
  if (!/^".*"$/s.test(trimmed)) return text;
  return trimmed.slice(1, -1).replace(/\\(.)/gs, '$1');
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function not(truth: Truth): Truth {
  return truth === null ? null : !truth;
}

function malformed(condition: string, what: string): RequestError {
  return new RequestError('request_malformed', `The filter ${condition} ${what}.`, {
    hint: 'Write column=operator.value: eq, neq, lt, lte, gt, gte, in, is, isdistinct, like, ilike, or not. before one.',
  });
}
