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

/** HTML that is safe to show and to send: no script, no style, no event handlers, only web and mail links. */
export function sanitizeDocumentHtml(html: string): string {
  return sanitizeHtml(html, {
    allowedTags: ALLOWED_TAGS,
    allowedAttributes: { a: ['href'], td: ['colspan'], th: ['colspan'] },
    allowedSchemes: ['https', 'http', 'mailto', 'tel'],
  });
}

/** A block of text for the PDF. */
export interface TextBlock {
  kind: 'heading' | 'paragraph' | 'item';
  text: string;
}

/**
 * Sanitised HTML as a list of blocks: documents are set in PDF from these. Inline marks are dropped; the signed text
 * is the HTML itself, whose hash stands on the document.
 */
export function htmlBlocks(html: string): TextBlock[] {
  const blocks: TextBlock[] = [];
  let kind: TextBlock['kind'] = 'paragraph';
  let text = '';
  const end = () => {
    const trimmed = text.replace(/[ \t]+/g, ' ').trim();
    if (trimmed) blocks.push({ kind, text: trimmed });
    text = '';
    kind = 'paragraph';
  };
  for (const token of sanitizeDocumentHtml(html).match(/<[^>]+>|[^<]+/g) ?? []) {
    const tag = /^<\/?([a-z0-9]+)/.exec(token)?.[1];
    if (!tag) text += decodeEntities(token.replace(/\s+/g, ' '));
    else if (tag === 'br') text += '\n';
    else if (/^(p|h[1-3]|li|ul|ol|blockquote|table|tr|hr)$/.test(tag)) {
      end();
      if (!token.startsWith('</'))
        kind = /^h/.test(tag) && tag !== 'hr' ? 'heading' : tag === 'li' ? 'item' : 'paragraph';
    } else if (tag === 'td' || tag === 'th') text += ' ';
  }
  end();
  return blocks;
}

/** The five entities the sanitiser writes. */
function decodeEntities(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: '\u00a0' };
  return text.replace(/&(amp|lt|gt|quot|nbsp);/g, (_, name: string) => named[name] ?? '');
}
