#!/usr/bin/env node
// `marquee …`: in a checkout from its sources, in an installed package from its built files.
import { existsSync, readFileSync } from 'node:fs';
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
  try {
    await import('../dist/cli/main.js');
  } catch (error) {
    const { optionalDependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
    const missing = Object.keys(optionalDependencies).filter((name) => !isInstalled(name));
    if (missing.length === 0) throw error;
    console.error(
      `This command needs packages that are not installed: ${missing.join(', ')} and what they bring.\n` +
        'Install Marquee without --omit=optional.',
    );
    process.exit(1);
  }
}

function isInstalled(name) {
  try {
    import.meta.resolve(name);
    return true;
  } catch {
    return false;
  }
}
