// `npm run test:mutation [-- words…]`: makes each change of test/mutations.ts in a copy of this checkout, one at a time, and runs
// the tests that must notice it. Fails where one does not, or where the code that it changes is no longer there. Words choose
// the changes whose file or name has them. `--places` only checks that the code is there.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
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

const isPlacesOnly = process.argv.includes('--places');
const words = process.argv.slice(2).filter((word) => word !== '--places');
const chosen = MUTATIONS.filter(({ name, file }) => words.every((word) => `${file} ${name}`.includes(word)));
const outdated = (await Promise.all(chosen.map(outdatedPlace))).filter((problem) => problem !== undefined);
for (const problem of outdated) console.log(problem);
if (chosen.length === 0) console.log('No change has these words.');
if (outdated.length > 0 || chosen.length === 0) process.exit(1);
if (isPlacesOnly) process.exit(0);

const copy = await mkdtemp(path.join(tmpdir(), 'marquee-mutations-'));
const unnoticed: string[] = [];
try {
  for (const name of COPIED) await cp(path.join(root, name), path.join(copy, name), { recursive: true });
  await symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  // Tests that fail anyway notice nothing.
  const all = [...new Set(chosen.flatMap(({ tests }) => tests))];
  if (!(await passes(all))) throw new Error('The tests fail without any change.');
  for (const mutation of chosen) {
    const began = performance.now();
    const isNoticed = await withChange(mutation, async () => !(await passes(mutation.tests)));
    const seconds = Math.round((performance.now() - began) / 1000);
    console.log(`${isNoticed ? 'noticed' : 'UNNOTICED'}: ${mutation.file}: ${mutation.name} (${seconds} s)`);
    if (!isNoticed) unnoticed.push(mutation.name);
  }
} finally {
  await rm(copy, { recursive: true, force: true });
}
console.log(`${chosen.length - unnoticed.length} of ${chosen.length} changes were noticed.`);
process.exit(unnoticed.length > 0 ? 1 : 0);

async function outdatedPlace({ file, from, name, tests }: Mutation): Promise<string | undefined> {
  const missing = [file, ...tests].find((one) => !existsSync(path.join(root, one)));
  if (missing) return `${missing} of the mutation “${name}” does not exist.`;
  const places = (await readFile(path.join(root, file), 'utf8')).split(from).length - 1;
  return places === 1 ? undefined : `${file} has the code of the mutation “${name}” ${places} times.`;
}

async function withChange<Result>(
  { file, from, to }: Mutation,
  work: () => Promise<Result>,
): Promise<Result> {
  const place = path.join(copy, file);
  const text = await readFile(place, 'utf8');
  await writeFile(
    place,
    text.replace(from, () => to),
  );
  try {
    return await work();
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
