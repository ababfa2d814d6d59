// The packed package in projects of its own, as others use it.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after } from 'node:test';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** `npm run test:package` packs it. */
const PACKAGE = process.env.MARQUEE_TEST_PACKAGE ?? '';
/** Of this run and of npm's: not for programs of another project. */
const OURS = /^(MARQUEE_|TSX_|NODE_ENV$|NODE_OPTIONS$|npm_(package|lifecycle|config_local_prefix))/;

const children: ChildProcess[] = [];
after(async () => {
  const running = children.filter(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  await Promise.all(running.map((child) => [child.kill('SIGTERM'), once(child, 'exit')][1]));
});

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface Where {
  cwd: string;
  environment?: Record<string, string>;
}

/** Starts a program; `ended` resolves with all that it printed. */
export function run(command: string, args: string[], { cwd, environment = {} }: Where) {
  const inherited = Object.entries(process.env).filter(([name]) => !OURS.test(name));
  const child = spawn(command, args, {
    cwd,
    env: { ...Object.fromEntries(inherited), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const printed = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      printed[name] += chunk;
    });
  }
  const ended = once(child, 'close').then(([code]): Ended => ({ code, ...printed }));
  return { child, ended, printed };
}

/** Runs a program to its end. @returns what it printed on standard output */
export async function output(command: string, args: string[], where: Where): Promise<string> {
  const { code, stdout, stderr } = await run(command, args, where).ended;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`);
  return stdout;
}

/** Starts a server and waits until it has printed `announced`. @returns what the pattern's group matched, and the server's end */
export async function serve(command: string, args: string[], where: Where, announced: RegExp) {
  const { child, ended, printed } = run(command, args, where);
  const found = new Promise<string>((resolve) => {
    child.stdout.on('data', () => {
      const [, match] = announced.exec(printed.stdout) ?? [];
      if (match) resolve(match);
    });
  });
  const failed = ended.then(({ code, stdout, stderr }) => {
    throw new Error(`ended with ${code}: ${stdout}${stderr}`);
  });
  failed.catch(() => {});
  return { announced: await Promise.race([found, failed]), child, ended };
}

/**
 * A project in an empty directory with the package installed, removed after the test file.
 *
 * @param example copied into it: a directory of examples/
 * @param optional false: as with `npm install --omit=optional`
 */
export async function project({
  example,
  optional = true,
}: {
  example?: string;
  optional?: boolean;
} = {}): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-project-'));
  after(() => rm(directory, { recursive: true, force: true }));
  const file = path.join(directory, 'package.json');
  if (example) await cp(path.join(ROOT, 'examples', example), directory, { recursive: true });
  else
    await writeFile(file, JSON.stringify({ private: true, type: 'module', dependencies: { marquee: '' } }));
  const manifest = JSON.parse(await readFile(file, 'utf8'));
  manifest.dependencies.marquee = `file:${PACKAGE}`;
  await writeFile(file, JSON.stringify(manifest, null, 2));
  await mkdir(path.join(directory, 'node_modules'));
  // Many package managers run no install scripts; nothing here may need one.
  const args = [
    'install',
    '--prefer-offline',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  await output('npm', optional ? args : [...args, '--omit=optional'], { cwd: directory });
  return directory;
}
