// Runs bundled test files. A program of its own: the processes of the tests get the options of the one that starts them, and would
// load what runs TypeScript, with which every module of theirs takes longer to load.
import { existsSync, readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import type { Bundle } from './bundle-tests';
import { retryFailed } from './retries';

/** What to run, in the file that the command line names. */
export interface Order {
  bundles: Bundle[];
  /** Processes at once. */
  concurrency: number;
  /** Milliseconds a test. */
  timeout: number;
  pattern?: string | undefined;
  /** To print what each file took: the module that its process reports that with. */
  reporter?: string | undefined;
}

const maps = new Map<string, SourceMap>();
const order: Order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8'));
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stop.abort());
const sourceOf = (bundle: string) =>
  order.bundles.find(({ path: file }) => file === bundle)?.files.join(' ') ?? bundle;
const durations = new Map<string, number>();
/** Where the processes of the files say what processor time they took, a line of JSON each. */
const times = `${process.argv[2]}.times`;
Object.assign(process.env, { MARQUEE_TEST_RUNNER: String(process.pid), MARQUEE_TEST_TIMES: times });
let failed = await runTests(
  order.bundles.map((bundle) => bundle.path),
  order.concurrency,
);
if (!stop.signal.aborted) failed = await retryFailed(failed, (files) => runTests(files, 1), sourceOf);

if (order.reporter) printCosts();
process.exit(failed.length > 0 || stop.signal.aborted ? 1 : 0);

/** @returns the bundles of which a test has failed */
async function runTests(files: readonly string[], concurrency: number): Promise<string[]> {
  const failures = new Set<string>();
  const events = run({
    files,
    concurrency,
    timeout: order.timeout,
    // Garbage collection in further threads took a tenth of all processor time.
    execArgv: ['--single-threaded-gc', ...(order.reporter ? ['--import', order.reporter] : [])],
    signal: stop.signal,
    ...(order.pattern ? { testNamePatterns: [order.pattern] } : {}),
  });
  events.on('test:fail', (failure) => {
    const { file, line, column } = failure;
    failures.add(file ?? 'a test of no file');
    showInSources(failure.details.error);
    if (file && line && column) Object.assign(failure, originOf(file, line, column));
  });
  events.on('test:summary', ({ file, duration_ms }) => {
    if (file) durations.set(file, duration_ms / 1000);
  });
  const report = events.compose(spec);
  report.pipe(process.stdout);
  await finished(report).catch(() => {});
  return [...failures];
}

/** Seconds each file took: processor time of its process, that of processes it started, and time on the clock. */
function printCosts(): void {
  const costs = (existsSync(times) ? readFileSync(times, 'utf8') : '')
    .split('\n')
    .filter(Boolean)
    .map((line): { bundle: string; own: number; children: number } => JSON.parse(line))
    .sort((a, b) => b.own + b.children - a.own - a.children);
  const column = (value: number | string) =>
    (typeof value === 'number' ? value.toFixed(1) : value).padStart(10);
  console.log(['own CPU', 'children', 'clock'].map(column).join(''));
  for (const { bundle, own, children } of costs)
    console.log([own, children, durations.get(bundle) ?? 0].map(column).join(''), '', sourceOf(bundle));
  const sum = (of: 'own' | 'children') => costs.reduce((total, cost) => total + cost[of], 0);
  console.log([sum('own'), sum('children'), ''].map(column).join(''), ' all files');
}

/**
 * An error with the positions in the sources, its causes too. The processes of the tests do not read the source maps: few errors
 * are printed, and each process would read all of its bundle's.
 */
function showInSources(error: unknown): void {
  for (let next = error; next instanceof Error; next = next.cause) {
    const value = next.stack?.replace(
      /(?:file:\/\/)?(\/[^\s()]+\.mjs):(\d+):(\d+)/g,
      (position, bundle: string, line: string, column: string) => {
        const source = originOf(bundle, Number(line), Number(column));
        return source ? `${source.file}:${source.line}:${source.column}` : position;
      },
    );
    // What has come from another process cannot be assigned to.
    Object.defineProperty(next, 'stack', { value, configurable: true });
  }
}

/** The position in the source of one in a bundle. */
function originOf(bundle: string, line: number, column: number) {
  const file = `${bundle}.map`;
  if (!maps.has(bundle) && existsSync(file)) {
    maps.set(bundle, new SourceMap(JSON.parse(readFileSync(file, 'utf8'))));
  }
  const origin = maps.get(bundle)?.findOrigin(line, column);
  if (!origin || !('fileName' in origin)) return undefined;
  const { fileName, lineNumber, columnNumber } = origin;
  return { file: path.resolve(path.dirname(bundle), fileName), line: lineNumber, column: columnNumber };
}
