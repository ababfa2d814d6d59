// Fails on a folder of tests that does not mirror one of src: test/lib/rest/plan holds the tests of src/lib/rest/plan.
import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
/** Folders of what tests are given, rather than of tests. */
const DATA = ['conformance', 'baselines'];

const problems: string[] = [];
for (const area of await readdir(path.join(root, 'src'))) {
  const tests = path.join(root, 'test', area);
  const entries = existsSync(tests) ? await readdir(tests, { recursive: true, withFileTypes: true }) : [];
  for (const entry of entries.filter((one) => one.isDirectory() && !DATA.includes(one.name))) {
    const folder = path.join(area, path.relative(tests, path.join(entry.parentPath, entry.name)));
    const source = path.join(root, 'src', folder);
    if (!existsSync(source) && !existsSync(`${source}.ts`))
      problems.push(`test/${folder}: there is no src/${folder}.`);
  }
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exit(1);
}
