import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressFiles } from './compress-files';

const source = path.resolve(import.meta.dirname, '..');

/** `npm run dev` proxies data requests to an instance started with `npm start`. */
const instance = process.env.MARQUEE_URL ?? 'http://localhost:3000';

type Graph = { getModuleInfo(id: string): { importedIds: readonly string[] } | null };

/** Modules that re-export a whole library: their imports say nothing about what is used. */
const LISTS_EVERYTHING =
  /@mantine\/(core|hooks)\/esm\/index\.mjs$|lucide-react\/dist\/esm\/lucide-react\.mjs$/;
const started = new Set<string>();

/** Whether a module is needed for the first screen: reachable from `main.tsx` by static imports. */
function isNeededToStart(id: string, graph: Graph): boolean {
  if (started.size === 0) {
    const waiting = [path.resolve(import.meta.dirname, 'main.tsx')];
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      if (started.has(next) || LISTS_EVERYTHING.test(next)) continue;
      started.add(next);
      waiting.push(...(graph.getModuleInfo(next)?.importedIds ?? []));
    }
  }
  return started.has(id);
}

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), compressFiles()],
  resolve: { alias: { '@': source } },
  build: {
    outDir: path.resolve(source, '../dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    chunkSizeWarningLimit: 900,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            // One start chunk: fewer requests, and one file compresses better than forty.
            { name: (id, graph) => (isNeededToStart(id, graph) ? 'start' : null), priority: 2 },
            // Modules shared by nearly every screen.
            { name: 'start', minShareCount: 20, priority: 1 },
            { name: 'icons', test: /lucide-react\/dist\/esm\/icons\//, minShareCount: 2 },
          ],
        },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/rest/v1', '^/t/[^/]+/(api|rest)/'].map((area) => [area, { target: instance }]),
    ),
  },
});
