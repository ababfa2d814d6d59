// A statement without its values: the same for all calls that differ in values only.
import { createHash } from 'node:crypto';

export interface StatementShape {
  /** 16 hexadecimal digits. */
  fingerprint: string;
  text: string;
}

const MOST_KNOWN = 2_000;
/** Longer texts are cut before they are read. */
const LONGEST_READ = 8_000;
const LONGEST_KEPT = 2_000;

/** By text: of nearly all statements the same text comes again. */
const known = new Map<string, StatementShape>();
/** By text without values, so that a shape is one object. */
const shapes = new Map<string, StatementShape>();

export function shapeOf(text: string): StatementShape {
  return known.get(text) ?? remember(text);
}

function remember(text: string): StatementShape {
  if (known.size >= MOST_KNOWN) known.clear();
  if (shapes.size >= MOST_KNOWN) shapes.clear();
  const plain = withoutValues(text.slice(0, LONGEST_READ));
  let shape = shapes.get(plain);
  if (!shape) {
    const fingerprint = createHash('sha256').update(plain).digest('hex').slice(0, 16);
    shape = { fingerprint, text: plain.slice(0, LONGEST_KEPT) };
    shapes.set(plain, shape);
  }
  if (text.length <= LONGEST_READ) known.set(text, shape);
  return shape;
}

/**
 * In this order of alternatives: comments, quoted names (kept), parameters (kept), texts in quotes of each kind, words (kept, so that
 * digits in them stay), numbers. A text that does not end is a value to the end.
 */
const TOKENS =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|("(?:[^"]|"")*")|(\$\d+)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\3\$|$)|\b[Ee]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|(?:\b(?:[BbXxNn]|[Uu]&))?'(?:[^']|'')*(?:'|$)|([\p{L}_][\p{L}\p{N}_$]*)|\d[\w.]*(?:[+-]\d+)?|\.\d\w*/gu;
/** `?, ?, ?` of any length is one shape. */
const LISTS = /\?(?:\s*,\s*\?)+/g;

/** The text with `?` for each value that stands in it, without comments, with single spaces. */
export function withoutValues(text: string): string {
  return text
    .replace(TOKENS, (token, name, parameter, _tag, word) =>
      name || parameter || word ? token : /^(--|\/\*)/.test(token) ? ' ' : '?',
    )
    .replace(LISTS, '?, …')
    .replace(/\s+/g, ' ')
    .trim();
}
