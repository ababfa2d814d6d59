// Fails on words that this project does not use, where the field has its own (ARCHITECTURE.md, "Words"). Warns of files too long to be
// read at once; --list names them.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const LONGEST_FILE = 300;

/** Each with what to write instead. */
const FORBIDDEN: [words: RegExp, instead: string][] = [
  [/\bcrowds?\b/i, 'queue, admission'],
  [/\b(old|new|other) homes?\b/i, 'source, target'],
  [/\bdark[- ]?reads?\b/i, 'shadow reads'],
  [/\bway back\b/i, 'rollback'],
  [/\bfared\b/i, 'result, outcome'],
  [/\bstand(s|ing)? back\b/i, 'pacing, backpressure'],
  [/\btaken for down\b/i, 'circuit breaker open'],
  [/\bto be told\b/i, 'outbox event, delivery'],
  // In backquotes it is the operating system's user.
  [
    /(?<!`)\b(nobody|somebody|anybody|everybody|whoever)\b/i,
    'who it is: the caller, a user, another process',
  ],
];

const found = { forbidden: [] as string[], long: [] as string[] };
for (const folder of ['.', 'src', 'test', 'scripts', 'bench', 'examples', 'docs']) {
  for (const entry of await readdir(path.join(root, folder), { recursive: folder !== '.' })) {
    const file = path.join(folder, entry);
    const isRead = /\.(tsx?|mjs|sql|md)$/.test(file) || file === '.env.example';
    if (!isRead || /node_modules|check-words|tenant-data\/types\.ts/.test(file)) continue;
    const lines = (await readFile(path.join(root, file), 'utf8')).split('\n');
    if (/^src\/.*\.tsx?$/.test(file) && lines.length > LONGEST_FILE)
      found.long.push(`${file}: ${lines.length} lines`);
    for (const [index, line] of lines.entries()) {
      for (const [words, instead] of FORBIDDEN) {
        const [word] = words.exec(line) ?? [];
        if (word) found.forbidden.push(`${file}:${index + 1}: “${word}”, say: ${instead}`);
      }
    }
  }
}
if (process.argv.includes('--list')) console.log(found.long.join('\n'));
else if (found.long.length > 0)
  console.warn(
    `warning: ${found.long.length} files of src are longer than ${LONGEST_FILE} lines: npx tsx scripts/check-words.ts --list`,
  );
if (found.forbidden.length > 0) {
  console.error(found.forbidden.join('\n'));
  process.exit(1);
}
