// `npm run bench -- NAME [--json]`: runs one program of bench/programs. With `--json` standard output is one object.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism, cpus, totalmem } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a program answers with: its keys are its contract. */
export type BenchResult = Record<string, unknown>;

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
  console.error(`usage: npm run bench -- NAME [--json]\n\n  ${names.sort().join('\n  ')}`);
  process.exit(2);
}
const file = path.join(directory, 'programs', `${name}.ts`);
// Before the import: a peer that is missing would fail it.
if ((await readFile(file, 'utf8')).includes("'../peers/")) installPeers();
const program = (await import(pathToFileURL(file).href)) as Program;
const measured = await program.run();
const result = { program: name, machine: machine(), ...measured };
console.log(flags.includes('--json') ? JSON.stringify(result) : table(result));
process.exit(0);

function machine(): string {
  const model = cpus()[0]?.model.trim() ?? process.arch;
  const memory = Math.round(totalmem() / 2 ** 30);
  return `${availableParallelism()} × ${model}, ${memory} GiB, Node ${process.version}, ${process.platform}`;
}

/** Peers have a lockfile of their own and are fetched only by who compares. Their install scripts are not needed. */
function installPeers(): void {
  if (!existsSync(path.join(directory, 'node_modules', '.package-lock.json'))) {
    console.error('Installing the peers to compare with (npm ci in bench/), once …');
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  }
  if (!generatedIsCurrent()) {
    const prisma = path.join('node_modules', 'prisma', 'build', 'index.js');
    // Generating needs no schema engine, but Prisma would fetch one unless it is told that it has it.
    run(process.execPath, [prisma, 'generate', '--schema=peers/schema.prisma', '--no-hints'], {
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    });
  }
}

/** Prisma's generated client keeps a copy of the schema it was generated from. */
function generatedIsCurrent(): boolean {
  const kept = path.join(directory, 'node_modules', '.prisma', 'client', 'schema.prisma');
  const schema = path.join(directory, 'peers', 'schema.prisma');
  return existsSync(kept) && statSync(kept).mtimeMs >= statSync(schema).mtimeMs;
}

function run(command: string, parameters: string[], environment: Record<string, string> = {}): void {
  const { status } = spawnSync(command, parameters, {
    cwd: directory,
    stdio: ['ignore', 2, 2],
    env: { ...process.env, ...environment },
  });
  if (status !== 0) throw new Error(`${command} ${parameters[0]} ended with ${status}.`);
}

function table(result: BenchResult): string {
  const lines = Object.entries(result).map(([key, value]) => [
    key,
    typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value),
  ]);
  const width = Math.max(...lines.map(([key = '']) => key.length));
  return lines.map(([key = '', value]) => `${key.padEnd(width)}  ${value}`).join('\n');
}
