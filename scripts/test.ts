// `npm test [-- files…]`, `npm run test:faults`, `npm run test:package`: starts one PostgreSQL for all test files, runs them in
// parallel, cleans up.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { glob, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { bundlePrograms, bundleTests } from './bundle-tests';
import { processorTime } from './processor-time';
import type { Order } from './run-bundles';
import { startMigratedServer } from './test-server';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** The set of tests that kill processes and servers, fill disks and cut networks; everything else without it. */
    faults: { type: 'boolean', default: false },
    /** The set of tests that build and pack the package, and install it in projects of their own. */
    package: { type: 'boolean', default: false },
    /** Prints what each file took, processor time and time on the clock. */
    durations: { type: 'boolean', default: false },
    'test-name-pattern': { type: 'string' },
  },
});

const files = positionals.length > 0 ? positionals : await testFiles();
if (files.length === 0) throw new Error('There are no test files.');

const directory = await mkdtemp(path.join(tmpdir(), 'marquee-tests-'));
if (values.package) process.env.MARQUEE_TEST_PACKAGE = await pack(directory);
const cache = path.resolve(import.meta.dirname, '../node_modules/.cache');
await mkdir(cache, { recursive: true });
const bundled = await mkdtemp(path.join(cache, 'tests-'));
const [server, bundles, programs] = await Promise.all([
  startMigratedServer(path.join(directory, 'data')),
  bundleTests(files, bundled),
  bundlePrograms(bundled),
]);
process.env.MARQUEE_TEST_POSTGRES_URL = server.url();
process.env.MARQUEE_TEST_COMMAND = programs.marquee;
process.env.NODE_ENV = 'test';

// What the first process has compiled of the packages serves the others.
process.env.NODE_COMPILE_CACHE ??= path.join(bundled, 'compiled');
const order: Order = {
  bundles,
  // One more than there are processors: a file waits for its database much of the time. Faults have clusters of their own, which a
  // busy machine makes fail over by themselves.
  concurrency: Math.max(2, availableParallelism()) + (values.faults ? 0 : 1),
  timeout: values.faults || values.package ? 600_000 : 300_000,
  pattern: values['test-name-pattern'],
  reporter: values.durations ? programs.reporter : undefined,
};
const orderFile = path.join(bundled, 'order.json');
await writeFile(orderFile, JSON.stringify(order));
const before = processorTime();
const runner = spawn(process.execPath, [programs.runner, orderFile], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => runner.kill(signal));
const [code] = await once(runner, 'exit');

const { children } = processorTime();
await server.kill('SIGQUIT');
if (values.durations) {
  console.log(
    `${(children - before.children).toFixed(0)} s the files and their runner, ${(processorTime().children - children).toFixed(0)} s PostgreSQL`,
  );
}
await Promise.all([directory, bundled].map((one) => rm(one, { recursive: true, force: true })));
process.exit(code ?? 1);

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
