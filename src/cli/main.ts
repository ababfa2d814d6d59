// `marquee`: a command's module is loaded when it is called.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { unknownVariables } from '../lib/configuration';
import { COMMANDS, loadCommand } from './command-list';
import { fail, prepare } from './output';

const manifest = path.resolve(import.meta.dirname, '../../package.json');
const { version } = JSON.parse(readFileSync(manifest, 'utf8'));

const program = new Command('marquee')
  .description('A CRM for event-rental companies on a separated database architecture.')
  .version(version, '-V, --version', 'print the version')
  .configureHelp({ showGlobalOptions: true })
  .addHelpText(
    'after',
    `
Exit codes: 0 done · 1 failed · 2 wrong usage · 3 not found · 4 not now (unreachable, busy, moving, too slow): try again later
Every command has --help and --json; with --json errors are JSON too, on standard error.`,
  );

// Ends when the process that started it was killed: the channel of scripts/run.mjs closes; npx leaves another parent.
process.channel?.unref();
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
if (!process.channel && process.env.npm_lifecycle_event) {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) process.kill(process.pid, 'SIGTERM');
  }, 500).unref();
}

// The reader of a pipe may close it early: `marquee tenant list | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});
const asJson = process.argv.includes('--json');
for (const warning of unknownVariables()) {
  console.error(asJson ? JSON.stringify({ warning }) : `Warning: ${warning}`);
}

const called = process.argv[2];
for (const [name, { description }] of Object.entries(COMMANDS)) {
  program.addCommand(name === called ? await loadCommand(name) : new Command(name).description(description));
}
prepare(program, asJson);

program.hook('preAction', async (_program, command) => (await import('./authorize')).authorize(command));
try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = fail(error, asJson);
}
