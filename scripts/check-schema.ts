// Fails on SQL of a schema that is not what CONTRIBUTING.md says: see "The schema".
import { glob } from 'node:fs/promises';
import path from 'node:path';
import { functionsOf, numbered, readSqlFiles, type SqlFile } from '@/lib/migrations';

const root = path.resolve(import.meta.dirname, '..');
/** Words about the past, and others that SQL must not contain; check-words.ts has the words that no file may contain. */
const FORBIDDEN = /\b(as before|(admitted|provisioned) before|homes?|told)\b/gi;

const problems: string[] = [];
for await (const directory of glob('src/lib/*/schema', { cwd: root })) {
  const room = path.dirname(directory);
  const [schema, functions, migrations] = await Promise.all(
    ['schema', 'functions', 'migrations'].map((folder) => readSqlFiles(path.join(root, room), folder)),
  );
  const report = (problem: string) => problems.push(`${room}: ${problem}`);
  try {
    for (const { version, file } of numbered(migrations ?? []))
      if (version < 2)
        report(`migrations/${file.path} needs a number from 2 on: version 1 is what schema/ was.`);
  } catch (error) {
    report((error as Error).message);
  }
  checkFunctions(schema ?? [], functions ?? [], report);
  for (const { path: file, text } of [...(schema ?? []), ...(functions ?? [])]) {
    for (const [words] of text.matchAll(FORBIDDEN))
      report(`${file} says “${words}”: write what is so now, in the glossary's words.`);
    for (const [statement] of text.matchAll(/^(update|delete|alter table \S+ drop)\b.*/gm))
      report(`${file} changes what is there (${statement}): that belongs into a numbered migration.`);
  }
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}

/** Each function is made once, by `create or replace`, and the file that makes it says who may call it. */
function checkFunctions(
  schema: readonly SqlFile[],
  functions: readonly SqlFile[],
  report: (problem: string) => void,
): void {
  const made = new Map<string, string>();
  for (const { path: file, text } of functions) {
    for (const [, signature = ''] of text.matchAll(
      /^create or replace function ([^(]+\((?:[^()]|\([^()]*\))*\))/gm,
    )) {
      const other = made.get(signature);
      if (other) report(`${signature} is made in ${other} and in ${file}.`);
      made.set(signature, file);
    }
    for (const name of functionsOf({ path: file, text })) {
      // Rooms' own functions in `marquee` are called by their owner only.
      if (name.startsWith('marquee.')) continue;
      const rights = new RegExp(
        `^(revoke|grant) execute on function\\s+${name}\\(|^select tenancy\\.\\w+\\((\\w+, )?'${name}\\(`,
        'm',
      );
      if (!rights.test(text)) report(`${file} does not say who may call ${name}.`);
    }
  }
  for (const { path: file, text } of [...schema, ...functions])
    for (const [, name] of text.matchAll(/^create function (\S+?)\(/gm))
      report(
        `${file} makes ${name} by “create function”: functions/ holds it, by “create or replace function”.`,
      );
  for (const file of schema)
    for (const name of functionsOf(file))
      report(`${file.path} makes the function ${name}: functions/ holds it.`);
}
