// The grammar of `select`, filters, `order` and logic trees.
import {
  anyCharacter,
  attempt,
  between,
  bind,
  character,
  digit,
  either,
  endOfInput,
  fail,
  label,
  letter,
  lookAhead,
  many,
  many1,
  map,
  noneOf,
  notFollowedBy,
  oneOf,
  optional,
  type Parser,
  separated,
  separated1,
  sequence,
  string,
  succeed,
} from './parsec';
import type {
  Aggregate,
  EmbedPath,
  Field,
  JoinType,
  JsonStep,
  OrderTerm,
  SelectField,
  SelectItem,
  SelectRelation,
} from './types';

const joined = (characters: readonly string[]) => characters.join('');

const whitespace = many(oneOf(' \t'));
export function lexeme<T>(parser: Parser<T>): Parser<T> {
  return between(whitespace, whitespace, parser);
}

export const delimiter = label(character('.'), 'delimiter (.)');

export const quotedValue: Parser<string> = map(
  sequence(
    character('"'),
    many(
      either(
        noneOf('\\"'),
        map(sequence(character('\\'), anyCharacter), ([, one]) => one),
      ),
    ),
    character('"'),
  ),
  ([, characters]) => joined(characters),
);

/** Letters, digits, `_`, space and `$`; surrounding blanks do not count. */
export const identifier: Parser<string> = map(many1(either(letter, digit, oneOf('_ $'))), (characters) =>
  joined(characters).trim(),
);

/** A dash belongs to the name, `->` does not. */
const dash = attempt(sequence(character('-'), notFollowedBy(character('>'))));
const separatedByDash = (parser: Parser<string>) => map(separated1(parser, dash), (parts) => parts.join('-'));

export const fieldName: Parser<string> = label(
  either(quotedValue, separatedByDash(identifier)),
  'field name (* or [a..z0..9_$])',
);

const jsonKey: Parser<string> = label(
  either(
    quotedValue,
    separatedByDash(map(many1(noneOf('(-:.,>)')), (characters) => joined(characters).trim())),
  ),
  'any non reserved character different from: .,>()',
);

const indexEnd = either<unknown>(
  attempt(lookAhead(string('->'))),
  attempt(lookAhead(string('::'))),
  attempt(lookAhead(string('.'))),
  attempt(lookAhead(string(','))),
  attempt(endOfInput),
);

const jsonIndex: Parser<string> = map(
  sequence(optional(character('-'), '+'), many1(digit), indexEnd),
  ([sign, digits]) => sign + joined(digits),
);

const jsonStep: Parser<JsonStep> = map(
  sequence(
    either(
      map(attempt(string('->>')), () => true),
      map(attempt(string('->')), () => false),
    ),
    either(
      map(attempt(jsonIndex), (operand) => ({ operand, index: true })),
      map(attempt(jsonKey), (operand) => ({ operand, index: false })),
    ),
  ),
  ([text, operand]) => ({ text, ...operand }),
);

const jsonPath = many(jsonStep);

export const field: Parser<Field> = lexeme(
  map(sequence(fieldName, jsonPath), ([name, path]) => ({ name, path })),
);

/** `embedded.nested.column->key` */
export const treePath: Parser<{ path: EmbedPath; field: Field }> = map(
  sequence(separated1(fieldName, delimiter), jsonPath),
  ([names, path]) => ({ path: names.slice(0, -1), field: { name: names.at(-1) ?? '', path } }),
);

export const names: Parser<string[]> = separated1(fieldName, lexeme(character(',')));

const aliasSeparator = sequence(character(':'), notFollowedBy(character(':')));
const alias: Parser<string | undefined> = optional(
  map(attempt(sequence(fieldName, aliasSeparator)), ([name]) => name),
  undefined,
);

const embedParameter: Parser<{ join?: JoinType; hint?: string }> = map(
  sequence(
    character('!'),
    either<{ join?: JoinType; hint?: string }>(
      map(attempt(string('left')), () => ({ join: 'left' as const })),
      map(attempt(string('inner')), () => ({ join: 'inner' as const })),
      map(attempt(fieldName), (hint) => ({ hint })),
    ),
  ),
  ([, parameter]) => parameter,
);

const embedParameters = map(
  sequence(optional(embedParameter, {}), optional(embedParameter, {})),
  ([first, second]) => ({ ...second, ...first }),
);

const openingAhead = attempt(lookAhead(string('(')));

const relationHead: Parser<Omit<SelectRelation, 'select'>> = lexeme(
  map(
    sequence(
      alias,
      bind(fieldName, (name) => (name === 'count' ? fail : succeed(name))),
      embedParameters,
      openingAhead,
    ),
    ([given, name, parameters]) => ({
      kind: 'relation' as const,
      name,
      ...(given !== undefined && { alias: given }),
      ...parameters,
    }),
  ),
);

const spreadHead: Parser<Omit<SelectRelation, 'select'>> = lexeme(
  map(sequence(string('...'), fieldName, embedParameters, openingAhead), ([, name, parameters]) => ({
    kind: 'spread' as const,
    name,
    ...parameters,
  })),
);

const fieldEnd = either<unknown>(
  attempt(lookAhead(string(')'))),
  attempt(lookAhead(string(','))),
  attempt(endOfInput),
);

const cast: Parser<string | undefined> = optional(
  map(sequence(string('::'), identifier), ([, name]) => name),
  undefined,
);

const aggregate: Parser<Aggregate> = either<Aggregate>(
  map(string('sum'), () => 'sum'),
  map(string('avg'), () => 'avg'),
  map(string('count'), () => 'count'),
  map(attempt(string('max')), () => 'max'),
  map(attempt(string('min')), () => 'min'),
);

const selectField: Parser<SelectField> = lexeme(
  either<SelectField>(
    attempt(map(sequence(string('*'), fieldEnd), () => ({ kind: 'field', field: { name: '*', path: [] } }))),
    attempt(
      map(sequence(alias, string('count()'), cast, fieldEnd), ([given, , aggregateCast]) => ({
        kind: 'field',
        field: { name: '*', path: [] },
        aggregate: 'count',
        ...(given !== undefined && { alias: given }),
        ...(aggregateCast !== undefined && { aggregateCast }),
      })),
    ),
    map(
      sequence(
        alias,
        field,
        cast,
        optional(
          attempt(map(sequence(character('.'), aggregate, string('()')), ([, name]) => name)),
          undefined,
        ),
        cast,
        fieldEnd,
      ),
      ([given, column, type, aggregation, aggregateCast]) => ({
        kind: 'field',
        field: column,
        ...(given !== undefined && { alias: given }),
        ...(type !== undefined && { cast: type }),
        ...(aggregation !== undefined && { aggregate: aggregation }),
        ...(aggregateCast !== undefined && { aggregateCast }),
      }),
    ),
  ),
);

const embedded = (head: Parser<Omit<SelectRelation, 'select'>>): Parser<SelectItem> =>
  map(
    sequence(
      attempt(head),
      between(character('('), character(')'), (input, at) => selectItems(input, at)),
    ),
    ([relation, select]) => ({ ...relation, select }),
  );

export const selectItems: Parser<SelectItem[]> = separated<SelectItem>(
  either<SelectItem>(embedded(spreadHead), embedded(relationHead), selectField),
  lexeme(character(',')),
);

const direction = either<'asc' | 'desc'>(
  attempt(map(sequence(delimiter, string('asc')), () => 'asc' as const)),
  attempt(map(sequence(delimiter, string('desc')), () => 'desc' as const)),
);
const nulls = either<'nullsfirst' | 'nullslast'>(
  attempt(map(sequence(delimiter, string('nullsfirst')), () => 'nullsfirst' as const)),
  attempt(map(sequence(delimiter, string('nullslast')), () => 'nullslast' as const)),
);
const termEnd = either<unknown>(attempt(lookAhead(character(','))), attempt(endOfInput));
const orderModifiers = sequence(
  optional(direction, undefined),
  either<'nullsfirst' | 'nullslast' | undefined>(
    map(sequence(optional(nulls, undefined), termEnd), ([given]) => given),
    map(termEnd, () => undefined),
  ),
);

const withModifiers = (term: Parser<Pick<OrderTerm, 'relation' | 'field'>>): Parser<OrderTerm> =>
  map(sequence(term, orderModifiers), ([given, [towards, nullsAt]]) => ({
    ...given,
    ...(towards && { direction: towards }),
    ...(nullsAt && { nulls: nullsAt }),
  }));

export const orderTerms: Parser<OrderTerm[]> = separated1(
  lexeme(
    either(
      attempt(
        withModifiers(
          map(sequence(fieldName, between(character('('), character(')'), field)), ([relation, column]) => ({
            relation,
            field: column,
          })),
        ),
      ),
      withModifiers(map(field, (column) => ({ field: column }))),
    ),
  ),
  character(','),
);
