#!/usr/bin/env node
// `npx marquee …`: the command line, run as scripts/run.mjs runs every program.
process.argv.splice(2, 0, 'src/cli/main.ts');
await import('../scripts/run.mjs');
