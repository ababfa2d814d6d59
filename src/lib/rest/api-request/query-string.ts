// A raw query string → its shape and its literals. Two requests of one shape are served by one plan, so values are lifted
// out before anything is parsed: of `id=eq.5&limit=10` only `id`, `eq.` and `limit` are in the shape, and `5` is a literal.
import { isPatternOperator, listOfValues, logicTree, toArrayLiteral, toPattern } from './operators';
import { type Failure, parse } from './parsec';
import type { Literal, LogicTree, Operation } from './types';

/** A level's `limit` and `offset`; unreadable numbers count as not given. */
export interface RequestedRange {
  limit?: number;
  offset?: number;
}

export type LiftedParameter =
  /** Part of the shape unchanged: `select`, `order`, `columns`, `on_conflict`, and filters without a value. */
  | { kind: 'text'; key: string; value: string }
  | { kind: 'filter'; key: string; negated: boolean; operation: Operation }
  | { kind: 'logic'; key: string; value: string; tree: LogicTree | Failure }
  | { kind: 'argument'; key: string; value: Literal };

export interface LiftedQuery {
  shape: string;
  /** No key or value has a character that separates the parts of a shape. */
  isPlain: boolean;
  parameters: LiftedParameter[];
  /** In the order in which the parameters mention them. */
  literals: string[];
  /** By the level's path as written, `''` for the root. */
  ranges: Map<string, RequestedRange>;
}

const VALUE_OPERATOR =
  /^(not\.)?(?:(eq|gte|gt|lte|lt|like|ilike|match|imatch)(?:\((any|all)\))?|(neq|cs|cd|ov|sl|sr|nxr|nxl|adj)|(isdistinct)|(fts|plfts|phfts|wfts)(?:\(([\w $]+)\))?)\./;
const LIST_OPERATOR = /^(not\.)?in\./;
/** A prefix that PostgREST's grammar always reads as an operator, even where a function's argument is possible. */
const OPERATOR_BEGUN = /^(?:not|in|is|isdistinct)\./;

/**
 * @param callByQuery parameters without an operator are a function's arguments (GET and HEAD of `/rpc/…`)
 */
export function liftQuery(query: string, callByQuery: boolean): LiftedQuery {
  const isPlain = !MAY_SEPARATE.test(query);
  const shape = isPlain ? '' : '\n"';
  const lifted: LiftedQuery = { shape, isPlain, parameters: [], literals: [], ranges: new Map() };
  if (query === '') return lifted;
  for (const part of query.split('&')) {
    const equals = part.indexOf('=');
    if (equals < 0) continue;
    lift(lifted, decode(part.slice(0, equals)), decode(part.slice(equals + 1)), callByQuery);
  }
  return lifted;
}

/** A query in whose keys or values there may be control characters, encoded or not. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what separates the parts of a shape
const MAY_SEPARATE = /[\0-\x1f]|%[01]/;

/** A key or value as it stands in the shape. Control characters separate the parts there, so none stands in a text. */
function shown({ isPlain }: LiftedQuery, text: string): string {
  return isPlain ? text : JSON.stringify(text);
}

function lift(query: LiftedQuery, key: string, value: string, callByQuery: boolean): void {
  const lastDot = key.lastIndexOf('.');
  const last = lastDot < 0 ? key : key.slice(lastDot + 1);
  if (last === 'limit' || last === 'offset') {
    liftRange(query, key, last, lastDot < 0 ? '' : key.slice(0, lastDot), value);
  } else if (last === 'and' || last === 'or') liftLogic(query, key, value);
  else if (last === 'order' || WHOLE.has(key)) keepText(query, key, value);
  else liftFilter(query, key, value, callByQuery);
}

/** Parameters that shape the statement as a whole. */
const WHOLE = new Set(['select', 'columns', 'on_conflict']);

function keepText(query: LiftedQuery, key: string, value: string): void {
  query.shape += `\n=${shown(query, key)}\0${shown(query, value)}`;
  query.parameters.push({ kind: 'text', key, value });
}

function liftRange(
  query: LiftedQuery,
  key: string,
  last: 'limit' | 'offset',
  level: string,
  value: string,
): void {
  let range = query.ranges.get(level);
  if (!range) {
    range = {};
    query.ranges.set(level, range);
    query.shape += `\n#${shown(query, key)}`;
  }
  if (/^-?\d+$/.test(value)) range[last] = Number(value);
}

function liftLogic(query: LiftedQuery, key: string, value: string): void {
  const operator = key.slice(key.lastIndexOf('.') + 1);
  const negated = key.split('.').includes('not');
  const text = `${negated ? 'not.' : ''}${operator}${value}`;
  const before = query.literals.length;
  const parsed = parse(
    logicTree((literal) => keepLiteral(query, literal)),
    text,
  );
  if ('failure' in parsed) {
    query.literals.length = before;
    query.shape += `\n!${shown(query, key)}\0${shown(query, value)}`;
    query.parameters.push({ kind: 'logic', key, value, tree: parsed.failure });
    return;
  }
  query.shape += `\n&${shown(query, key)}\0${JSON.stringify(parsed.value)}`;
  query.parameters.push({ kind: 'logic', key, value, tree: parsed.value });
}

function liftFilter(query: LiftedQuery, key: string, value: string, callByQuery: boolean): void {
  const match = VALUE_OPERATOR.exec(value);
  if (match) {
    const [prefix, not] = match;
    query.shape += `\n.${shown(query, key)}\0${prefix}`;
    const operation = valueOperation(query, match, value.slice(prefix.length));
    query.parameters.push({ kind: 'filter', key, negated: not !== undefined, operation });
    return;
  }
  const list = LIST_OPERATOR.exec(value);
  const elements = list && listElements(value.slice(list[0].length));
  if (list && elements) {
    query.shape += `\n.${shown(query, key)}\0${list[0]}`;
    query.parameters.push({
      kind: 'filter',
      key,
      negated: list[1] !== undefined,
      operation: { kind: 'in', value: keepLiteral(query, toArrayLiteral(elements)) },
    });
    return;
  }
  if (callByQuery && !OPERATOR_BEGUN.test(value)) {
    query.shape += `\n?${shown(query, key)}`;
    query.parameters.push({ kind: 'argument', key, value: keepLiteral(query, value) });
    return;
  }
  keepText(query, key, value);
}

function valueOperation(query: LiftedQuery, match: RegExpExecArray, value: string): Operation {
  const [, , quantified, quantifier, simple, distinct, fullText, language] = match;
  if (quantified) {
    const given = isPatternOperator(quantified) ? toPattern(value) : value;
    return {
      kind: 'quantified',
      operator: quantified,
      ...(quantifier && { quantifier }),
      value: keepLiteral(query, given),
    } as Operation;
  }
  const literal = keepLiteral(query, value);
  if (simple) return { kind: 'simple', operator: simple, value: literal } as Operation;
  if (distinct) return { kind: 'isdistinct', value: literal };
  return {
    kind: 'full-text',
    operator: fullText,
    ...(language !== undefined && { language: language.trim() }),
    value: literal,
  } as Operation;
}

function keepLiteral(query: LiftedQuery, value: string): Literal {
  query.literals.push(value);
  return { literal: query.literals.length - 1 };
}

/** The elements of `(a,b,"c,d")`; undefined where it does not match the grammar. */
function listElements(text: string): string[] | undefined {
  if (text.startsWith('(') && !text.includes('"') && text.indexOf(')') === text.length - 1) {
    return text
      .slice(1, -1)
      .replace(/^[ \t]+/, '')
      .split(',');
  }
  const parsed = parse(listOfValues, text);
  return 'value' in parsed ? parsed.value : undefined;
}

/** Percent-decoding that leaves malformed input unchanged; `+` is a space. */
export function decode(text: string): string {
  if (!text.includes('%')) return text.includes('+') ? text.replaceAll('+', ' ') : text;
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    const bytes = spaced.replaceAll(/[^%]|%(?![0-9a-fA-F]{2})/gu, (one) =>
      one.charCodeAt(0) < 128 ? one : Buffer.from(one).toString('latin1'),
    );
    const decoded = bytes.replaceAll(/%([0-9a-fA-F]{2})/g, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    );
    return Buffer.from(decoded, 'latin1').toString('utf8');
  }
}
