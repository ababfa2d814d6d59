import { sanitizeDocumentHtml } from '../documents/html';
import { TemplateError } from './errors';

export { isHtml, textToHtml } from './plain-text';

/** The merge fields that templates may use, with what they stand for. Written `{{account.name}}`. */
export const MERGE_FIELDS = {
  'company.name': "your company's name",
  'company.email': "your company's e-mail",
  'company.phone': "your company's phone",
  'account.name': "the client's name",
  'contact.first_name': "the contact's first name",
  'contact.last_name': "the contact's last name",
  'contact.email': "the contact's e-mail",
  'event.title': 'the event',
  'event.number': "the event's number",
  'event.date': 'its first date',
  'event.start_time': 'when it starts',
  'event.end_time': 'when it ends',
  'event.location': 'where it is',
  'event.guest_count': 'how many guests',
  'quote.number': "the quote's number",
  'quote.total': "the quote's total",
  'quote.valid_until': 'when the quote expires',
  'invoice.number': "the invoice's number",
  'invoice.total': "the invoice's total",
  'invoice.balance': 'what is still to pay',
  'invoice.due_date': 'when it is due',
  'deposit.amount': 'the deposit',
  link: "the client's page",
} as const;

export type MergeField = keyof typeof MERGE_FIELDS;
export type MergeValues = Partial<Record<MergeField, string>>;

const FIELD = /\{\{\s*([^{}]*?)\s*\}\}/g;

/** The fields a template uses, once each. */
export function templateFields(content: string): string[] {
  return [...new Set([...content.matchAll(FIELD)].map((match) => match[1] ?? ''))];
}

/**
 * Checks a template before it is saved.
 *
 * @throws TemplateError `template_unknown_field`, `template_malformed`
 */
export function checkTemplate(content: string): void {
  const unknown = templateFields(content).filter((field) => !Object.hasOwn(MERGE_FIELDS, field));
  if (unknown.length > 0) {
    throw new TemplateError(
      'template_unknown_field',
      `The template uses ${unknown.map((f) => `{{${f}}}`).join(', ')}, which does not exist.`,
      {
        hint: `Known fields: ${Object.keys(MERGE_FIELDS).join(', ')}.`,
      },
    );
  }
  if (/\{\{|\}\}/.test(content.replace(FIELD, ''))) {
    throw new TemplateError('template_malformed', 'The template has {{ without }} or }} without {{.', {
      hint: 'Write a field as {{account.name}}.',
    });
  }
}

export interface MergedTemplate {
  content: string;
  /** Fields that had no value; shown in the preview, and a reason not to send. */
  missing: string[];
}

/**
 * Fills values into a template. In HTML, values are escaped. The result has to be sanitised, since a value could turn a
 * harmless link into a script address.
 * A field without a value stays visible as `[the client's name]`.
 */
export function mergeTemplate(content: string, values: MergeValues, format: 'html' | 'text'): MergedTemplate {
  checkTemplate(content);
  const missing: string[] = [];
  const merged = content.replace(FIELD, (_, field: MergeField) => {
    const value = values[field];
    if (value === undefined || value === '') {
      if (!missing.includes(field)) missing.push(field);
      return escapeFor(`[${MERGE_FIELDS[field]}]`, format);
    }
    return escapeFor(value, format);
  });
  return { content: format === 'html' ? sanitizeDocumentHtml(merged) : merged, missing };
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeFor(value: string, format: 'html' | 'text'): string {
  return format === 'html'
    ? value.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
    : value;
}
