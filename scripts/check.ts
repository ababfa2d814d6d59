// `npm run check`: types, lint and format, import directions, dead code. Prints what fails; exits 1 if anything did.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const steps: [name: string, command: string, ...args: string[]][] = [
  ['types', 'tsc', '--noEmit'],
  ['lint and format', 'biome', 'check', '.'],
  ['import directions', 'tsx', 'scripts/check-imports.ts'],
  ['schema', 'tsx', 'scripts/check-schema.ts'],
  ['reference of errors', 'tsx', 'scripts/errors-reference.ts', '--check'],
  ['dead code', 'knip'],
];
let failed = 0;
for (const [name, command, ...args] of steps) {
  const started = Date.now();
  const { status } = spawnSync(path.join(root, 'node_modules', '.bin', command), args, {
    cwd: root,
    stdio: 'inherit',
  });
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${Date.now() - started} ms)`);
  if (status !== 0) failed++;
}
process.exit(failed === 0 ? 0 : 1);
