/** A text that stands in HTML, also in an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Plain text as HTML, keeping its lines. */
export function textToHtml(text: string): string {
  return `<p>${escapeHtml(text.trim()).replace(/\r?\n/g, '<br>')}</p>`;
}

/** Whether a template's text is HTML. */
export function isHtml(text: string): boolean {
  return /<\/?(p|br|h[1-3]|ul|ol|li|table|strong|b|em|i|a|blockquote)\b[^>]*>/i.test(text);
}
