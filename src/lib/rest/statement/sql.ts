// SQL under construction: text that depends on the plan alone, and slots for each request's values.
import type { Literal } from '../api-request/types';
import type { QualifiedName } from '../schema-cache';

/** Where a parameter's value comes from. */
export type Slot =
  | ({ kind: 'literal' } & Literal)
  /** A value that belongs to the plan: a JSON key, a text search configuration. */
  | { kind: 'constant'; value: string }
  | { kind: 'limit' | 'offset'; level: string }
  /** What each level's rows may add up to. */
  | { kind: 'max-bytes' | 'max-rows' }
  /** `FixedFilter.value` */
  | { kind: 'fixed' }
  | { kind: 'body' }
  | { kind: 'argument'; name: string; variadic: boolean };

/** A piece of SQL; `{ slot }` stands for a parameter. */
export type Sql = readonly (string | { slot: Slot })[];

/** SQL from a template; what is interpolated is SQL itself or pieces of it, never a value. */
export function sql(texts: TemplateStringsArray, ...parts: readonly (string | Sql)[]): Sql {
  const pieces: (string | { slot: Slot })[] = [];
  for (const [index, text] of texts.entries()) {
    if (text !== '') pieces.push(text);
    const part = parts[index];
    if (typeof part === 'string') pieces.push(part);
    else if (part) pieces.push(...part);
  }
  return pieces;
}

export const nothing: Sql = [];

export function parameter(slot: Slot): Sql {
  return [{ slot }];
}

export function constant(value: string): Sql {
  return parameter({ kind: 'constant', value });
}

export function joined(pieces: readonly Sql[], separator: string): Sql {
  return pieces.flatMap((piece, index) => (index === 0 ? piece : [separator, ...piece]));
}

/** A quoted identifier. */
export function identifier(name: string): string {
  return `"${name.replaceAll('\0', '').replaceAll('"', '""')}"`;
}

export function qualified({ schema, name }: QualifiedName): string {
  return schema === '' ? identifier(name) : `${identifier(schema)}.${identifier(name)}`;
}

export function column(relation: QualifiedName, name: string): string {
  return `${qualified(relation)}.${name === '*' ? '*' : identifier(name)}`;
}

/** A quoted literal; only for values from the catalogs. */
export function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return quoted.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

export interface CompiledSql {
  text: string;
  slots: readonly Slot[];
}

/** Numbers the parameters. */
export function compile(pieces: Sql): CompiledSql {
  const slots: Slot[] = [];
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') text += piece;
    else text += `$${slots.push(piece.slot)}`;
  }
  return { text, slots };
}
