// `npm run test:mutation [-- words…]`: makes each change of test/mutations.ts in a copy of this checkout, one at a time, and runs
// the tests that must notice it. Fails where one does not, or where the code that it changes is no longer there. Words choose
// the changes whose file or name has them.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MUTATIONS, type Mutation } from '../test/mutations';

const root = path.resolve(import.meta.dirname, '..');
/** What tests read of a checkout, besides the installed packages. */
const COPIED = [
  'bin',
  'docs',
  'examples',
  'models',
  'scripts',
  'src',
  'test',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'README.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
  '.env.example',
  '.npmrc',
];

const words = process.argv.slice(2);
const chosen = MUTATIONS.filter(({ name, file }) => words.every((word) => `${file} ${name}`.includes(word)));
const copy = await mkdtemp(path.join(tmpdir(), 'marquee-mutations-'));
const unnoticed: string[] = [];
try {
  for (const name of COPIED) await cp(path.join(root, name), path.join(copy, name), { recursive: true });
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  for (const mutation of chosen) {
    const began = performance.now();
    const problem = await problemWith(mutation);
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(`${problem ?? 'noticed'}: ${mutation.file}: ${mutation.name} (${seconds} s)`);
    if (problem) unnoticed.push(mutation.name);
  }
} finally {
  await rm(copy, { recursive: true, force: true });
}
console.log(`${chosen.length - unnoticed.length} of ${chosen.length} changes were noticed.`);
process.exit(unnoticed.length > 0 || chosen.length === 0 ? 1 : 0);

async function problemWith({ file, from, to, tests }: Mutation): Promise<string | undefined> {
  const place = path.join(copy, file);
  const text = await readFile(place, 'utf8');
  if (text.split(from).length !== 2) return 'OUTDATED (the code is not there once)';
  await writeFile(
    place,
    text.replace(from, () => to),
  );
  try {
    return (await passes(tests)) ? 'UNNOTICED' : undefined;
  } finally {
    await writeFile(place, text);
  }
}

async function passes(tests: readonly string[]): Promise<boolean> {
  const { MARQUEE_CHECKOUT: _, ...environment } = process.env;
  const run = spawn(process.execPath, ['--import', 'tsx', 'scripts/test.ts', ...tests], {
    cwd: copy,
    stdio: 'ignore',
    env: { ...environment, TSX_TSCONFIG_PATH: path.join(copy, 'tsconfig.json') },
  });
  const [code] = await once(run, 'exit');
  return code === 0;
}
