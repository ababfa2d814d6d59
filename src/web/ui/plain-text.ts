/** Plain text of HTML, such as of a mail or a contract. Tags are parsed, but never rendered or executed. */
export function plainText(body: string): string {
  const html = body.replace(/<br\s*\/?>|<\/(?:p|li|h[1-6]|tr)>/gi, '$&\n');
  return (new DOMParser().parseFromString(html, 'text/html').body.textContent ?? '').trim();
}
