// The commands of `marquee`, in the order of its help: one file a command in commands/.
import type { Command } from 'commander';

interface Entry {
  description: string;
  load(): Promise<Command>;
}

export const COMMANDS: Record<string, Entry> = {
  start: {
    description: 'Start Marquee, on embedded PostgreSQL unless databases are configured',
    load: async () => (await import('./commands/start')).startCommand,
  },
  status: {
    description: 'Show the whole fleet on one screen, the worst first',
    load: async () => (await import('./commands/status')).statusCommand,
  },
  doctor: {
    description: 'Show which services are not set up, and which variables to set',
    load: async () => (await import('./commands/doctor')).doctorCommand,
  },
  tenant: {
    description: 'List, show, create, place, limit, suspend and delete tenants',
    load: async () => (await import('./commands/tenant')).tenantCommand,
  },
  user: {
    description: 'Add users of tenants, reset passwords, change roles',
    load: async () => (await import('./commands/user')).userCommand,
  },
  operator: {
    description: 'Sign in as an operator; add operators, change their roles',
    load: async () => (await import('./commands/operator')).operatorCommand,
  },
  support: {
    description: 'Ask companies for access to their data; begin and end support sessions',
    load: async () => (await import('./commands/support')).supportCommand,
  },
  key: {
    description: 'Create, list and revoke API keys of tenants',
    load: async () => (await import('./commands/key')).keyCommand,
  },
  secrets: {
    description: 'Show which key encrypts each secret, re-encrypt all, retire a key',
    load: async () => (await import('./commands/secrets')).secretsCommand,
  },
  tokens: {
    description: 'List, rotate and revoke the keys that sign tokens',
    load: async () => (await import('./commands/tokens')).tokensCommand,
  },
  'signing-keys': {
    description: 'List and rotate the keys that sign certificates and checkpoints',
    load: async () => (await import('./commands/signing-keys')).signingKeysCommand,
  },
  seal: {
    description: 'Rotate the keys that seal tenants’ claims',
    load: async () => (await import('./commands/seal')).sealCommand,
  },
  source: {
    description: 'List, add, edit, test and reload data sources',
    load: async () => (await import('./commands/source')).sourceCommand,
  },
  request: {
    description: 'List and answer companies’ requests: a database of their own, an export',
    load: async () => (await import('./commands/request')).requestCommand,
  },
  audit: {
    description: 'Verify the audit log, sign checkpoints, archive records, prove one',
    load: async () => (await import('./commands/audit')).auditCommand,
  },
  move: {
    description: 'Move a tenant to another data source while it is in use',
    load: async () => (await import('./commands/move')).moveCommand,
  },
  rollout: {
    description: 'Move many tenants to another data source, in waves that halt and roll back by themselves',
    load: async () => (await import('./commands/rollout')).rolloutCommand,
  },
  backup: {
    description: 'Back up, restore, drill, export and erase single tenants',
    load: async () => (await import('./commands/backup')).backupCommand,
  },
  health: {
    description: 'Show the health of data sources, with findings and next steps; set thresholds',
    load: async () => (await import('./commands/health')).healthCommand,
  },
  usage: {
    description: 'Show what tenants used: statements, rows, bytes, time, storage, files, backups, mail',
    load: async () => (await import('./commands/usage')).usageCommand,
  },
  cost: {
    description: 'Show what tenants cost: bills and their allocation, budgets, prices of plans',
    load: async () => (await import('./commands/cost')).costCommand,
  },
  alerts: {
    description: 'List and acknowledge alerts, change their rules, send a test',
    load: async () => (await import('./commands/alerts')).alertsCommand,
  },
  import: {
    description: 'Import a tenant from another system',
    load: async () => (await import('./commands/import-legacy')).importCommand,
  },
  migrate: {
    description: 'Migrate every database to this version’s schema',
    load: async () => (await import('./commands/migrate')).migrateCommand,
  },
  jobs: {
    description: 'List, show, retry and cancel background jobs',
    load: async () => (await import('./commands/jobs')).jobsCommand,
  },
  rest: {
    description: 'Serve any PostgreSQL database as a REST API, as PostgREST 16 would',
    load: async () => (await import('./commands/rest')).restCommand,
  },
  types: {
    description: 'Generate the TypeScript types of a database, for supabase-js and postgrest-js',
    load: async () => (await import('./commands/types')).typesCommand,
  },
};

/** A command with its description, for its own help. @param name a key of `COMMANDS` */
export async function loadCommand(name: string): Promise<Command> {
  const entry = COMMANDS[name];
  if (!entry) throw new Error(`There is no command ${name}.`);
  return (await entry.load()).description(entry.description);
}
