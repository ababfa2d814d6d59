import { sanitizeDocumentHtml } from '../documents/html';
import { TemplateError } from './errors';
import { MERGE_FIELDS, type MergeField } from './merge-fields';
import { escapeHtml, isHtml, textToHtml } from './plain-text';

export { MERGE_FIELDS } from './merge-fields';
export { MissingValues } from './missing-values';
export { escapeHtml, textToHtml } from './plain-text';

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
 * Fills values into a template. In HTML, values are escaped and keep their lines. The result has to be sanitized, since a value could turn a
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

/** Fills values into the text of a mail, plain or HTML. @returns sanitized HTML */
export function mergeMailText(content: string, values: MergeValues): MergedTemplate {
  if (isHtml(content)) return mergeTemplate(content, values, 'html');
  const merged = mergeTemplate(content, values, 'text');
  return { ...merged, content: textToHtml(merged.content) };
}

function escapeFor(value: string, format: 'html' | 'text'): string {
  return format === 'html' ? escapeHtml(value).replace(/\r?\n/g, '<br>') : value;
}
