// The shape of a statement: its text without values, so that calls that differ only in values have the same shape.
import { createHash } from 'node:crypto';

export interface StatementShape {
  /** 16 hexadecimal digits. */
  fingerprint: string;
  text: string;
}

const MOST_KNOWN = 2_000;
/** Longer texts are truncated before they are parsed. */
const LONGEST_READ = 8_000;
const LONGEST_KEPT = 2_000;

/** Shapes by text, since most texts are sent again and again. */
const known = new Map<string, StatementShape>();
/** Shapes by text without values, so that each shape is one object. */
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
 * The alternatives are, in order: comments, quoted names (kept), parameters (kept), strings in each kind of quotes, words (kept, so that
 * their digits stay), numbers. An unterminated string extends to the end of the text.
 */
const TOKENS =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|("(?:[^"]|"")*")|(\$\d+)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\3\$|$)|\b[Ee]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|(?:\b(?:[BbXxNn]|[Uu]&))?'(?:[^']|'')*(?:'|$)|([\p{L}_][\p{L}\p{N}_$]*)|\d[\w.]*(?:[+-]\d+)?|\.\d\w*/gu;
/** Lists of values of any length, `?, ?, ?`, are one shape. */
const LISTS = /\?(?:\s*,\s*\?)+/g;

/** Replaces each value in the text by `?`, removes comments and collapses white space. */
export function withoutValues(text: string): string {
  return text
    .replace(TOKENS, (token, name, parameter, _tag, word) =>
      name || parameter || word ? token : /^(--|\/\*)/.test(token) ? ' ' : '?',
    )
    .replace(LISTS, '?, …')
    .replace(/\s+/g, ' ')
    .trim();
}
