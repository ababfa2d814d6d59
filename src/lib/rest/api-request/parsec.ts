// Parser combinators with the error algebra of Parsec, because PostgREST's clients see Parsec's messages: which characters
// were unexpected, what was expected instead and at which column.

type MessageKind = 'system-unexpected' | 'unexpected' | 'expected';

interface Message {
  kind: MessageKind;
  text: string;
}

export interface Failure {
  /** Index of the character, counted in code points. */
  at: number;
  messages: readonly Message[];
}

interface Reply<T> {
  ok: boolean;
  /** Whether input was consumed: then no alternatives are tried. */
  consumed: boolean;
  at: number;
  failure: Failure;
  value: T;
}

export type Parser<T> = (input: readonly string[], at: number) => Reply<T>;

const nothing = (at: number): Failure => ({ at, messages: [] });

function accepted<T>(value: T, at: number, consumed: boolean, failure: Failure = nothing(at)): Reply<T> {
  return { ok: true, consumed, at, failure, value };
}

function rejected<T>(failure: Failure, consumed = false): Reply<T> {
  return { ok: false, consumed, at: failure.at, failure, value: undefined as T };
}

/** The error at the furthest position; an empty one yields to others. */
function merged(a: Failure, b: Failure): Failure {
  if (b.messages.length === 0 && a.messages.length > 0) return a;
  if (a.messages.length === 0 && b.messages.length > 0) return b;
  if (a.at !== b.at) return a.at > b.at ? a : b;
  return { at: a.at, messages: [...a.messages, ...b.messages] };
}

export function succeed<T>(value: T): Parser<T> {
  return (_, at) => accepted(value, at, false);
}

export const fail: Parser<never> = (_, at) => rejected(nothing(at));

export function bind<A, B>(parser: Parser<A>, next: (value: A) => Parser<B>): Parser<B> {
  return (input, at) => {
    const first = parser(input, at);
    if (!first.ok) return rejected(first.failure, first.consumed);
    const second = next(first.value)(input, first.at);
    const failure = second.consumed ? second.failure : merged(first.failure, second.failure);
    return { ...second, consumed: first.consumed || second.consumed, failure };
  };
}

export function map<A, B>(parser: Parser<A>, change: (value: A) => B): Parser<B> {
  return bind(parser, (value) => succeed(change(value)));
}

type Values<P extends readonly Parser<unknown>[]> = {
  [K in keyof P]: P[K] extends Parser<infer T> ? T : never;
};

/** One after the other. */
export function sequence<const P extends readonly Parser<unknown>[]>(...parsers: P): Parser<Values<P>> {
  return (input, start) => {
    const values: unknown[] = [];
    let consumed = false;
    let at = start;
    let failure = nothing(start);
    for (const parser of parsers) {
      const reply = parser(input, at);
      failure = reply.consumed ? reply.failure : merged(failure, reply.failure);
      consumed ||= reply.consumed;
      if (!reply.ok) return rejected(failure, consumed);
      values.push(reply.value);
      at = reply.at;
    }
    return accepted(values as Values<P>, at, consumed, failure);
  };
}

/** The first of these that consumes or succeeds. */
export function either<T>(...parsers: Parser<T>[]): Parser<T> {
  return (input, at) => {
    let failure = nothing(at);
    for (const parser of parsers) {
      const reply = parser(input, at);
      if (reply.consumed) return reply;
      failure = merged(failure, reply.failure);
      if (reply.ok) return { ...reply, failure };
    }
    return rejected(failure);
  };
}

/** Pretends that nothing was consumed where the parser fails. */
export function attempt<T>(parser: Parser<T>): Parser<T> {
  return (input, at) => {
    const reply = parser(input, at);
    return reply.ok ? reply : { ...reply, consumed: false };
  };
}

/** Names what was expected where nothing was consumed. */
export function label<T>(parser: Parser<T>, text: string): Parser<T> {
  return (input, at) => {
    const reply = parser(input, at);
    if (reply.consumed || (reply.ok && reply.failure.messages.length === 0)) return reply;
    const others = reply.failure.messages.filter((message) => message.kind !== 'expected');
    return {
      ...reply,
      failure: { at: reply.failure.at, messages: [{ kind: 'expected', text }, ...others] },
    };
  };
}

export function satisfy(test: (character: string) => boolean): Parser<string> {
  return (input, at) => {
    const character = input[at];
    if (character !== undefined && test(character)) return accepted(character, at + 1, true);
    const text = character === undefined ? '' : show(character);
    return rejected({ at, messages: [{ kind: 'system-unexpected', text }] });
  };
}

export function character(expected: string): Parser<string> {
  return label(
    satisfy((one) => one === expected),
    show(expected),
  );
}

export const oneOf = (characters: string) => satisfy((one) => characters.includes(one));
export const noneOf = (characters: string) => satisfy((one) => !characters.includes(one));
export const anyCharacter = satisfy(() => true);
export const digit = label(
  satisfy((one) => one >= '0' && one <= '9'),
  'digit',
);
export const letter = label(
  satisfy((one) => /^\p{L}$/u.test(one)),
  'letter',
);

export function string(expected: string): Parser<string> {
  const characters = Array.from(expected);
  return (input, at) => {
    for (const [index, wanted] of characters.entries()) {
      const found = input[at + index];
      if (found === wanted) continue;
      const text = found === undefined ? '' : show(found);
      const messages: Message[] = [
        { kind: 'system-unexpected', text },
        { kind: 'expected', text: show(expected) },
      ];
      return rejected({ at, messages }, index > 0);
    }
    return accepted(expected, at + characters.length, true);
  };
}

export function many<T>(parser: Parser<T>): Parser<T[]> {
  return (input, start) => {
    const values: T[] = [];
    let at = start;
    for (;;) {
      const reply = parser(input, at);
      if (!reply.ok) {
        if (reply.consumed) return rejected(reply.failure, true);
        return accepted(values, at, at > start, reply.failure);
      }
      values.push(reply.value);
      at = reply.at;
    }
  };
}

export function many1<T>(parser: Parser<T>): Parser<T[]> {
  return bind(parser, (first) => map(many(parser), (rest) => [first, ...rest]));
}

export function optional<T, D>(parser: Parser<T>, otherwise: D): Parser<T | D> {
  return either<T | D>(parser, succeed(otherwise));
}

export function separated1<T>(parser: Parser<T>, separator: Parser<unknown>): Parser<T[]> {
  const another = map(sequence(separator, parser), ([, value]) => value);
  return map(sequence(parser, many(another)), ([first, rest]) => [first, ...rest]);
}

export function separated<T>(parser: Parser<T>, separator: Parser<unknown>): Parser<T[]> {
  return either(separated1(parser, separator), succeed<T[]>([]));
}

export function between<T>(open: Parser<unknown>, close: Parser<unknown>, parser: Parser<T>): Parser<T> {
  return map(sequence(open, parser, close), ([, value]) => value);
}

/** Succeeds where the parser does, and consumes nothing. */
export function lookAhead<T>(parser: Parser<T>): Parser<T> {
  return (input, at) => {
    const reply = parser(input, at);
    return reply.ok ? accepted(reply.value, at, false) : reply;
  };
}

/** Succeeds where the character parser does not. */
export function notFollowedBy(parser: Parser<string>): Parser<void> {
  return (input, at) => {
    const reply = parser(input, at);
    if (!reply.ok) return accepted(undefined, at, false);
    return rejected({ at, messages: [{ kind: 'unexpected', text: showCharacter(reply.value) }] });
  };
}

export const endOfInput = label(notFollowedBy(anyCharacter), 'end of input');

/** Runs a parser that need not reach the end. */
export function parse<T>(parser: Parser<T>, text: string): { value: T } | { failure: Failure } {
  const reply = parser(Array.from(text), 0);
  return reply.ok ? { value: reply.value } : { failure: reply.failure };
}

const TAB = 8;

/** `(line 1, column 4)` */
export function describePosition(text: string, at: number): string {
  let line = 1;
  let column = 1;
  for (const one of Array.from(text).slice(0, at)) {
    if (one === '\n') {
      line += 1;
      column = 1;
    } else if (one === '\t') column += TAB - ((column - 1) % TAB);
    else column += 1;
  }
  return `(line ${line}, column ${column})`;
}

/** `unexpected "x" expecting "a", "b" or end of input` */
export function describeFailure({ messages }: Failure): string {
  if (messages.length === 0) return 'unknown parse error';
  const of = (kind: MessageKind) => messages.filter((message) => message.kind === kind).map((m) => m.text);
  const unexpected = of('unexpected');
  const [found] = of('system-unexpected');
  const parts: string[] = [];
  if (unexpected.length === 0 && found !== undefined) {
    parts.push(found === '' ? 'unexpected end of input' : `unexpected ${found}`);
  }
  if (unexpected.length > 0) parts.push(`unexpected ${listed(unexpected)}`);
  const expected = listed(of('expected'));
  if (expected !== '') parts.push(`expecting ${expected}`);
  return parts.join(' ');
}

function listed(texts: readonly string[]): string {
  const distinct = [...new Set(texts.filter((text) => text !== ''))];
  const last = distinct.pop() ?? '';
  return distinct.length === 0 ? last : `${distinct.join(', ')} or ${last}`;
}

const NAMED_ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\u000b': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\\': '\\\\',
};

function escaped(text: string): string {
  return Array.from(text, (one) => {
    const code = one.codePointAt(0) ?? 0;
    return NAMED_ESCAPES[one] ?? (code < 32 || code > 126 ? `\\${code}` : one);
  }).join('');
}

function show(text: string): string {
  return `"${escaped(text).replaceAll('"', '\\"')}"`;
}

function showCharacter(text: string): string {
  return text === "'" ? `'\\''` : `'${escaped(text)}'`;
}
