// The grammar of `column=operator.value` and of logic trees. Values are appended to the request's literals in order.
import { delimiter, field, identifier, lexeme, quotedValue } from './grammar';
import {
  anyCharacter,
  attempt,
  between,
  bind,
  character,
  either,
  label,
  many,
  map,
  noneOf,
  notFollowedBy,
  optional,
  type Parser,
  separated1,
  sequence,
  string,
  succeed,
} from './parsec';
import type {
  Filter,
  FullTextOperator,
  IsValue,
  Literal,
  LogicTree,
  Operation,
  QuantifiableOperator,
  SimpleOperator,
} from './types';

/** Stores a value and returns its position. */
export type KeepLiteral = (value: string) => Literal;

const words = <T extends string>(...names: readonly T[]): Parser<T> =>
  either(...names.map((name) => map(attempt(string(name)), () => name)));

const SIMPLE: readonly SimpleOperator[] = ['neq', 'cs', 'cd', 'ov', 'sl', 'sr', 'nxr', 'nxl', 'adj'];
const QUANTIFIABLE: readonly QuantifiableOperator[] = [
  'eq',
  'gte',
  'gt',
  'lte',
  'lt',
  'like',
  'ilike',
  'match',
  'imatch',
];
const FULL_TEXT: readonly FullTextOperator[] = ['fts', 'plfts', 'phfts', 'wfts'];
export const OPERATORS: readonly string[] = [
  ...SIMPLE,
  ...QUANTIFIABLE,
  ...FULL_TEXT,
  'in',
  'is',
  'isdistinct',
];

const simpleOperator = label(words(...SIMPLE), 'unknown single value operator');
const quantifiableOperator = label(words(...QUANTIFIABLE), 'unknown single value operator');
const fullTextOperator = words(...FULL_TEXT);

const singleValue: Parser<string> = map(many(anyCharacter), (characters) => characters.join(''));
const unquoted: Parser<string> = map(many(noneOf(',)')), (characters) => characters.join(''));
const quotedElement = attempt(map(sequence(quotedValue, notFollowedBy(noneOf(',)'))), ([value]) => value));

const arrayLiteral: Parser<string> = map(
  sequence(string('{'), many(noneOf('{}')), string('}')),
  ([open, characters, close]) => open + characters.join('') + close,
);
const valueInTree = either(quotedElement, attempt(arrayLiteral), unquoted);

export const listOfValues: Parser<string[]> = map(
  sequence(
    lexeme(character('(')),
    separated1(either(quotedElement, unquoted), character(',')),
    lexeme(character(')')),
  ),
  ([, elements]) => elements,
);

const caseInsensitive = (word: string): Parser<unknown> =>
  sequence(...Array.from(word, (one) => either(character(one), character(one.toUpperCase()))));

const isValue: Parser<IsValue> = label(
  either<IsValue>(
    ...(['null', 'not_null', 'true', 'false', 'unknown'] as const).map((word) =>
      map(attempt(caseInsensitive(word)), () => word),
    ),
  ),
  'isVal: (null, not_null, true, false, unknown)',
);

const quantifier = attempt(
  between(
    character('('),
    character(')'),
    either<'any' | 'all'>(
      map(attempt(string('any')), () => 'any'),
      map(string('all'), () => 'all'),
    ),
  ),
);

/** PostgreSQL's `{"a","b"}` for a list; `in.()` matches nothing. */
export function toArrayLiteral(elements: readonly string[]): string {
  if (elements.length === 1 && elements[0] === '') return '{}';
  const quoted = elements.map(
    (element) => `"${element.replaceAll('\0', '').replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`,
  );
  return `{${quoted.join(',')}}`;
}

/** `*` stands for `%` in patterns, which would need escaping in a URL. */
export function toPattern(value: string): string {
  return value.replaceAll('*', '%');
}

export function isPatternOperator(operator: string): boolean {
  return operator === 'like' || operator === 'ilike';
}

function operationParser(value: Parser<string>, keep: KeepLiteral): Parser<Operation> {
  const after = <T>(word: string, rest: Parser<T>): Parser<T> =>
    map(sequence(attempt(sequence(string(word), delimiter)), rest), ([, parsed]) => parsed);
  return label(
    either<Operation>(
      map(after('in', listOfValues), (elements) => ({ kind: 'in', value: keep(toArrayLiteral(elements)) })),
      map(after('is', isValue), (given) => ({ kind: 'is', value: given })),
      map(after('isdistinct', value), (given) => ({ kind: 'isdistinct', value: keep(given) })),
      attempt(
        map(
          sequence(
            fullTextOperator,
            optional(attempt(between(character('('), character(')'), identifier)), undefined),
            delimiter,
            value,
          ),
          ([operator, language, , given]) => ({
            kind: 'full-text',
            operator,
            ...(language !== undefined && { language }),
            value: keep(given),
          }),
        ),
      ),
      attempt(
        map(sequence(simpleOperator, delimiter, value), ([operator, , given]) => ({
          kind: 'simple',
          operator,
          value: keep(given),
        })),
      ),
      attempt(
        map(
          sequence(quantifiableOperator, optional(quantifier, undefined), delimiter, value),
          ([operator, quantified, , given]) => ({
            kind: 'quantified',
            operator,
            ...(quantified && { quantifier: quantified }),
            value: keep(isPatternOperator(operator) ? toPattern(given) : given),
          }),
        ),
      ),
    ),
    'operator (eq, gt, ...)',
  );
}

const negation = either(
  map(attempt(sequence(string('not'), delimiter)), () => true),
  succeed(false),
);

export type NegatableOperation = Pick<Filter, 'negated' | 'operation'>;

/** The part after `column=`. */
export function filterValue(keep: KeepLiteral): Parser<NegatableOperation> {
  return map(sequence(negation, operationParser(singleValue, keep)), ([negated, operation]) => ({
    negated,
    operation,
  }));
}

/** `and(a.eq.1,or(b.gt.2,not.and(…)))` */
export function logicTree(keep: KeepLiteral): Parser<LogicTree> {
  const operation = operationParser(valueInTree, keep);
  const filter: Parser<LogicTree> = map(
    sequence(field, delimiter, negation, operation),
    ([column, , negated, given]) => ({
      kind: 'filter',
      filter: { field: column, negated, operation: given },
    }),
  );
  const operator = label(
    either<'and' | 'or'>(
      map(attempt(string('and')), () => 'and'),
      map(string('or'), () => 'or'),
    ),
    'logic operator (and, or)',
  );
  const tree: Parser<LogicTree> = either<LogicTree>(
    attempt(filter),
    map(
      sequence(
        label(negation, 'negation operator (not)'),
        operator,
        between(
          lexeme(character('(')),
          lexeme(character(')')),
          bind(succeed(undefined), () => separated1(tree0, lexeme(character(',')))),
        ),
      ),
      ([negated, given, children]) => ({ kind: 'logic', negated, operator: given, children }),
    ),
  );
  function tree0(input: readonly string[], at: number) {
    return tree(input, at);
  }
  return tree;
}
