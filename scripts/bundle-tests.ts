// Test files as JavaScript, with what they share in chunks: compiling hundreds of TypeScript modules took most files longer than
// their tests, and so did writing all of them into a bundle for each file.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { type BuildOptions, build, type Metafile, type Plugin } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');

/** Modules that start threads or processes, and the program of these, which stands beside them: both are bundled. */
const PROGRAMS_BESIDE: Record<string, string> = {
  'src/lib/backups/format/threads.ts': 'src/lib/backups/format/pack.ts',
  'src/lib/crm/rendering/rendering-process.ts': 'src/lib/crm/rendering/worker.ts',
};

/** The modules go on reading what lies beside their sources. @param tests files that wait with their tests until they are loaded */
const placeOfSource = (into: string, tests: readonly string[]): Plugin => ({
  name: 'place of the source',
  setup({ onLoad }) {
    onLoad({ filter: /\.tsx?$/ }, async ({ path: file }) => {
      const name = path.relative(root, file);
      const read = await readFile(file, 'utf8');
      const source = tests.includes(name) ? `${LOADED.banner} ${read}\n${LOADED.footer}` : read;
      if (source === read && !source.includes('import.meta.')) return undefined;
      if (/new Piscina\(|\bfork\(/.test(source) && name.startsWith('src/') && !PROGRAMS_BESIDE[name])
        throw new Error(`${name} starts threads or processes: name their program in PROGRAMS_BESIDE.`);
      const place = PROGRAMS_BESIDE[name] ? bundleIn(into)(name) : file;
      return {
        loader: file.endsWith('x') ? 'tsx' : 'ts',
        contents: source
          .replaceAll('import.meta.dirname', JSON.stringify(path.dirname(place)))
          .replaceAll('import.meta.filename', JSON.stringify(place))
          .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(place).href)),
      };
    });
  },
});

/**
 * No test starts before the whole file has been loaded: the runner takes a file for finished as soon as every test it knows of is,
 * runs its `after` hooks, and only then hears of the tests that stand behind an `await`.
 */
const LOADED = {
  banner: `import { before as beforeAnyTest } from 'node:test'; const fileLoaded = Promise.withResolvers(); beforeAnyTest(() => fileLoaded.promise);`,
  footer: 'fileLoaded.resolve();',
};

const bundled = (into: string, tests: readonly string[] = []): BuildOptions => ({
  absWorkingDir: root,
  ...{ outbase: '.', outExtension: { '.js': '.mjs' } },
  ...{ bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node24' },
  // Files that are imported for their effect alone stay, as they do without a bundler.
  ignoreAnnotations: true,
  ...{ sourcemap: 'linked', sourcesContent: false, logLevel: 'error' },
  plugins: [placeOfSource(into, tests)],
});

/** A bundle to run in a process of its own, and the test files in it. */
export interface Bundle {
  path: string;
  files: string[];
}

/**
 * A program for each file; one for all those that take less time than a process takes to start.
 *
 * @param into a directory below node_modules, where packages are found
 * @returns in the order of the files
 */
export async function bundleTests(files: readonly string[], into: string): Promise<Bundle[]> {
  const names = files.map((file) => path.relative(root, path.resolve(file)));
  const { metafile } = await build({
    ...bundled(into, names),
    ...{ entryPoints: names, outdir: into, splitting: true, metafile: true },
  });
  const bundles = names.map((name) => ({ path: bundleIn(into)(name), files: [name] }));
  const light = new Set<string>();
  for (const name of names) if (await isLight(name, inputsOf(name, metafile))) light.add(name);
  if (light.size < 2) return bundles;
  const together = { path: path.join(into, 'together.mjs'), files: [...light] };
  const contents = together.files.map((file) => `import './${file}';`).join('\n');
  await build({
    ...bundled(into),
    ...{ banner: { js: LOADED.banner }, footer: { js: LOADED.footer } },
    ...{ stdin: { contents, resolveDir: root }, outfile: together.path },
  });
  return [...bundles.filter(({ files: [file = ''] }) => !light.has(file)), together];
}

/** The sources of a program, those in its chunks too. */
function inputsOf(entry: string, { outputs }: Metafile): string[] {
  const seen = new Set(Object.keys(outputs).filter((output) => outputs[output]?.entryPoint === entry));
  for (const output of seen) {
    for (const { path: chunk, external } of outputs[output]?.imports ?? []) if (!external) seen.add(chunk);
  }
  return [...new Set([...seen].flatMap((output) => Object.keys(outputs[output]?.inputs ?? {})))];
}

/** What a file does to its process, other than to compute. */
const OWN_PROCESS =
  /^(before|after)(Each)?\(|node:(child_process|worker_threads|cluster|vm|v8)|process\.(env|on|chdir|exit|memoryUsage)|globalThis|mock\.|createServer|gc\(/m;
const MOST_INPUTS = 60;

/** Whether the tests of a file only compute: no database, no process, nothing global. */
async function isLight(name: string, inputs: readonly string[]): Promise<boolean> {
  if (inputs.length > MOST_INPUTS) return false;
  const tests = inputs.filter((input) => input.startsWith('test/'));
  if (tests.includes('test/support/postgres.ts')) return false;
  const sources = await Promise.all([name, ...tests].map((file) => readFile(path.join(root, file), 'utf8')));
  return !sources.some((source) => OWN_PROCESS.test(source));
}

/** The programs that test files run, in a chunk for each of the commands. */
export async function bundlePrograms(
  into: string,
): Promise<Record<'marquee' | 'runner' | 'reporter', string>> {
  const programs = ['src/cli/main.ts', 'scripts/run-bundles.ts', 'scripts/report-processor-time.ts'] as const;
  const [marquee, runner, reporter] = programs;
  const entryPoints = [...programs, ...Object.values(PROGRAMS_BESIDE)];
  await build({ ...bundled(into), entryPoints, outdir: into, splitting: true });
  const place = bundleIn(into);
  return { marquee: place(marquee), runner: place(runner), reporter: place(reporter) };
}

const bundleIn = (into: string) => (name: string) => path.join(into, name.replace(/\.tsx?$/, '.mjs'));
