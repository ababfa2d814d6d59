// `npm test [-- files…]`, `npm run test:faults`, `npm run test:package`: starts one PostgreSQL for all test files, runs them in
// parallel, cleans up.
import { execFileSync } from 'node:child_process';
import { glob, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { parseArgs } from 'node:util';
import { startMigratedServer } from './test-server';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** The set of tests that kill processes and servers, fill disks and cut networks; everything else without it. */
    faults: { type: 'boolean', default: false },
    /** The set of tests that build and pack the package, and install it in projects of their own. */
    package: { type: 'boolean', default: false },
    /** Prints how long each file took. */
    durations: { type: 'boolean', default: false },
    'test-name-pattern': { type: 'string' },
  },
});

const files = positionals.length > 0 ? positionals : await testFiles();
if (files.length === 0) throw new Error('There are no test files.');

const directory = await mkdtemp(path.join(tmpdir(), 'marquee-tests-'));
if (values.package) process.env.MARQUEE_TEST_PACKAGE = await pack(directory);
const server = await startMigratedServer(path.join(directory, 'data'));
process.env.MARQUEE_TEST_POSTGRES_URL = server.url();
process.env.NODE_ENV = 'test';

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
const failed: string[] = [];
const durations: [file: string, seconds: number][] = [];
const events = run({
  files: files.map((file) => path.resolve(file)),
  concurrency: Math.max(2, availableParallelism()),
  timeout: values.faults || values.package ? 600_000 : 180_000,
  execArgv: ['--import', 'tsx'],
  signal: stop.signal,
  ...(values['test-name-pattern'] ? { testNamePatterns: [values['test-name-pattern']] } : {}),
});
events.on('test:fail', ({ name, file }) => failed.push(`${path.relative('.', file ?? '')}: ${name}`));
events.on('test:summary', ({ file, duration_ms }) => {
  if (file) durations.push([path.relative('.', file), duration_ms / 1000]);
});
const report = events.compose(spec);
report.pipe(process.stdout);
await finished(report).catch(() => {});

if (values.durations) {
  durations.sort(([, a], [, b]) => b - a);
  for (const [file, seconds] of durations) console.log(`${seconds.toFixed(1).padStart(7)} s  ${file}`);
}
await server.kill('SIGQUIT');
await rm(directory, { recursive: true, force: true });
process.exit(failed.length > 0 || stop.signal.aborted ? 1 : 0);

/** Builds and packs the package. @returns its file */
async function pack(into: string): Promise<string> {
  execFileSync('npm', ['pack', '--pack-destination', into, '--loglevel=error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const file = (await readdir(into)).find((name) => name.endsWith('.tgz'));
  if (!file) throw new Error('npm pack has made no package.');
  return path.join(into, file);
}

/** Longest first, so that none of them runs alone at the end: a file's size says about how long it takes. */
async function testFiles(): Promise<string[]> {
  const set = values.faults ? 'faults' : values.package ? 'package' : undefined;
  const found = set
    ? await Array.fromAsync(glob(`test/${set}/**/*.test.ts`))
    : await Array.fromAsync(
        glob('test/**/*.test.{ts,tsx}', { exclude: ['test/e2e/**', 'test/faults/**', 'test/package/**'] }),
      );
  const weighed = await Promise.all(found.map(async (file) => ({ file, weight: await weight(file) })));
  return weighed.sort((a, b) => b.weight - a.weight).map(({ file }) => file);
}

async function weight(file: string): Promise<number> {
  const { size } = await stat(file);
  return /^test\/(cli|lib\/movement)\//.test(file) ? size * 10 : size;
}
