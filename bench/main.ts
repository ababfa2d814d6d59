// `npm run bench -- NAME [--json] [--quick]`: runs one program of bench/programs. With `--json` standard output is one object.
import { readdir } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BenchResult } from './measure';

interface Program {
  /** One line for the list. */
  description: string;
  run(): Promise<BenchResult>;
}

const directory = import.meta.dirname;
// The name comes before the flags that take a value (`move --rows 1000`).
const flags = process.argv.slice(2);
const name = flags.find((argument) => !argument.startsWith('-'));
const names = (await readdir(path.join(directory, 'programs')))
  .filter((file) => file.endsWith('.ts'))
  .map((file) => file.replace(/\.ts$/, ''));

if (!name || !names.includes(name)) {
  console.error('usage: npm run bench -- NAME [--json] [--quick]\n');
  for (const one of names.sort()) console.error(`  ${one.padEnd(14)}${(await load(one)).description}`);
  process.exit(2);
}
const measured = await (await load(name)).run();
const result = { program: name, machine: machine(), ...measured };
console.log(flags.includes('--json') ? JSON.stringify(result) : table(result));
process.exit(0);

async function load(program: string): Promise<Program> {
  return import(pathToFileURL(path.join(directory, 'programs', `${program}.ts`)).href);
}

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? process.arch;
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} × ${model}, ${memory} GiB, Node ${process.version}, ${process.platform}`;
}

function table(result: Record<string, unknown>): string {
  const lines = Object.entries(result).map(([key, value]) => [
    key,
    typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value),
  ]);
  const width = Math.max(...lines.map(([key = '']) => key.length));
  return lines.map(([key = '', value]) => `${key.padEnd(width)}  ${value}`).join('\n');
}
