#!/usr/bin/env node
// `marquee …`: in a checkout from its sources, in an installed package from its built files.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const built = path.join(root, 'dist', 'cli', 'main.js');
const isCheckout = existsSync(path.join(root, 'src'));
/** A checkout that was built and then installed with `--omit=dev` has nothing to run its sources with. */
const runsSources = isCheckout && (existsSync(path.join(root, 'node_modules', 'tsx')) || !existsSync(built));

if (runsSources) {
  process.argv.splice(2, 0, 'src/cli/main.ts');
  await import('../scripts/run.mjs');
} else if (Number.parseInt(process.versions.node, 10) < 22) {
  console.error(`Marquee needs Node 22.12 or newer; this is ${process.version}.`);
  process.exit(1);
} else {
  if (existsSync('.env')) process.loadEnvFile('.env');
  await import('../dist/cli/main.js').catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    console.error(
      `${error.message}\nThe command needs Marquee’s optional packages: install it without --omit=optional.`,
    );
    process.exit(1);
  });
}
