import sanitizeHtml from 'sanitize-html';

/** Tags that a contract, a template or a mail may contain; everything else is dropped, its text kept. */
const ALLOWED_TAGS = [
  'h1',
  'h2',
  'h3',
  'p',
  'br',
  'hr',
  'strong',
  'b',
  'em',
  'i',
  'u',
  'ul',
  'ol',
  'li',
  'a',
  'blockquote',
  'table',
  'thead',
  'tbody',
  'tr',
  'th',
  'td',
];

/**
 * HTML that is safe to show and to send: no script, no style, no event handlers, only web and mail links.
 *
 * @param nestingLimit tags that stand deeper are dropped, their text kept
 */
export function sanitizeDocumentHtml(html: string, nestingLimit?: number): string {
  return sanitizeHtml(html, {
    ...(nestingLimit ? { nestingLimit } : {}),
    allowedTags: ALLOWED_TAGS,
    allowedAttributes: { a: ['href'], td: ['colspan'], th: ['colspan'] },
    allowedSchemes: ['https', 'http', 'mailto', 'tel'],
  });
}
