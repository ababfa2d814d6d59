// `npm run check`: static checks. Prints the output of each; exits 1 if one fails.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const ours = (program: string, ...args: string[]) => ['tsx', `scripts/${program}.ts`, ...args] as const;
/** The longest first. */
const steps: [name: string, command: readonly [command: string, ...args: string[]]][] = [
  ['types', ['tsc', '--noEmit']],
  ['lint, format, import cycles', ['biome', 'check', '.']],
  ['dead code', ['knip']],
  ['links and commands of pages, rooms', ours('check-docs')],
  ['reference of errors', ours('errors-reference', '--check')],
  ['reference of commands', ours('commands-reference', '--check')],
  ['import directions, packages', ours('check-imports')],
  ['schema', ours('check-schema')],
  ['words, file sizes', ours('check-words')],
  ['folders of tests', ours('check-tests')],
  ['places of mutations', ours('test-mutation', '--places')],
];

let failed = 0;
const waiting = steps.values();
await Promise.all(Array.from({ length: Math.max(2, availableParallelism()) }, work));
process.exit(failed === 0 ? 0 : 1);

/** Runs the remaining steps one after the other. The output of a step is printed when it has ended. */
async function work(): Promise<void> {
  for (const [name, [command, ...args]] of waiting) {
    const started = performance.now();
    const child = spawn(path.join(root, 'node_modules', '.bin', command), args, { cwd: root });
    let printed = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
    }
    const [code] = await once(child, 'close');
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`${printed}${code === 0 ? 'ok  ' : 'FAIL'} ${name} (${seconds} s)\n`);
    if (code !== 0) failed++;
  }
}
