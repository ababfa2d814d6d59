// `marquee`: one file a command in commands/. A command's module is loaded when it is called.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Command } from 'commander';
import { unknownVariables } from '../lib/configuration';
import { fail } from './output';

interface Entry {
  description: string;
  load(): Promise<Command>;
}

const COMMANDS: Record<string, Entry> = {
  start: {
    description: 'Start Marquee, on embedded PostgreSQL unless databases are configured',
    load: async () => (await import('./commands/start')).startCommand,
  },
  tenant: {
    description: 'List, show, create and suspend tenants',
    load: async () => (await import('./commands/tenant')).tenantCommand,
  },
  user: {
    description: 'Add people, reset passwords, change roles',
    load: async () => (await import('./commands/user')).userCommand,
  },
  key: {
    description: 'Create, list and revoke keys of a tenant’s programs',
    load: async () => (await import('./commands/key')).keyCommand,
  },
  source: {
    description: 'List, add and test data sources',
    load: async () => (await import('./commands/source')).sourceCommand,
  },
  move: {
    description: 'Move a tenant between databases while it is in use',
    load: async () => (await import('./commands/move')).moveCommand,
  },
  rollout: {
    description: 'Move many tenants to another data source, in waves that can be rolled back',
    load: async () => (await import('./commands/rollout')).rolloutCommand,
  },
  import: {
    description: 'Bring data of other systems in',
    load: async () => (await import('./commands/import-legacy')).importCommand,
  },
  migrate: {
    description: 'Bring every database to this version’s schema',
    load: async () => (await import('./commands/migrate')).migrateCommand,
  },
  rest: {
    description: 'Serve any PostgreSQL database as PostgREST would',
    load: async () => (await import('./commands/rest')).restCommand,
  },
  types: {
    description: 'Write the TypeScript type of a database for supabase-js',
    load: async () => (await import('./commands/types')).typesCommand,
  },
};

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
for (const [name, { description, load }] of Object.entries(COMMANDS)) {
  program.addCommand(name === called ? await load() : new Command(name).description(description));
}
for (const command of [program, ...program.commands.flatMap((one) => [one, ...one.commands])]) {
  command.exitOverride();
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = fail(error, asJson);
}
