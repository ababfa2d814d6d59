/**
 * The statements of an SQL script, without comments between them. Semicolons in strings, quoted names, bodies (`$$ … $$`, `begin atomic … end`)
 * and comments end none.
 */
export function statementsOf(script: string): string[] {
  const statements: string[] = [];
  let text = '';
  for (const [token] of script.matchAll(TOKEN)) {
    if (token === ';' && !isInAtomicBody(text)) {
      if (text.trim()) statements.push(text.trim());
      text = '';
    } else if (token.startsWith('--') || token.startsWith('/*')) text += ' ';
    else text += token;
  }
  return text.trim() ? [...statements, text.trim()] : statements;
}

/** Comments, strings and bodies as one token each; else single characters. */
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?\*\/|e'(?:[^'\\]|''|\\[\s\S])*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|(\$\w*\$)[\s\S]*?\1|\w+|[\s\S]/gi;

function isInAtomicBody(text: string): boolean {
  const [, body] = /\bbegin\s+atomic\b([\s\S]*)$/i.exec(text) ?? [];
  return body !== undefined && !/\bend\s*$/i.test(body);
}
