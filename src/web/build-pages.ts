import { createRequire } from 'node:module';
import path from 'node:path';
import { constants } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { build, type InlineConfig, type Plugin, type Rolldown } from 'vite';
import { compressFiles } from './compress-files';
import { dropUnusedStyles } from './drop-unused-styles';
import { reachedFrom } from './reached-from';

const root = import.meta.dirname;

/** The operator's console. */
export function buildConsole(): Plugin {
  return buildPage('operator.html', () => {
    const isNeededToStart = reachedFrom('operator/main.tsx');
    const isNeededFirst = reachedFrom('operator/attention/AttentionScreen.tsx');
    return {
      plugins: [react(), dropUnusedStyles(), compressFiles()],
      output: {
        codeSplitting: {
          groups: [
            { name: (id, graph) => (isNeededToStart(id, graph) ? 'console' : null), priority: 3 },
            { name: (id, graph) => (isNeededFirst(id, graph) ? 'console-first' : null), priority: 2 },
            { name: 'console-shared', minShareCount: 6, priority: 1 },
            { name: 'console-icons', test: /lucide-react\/dist\/esm\/icons\//, minShareCount: 2 },
          ],
        },
      },
    };
  });
}

/** The API's reference. The package's sources are not installed: its own browser build is taken, which holds what it needs. */
export function buildReference(): Plugin {
  const installed = createRequire(import.meta.url).resolve('@scalar/api-reference');
  return buildPage('docs.html', () => ({
    // The highest level would take 12 seconds longer for 10 % less.
    plugins: [compressFiles(constants.BROTLI_MAX_QUALITY - 2)],
    alias: { '@scalar/api-reference': path.join(path.dirname(installed), 'browser', 'standalone.esm.js') },
  }));
}

interface Settings {
  plugins: InlineConfig['plugins'];
  alias?: Record<string, string>;
  output?: Rolldown.OutputOptions;
}

/**
 * Builds a page beside the CRM, as a build of its own: chunks that both share would make each load, and start, parts of
 * the other.
 */
function buildPage(page: string, settings: () => Settings): Plugin {
  let outDir = '';
  return {
    name: `build-${page}`,
    apply: 'build',
    configResolved(config) {
      outDir = path.resolve(config.root, config.build.outDir);
    },
    closeBundle: {
      order: 'post',
      sequential: true,
      async handler() {
        const { plugins, alias, output } = settings();
        await build({
          ...{ configFile: false, logLevel: 'warn', root, base: '/', plugins },
          resolve: { alias: { '@': path.resolve(root, '..'), ...alias } },
          build: {
            ...{
              outDir,
              emptyOutDir: false,
              copyPublicDir: false,
              target: 'es2023',
              chunkSizeWarningLimit: 2200,
            },
            rolldownOptions: { input: path.resolve(root, page), output },
          },
        });
      },
    },
  };
}
