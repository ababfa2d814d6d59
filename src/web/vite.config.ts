import path from 'node:path';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const source = path.resolve(import.meta.dirname, '..');

/** `npm run dev` passes data requests on to an instance started with `npm start`. */
const instance = process.env.MARQUEE_URL ?? 'http://localhost:3000';

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react()],
  resolve: { alias: { '@': source } },
  build: {
    outDir: path.resolve(source, '../dist/web'),
    emptyOutDir: true,
    target: 'es2023',
    chunkSizeWarningLimit: 900,
  },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/rest/v1', '^/t/[^/]+/(api|rest)/'].map((area) => [area, { target: instance }]),
    ),
  },
});
