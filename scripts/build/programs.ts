import { isBuiltin } from 'node:module';
import path from 'node:path';
import { build, type Rolldown } from 'vite';
import { inlineSql } from './inline-sql';

/** What the package exports, `marquee/<room>`: a room of src/lib each. */
export const EXPORTED_ROOMS = ['data-sources', 'rest', 'secrets', 'movement', 'repositories'];
/** What is run: the command, the processes that make documents and pictures, and the threads that pack blocks of backups. */
const PROGRAMS = ['cli/main', 'lib/crm/rendering/worker', 'lib/backups/format/pack'];

/**
 * Compiles the command, the server and the exported rooms to `dist/`, one file for each source file, so that a stack trace
 * names the source and a file finds what lies beside it.
 *
 * @returns the packages that the exported rooms import, and those that the programs import besides
 */
export async function buildPrograms(root: string): Promise<{ library: string[]; programs: string[] }> {
  const source = path.join(root, 'src');
  const library = EXPORTED_ROOMS.map((room) => `lib/${room}/index`);
  const built = (await build({
    root,
    configFile: false,
    logLevel: 'warn',
    plugins: [inlineSql()],
    resolve: { alias: { '@': source } },
    build: {
      ssr: true,
      outDir: path.join(root, 'dist'),
      emptyOutDir: false,
      target: 'node22',
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(
          [...library, ...PROGRAMS].map((name) => [name, path.join(source, `${name}.ts`)]),
        ),
        output: { preserveModules: true, preserveModulesRoot: source, entryFileNames: '[name].js' },
        checks: { pluginTimings: false },
      },
    },
  })) as Rolldown.RolldownOutput;
  const files = new Map(
    built.output.flatMap((file) => (file.type === 'chunk' ? [[file.fileName, file] as const] : [])),
  );
  const ofLibrary = importedBy(library, files);
  for (const file of ofLibrary.files) {
    if (files.get(file)?.code.includes('import.meta'))
      throw new Error(`dist/${file} uses import.meta, which means nothing once another program bundles it.`);
  }
  const ofPrograms = importedBy(PROGRAMS, files);
  return {
    library: ofLibrary.packages,
    programs: ofPrograms.packages.filter((name) => !ofLibrary.packages.includes(name)),
  };
}

/** The built files that some entries reach, and the packages that these import. */
function importedBy(entries: string[], files: ReadonlyMap<string, Rolldown.OutputChunk>) {
  const reached = new Set<string>();
  const packages = new Set<string>();
  const waiting = entries.map((entry) => `${entry}.js`);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const file = files.get(next);
    if (!file) {
      if (!isBuiltin(next)) packages.add(packageOf(next));
    } else if (!reached.has(next)) {
      reached.add(next);
      waiting.push(...file.imports, ...file.dynamicImports);
    }
  }
  return { files: [...reached], packages: [...packages].sort() };
}

/** `@scope/name/inside` → `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
