import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { buildConsole, buildReference } from './build-pages';
import { compressFiles } from './compress-files';
import { dropUnusedStyles } from './drop-unused-styles';
import { listFiles } from './list-files';
import { reachedFrom } from './reached-from';

const source = path.resolve(import.meta.dirname, '..');

/** `npm run dev` proxies data requests to an instance started with `npm start`. */
const instance = process.env.MARQUEE_URL ?? 'http://localhost:3000';

const isNeededToStart = reachedFrom('main.tsx');
const isNeededForToday = reachedFrom('crm/today/TodayScreen.tsx');

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), listFiles(), dropUnusedStyles(), compressFiles(), buildConsole(), buildReference()],
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
            { name: (id, graph) => (isNeededToStart(id, graph) ? 'start' : null), priority: 3 },
            // So is what the first screen after sign-in has in common with others.
            { name: (id, graph) => (isNeededForToday(id, graph) ? 'first-screen' : null), priority: 2 },
            // Modules shared by nearly every other screen.
            { name: 'shared', minShareCount: 20, priority: 1 },
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
