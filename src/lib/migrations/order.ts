// The order of files that use each other's functions, read from the files themselves.
import type { SqlFile } from './sql-files';

const DEFINITION = /^create or replace function ([a-z_]+\.[a-z_0-9]+)\(/gm;

/** Names of the functions that a file makes, with their schemas; one for each definition. */
export function functionsOf({ text }: SqlFile): string[] {
  return [...text.matchAll(DEFINITION)].map(([, name]) => name as string);
}

/**
 * Files, each after the function files that it needs. PostgreSQL looks up what stands in a signature, a `return` expression, a
 * constraint, a policy or a trigger when that is created, and what stands in a quoted body when it runs: only the former count.
 * A file whose statements run such a body at once says what that needs: `-- needs tenancy.stamp_new()`.
 *
 * @param files applied in this order
 * @param functions applied before the first file that needs them, the others at the end
 */
export function inOrder(files: readonly SqlFile[], functions: readonly SqlFile[]): SqlFile[] {
  const homes = new Map(functions.flatMap((file) => functionsOf(file).map((name) => [name, file])));
  const seen = new Set<SqlFile>();
  const ordered: SqlFile[] = [];
  const visit = (file: SqlFile): void => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const name of calledIn(file.text)) {
      const needed = homes.get(name);
      if (needed) visit(needed);
    }
    ordered.push(file);
  };
  for (const file of [...files, ...functions]) visit(file);
  return ordered;
}

function calledIn(text: string): Set<string> {
  const looked = text
    .replace(/\bas\s+(\$\w*\$)[\s\S]*?\1/g, '')
    .replace(/--(?! needs ).*$/gm, '')
    .replace(/'(?:[^']|'')*'/g, "''")
    .replace(/\bdrop function [^;]*;/g, '');
  return new Set([...looked.matchAll(/\b([a-z_]+\.[a-z_0-9]+)\(/g)].map(([, name]) => name as string));
}
