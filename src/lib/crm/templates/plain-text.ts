/** Plain text as HTML, keeping its lines. */
export function textToHtml(text: string): string {
  const escaped = text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return `<p>${escaped.trim().replace(/\r?\n/g, '<br>')}</p>`;
}

/** Whether a template's text is HTML. */
export function isHtml(text: string): boolean {
  return /<\/?(p|br|h[1-3]|ul|ol|li|table|strong|b|em|i|a|blockquote)\b[^>]*>/i.test(text);
}
