// The rooms of src/lib, the programs above them, and who may import whom. ARCHITECTURE.md shows this as a table.

interface Room {
  does: string;
  /** The rooms it may import, besides those that every room may (`LEAVES`). */
  imports: string[];
}

/** What every room may import. */
export const LEAVES = ['failures', 'time'];

export const ROOMS: Record<string, Room> = {
  failures: {
    does: 'the error type and its categories; what each means for HTTP and exit codes; one classifier of what servers and networks throw; sentences as codes and values',
    imports: [],
  },
  time: { does: 'pauses, deadlines, backoff, throttling', imports: [] },
  configuration: { does: 'environment → validated configuration (Zod), read once', imports: [] },
  migrations: {
    does: 'makes a schema from its files, applies migrations and changed functions',
    imports: [],
  },
  network: {
    does: 'which addresses Marquee connects to where a customer chose them',
    imports: [],
  },
  csv: {
    does: 'tables written as CSV, with one guard against formulas; runs in the browser too',
    imports: [],
  },
  money: {
    does: 'minor units of currencies: how amounts are written; rounding of typed amounts, as the database rounds; runs in the browser too',
    imports: [],
  },
  'initial-settings': {
    does: 'what each setting of a company is until it chooses; runs in the browser too',
    imports: [],
  },
  phone: {
    does: 'phone numbers: read in any spelling, stored in one, shown nationally; runs in the browser too',
    imports: [],
  },
  embedded: { does: 'embedded PostgreSQL for trying out and tests', imports: [] },
  secrets: { does: 'envelope encryption, key providers, access tokens', imports: ['postgres'] },
  postgres: {
    does: 'PostgreSQL URLs, the primary among several hosts; statements that share one flush; limits on what a server sends',
    imports: ['network'],
  },
  rest: { does: 'PostgREST’s grammar: request → plan → one statement → response', imports: ['postgres'] },
  application: { does: '`tenants`, `users`, `audit_log`', imports: ['migrations', 'postgres', 'secrets'] },
  operations: {
    does: 'registry of data sources, jobs',
    imports: ['migrations', 'network', 'postgres', 'secrets'],
  },
  'tenant-data': { does: 'the business schema, `tenancy`', imports: ['migrations', 'postgres'] },
  identity: {
    does: 'passwords, second factors, passkeys, single sign-on, sessions, API keys, limits of attempts, mail about accounts',
    imports: ['network', 'application', 'operations', 'secrets'],
  },
  alerts: {
    does: 'alerts on suspicious changes: rules over the audit log, sent by webhook, mail and log',
    imports: ['application', 'operations'],
  },
  'data-sources': {
    does: '`DataSourceManager`: routing, pools, leases, provisioning',
    imports: [
      'network',
      'postgres',
      'rest',
      'secrets',
      'application',
      'operations',
      'tenant-data',
      'migrations',
      'configuration',
    ],
  },
  repositories: {
    does: '`GenericRepository` over the tenant client',
    imports: ['data-sources', 'tenant-data'],
  },
  crm: {
    does: 'offers and their acceptance, payments, documents, mail, inquiries, imports and exports, calendar feeds, connected services, files',
    imports: [
      'network',
      'repositories',
      'data-sources',
      'operations',
      'tenant-data',
      'secrets',
      'money',
      'csv',
      'phone',
      'initial-settings',
    ],
  },
  rotation: {
    does: 'replacing keys while Marquee serves',
    imports: ['crm', 'data-sources', 'operations', 'application', 'tenant-data', 'secrets'],
  },
  movement: {
    does: 'moving a tenant',
    imports: ['data-sources', 'operations', 'application', 'postgres', 'tenant-data', 'secrets'],
  },
  backups: {
    does: 'one tenant’s backup, restore, drill, export and erasure',
    imports: ['data-sources', 'operations', 'application', 'postgres', 'tenant-data', 'secrets', 'csv'],
  },
  usage: {
    does: 'what tenants use and what it costs: samples, bills and their allocation, budgets',
    imports: [
      'alerts',
      'data-sources',
      'operations',
      'application',
      'postgres',
      'tenant-data',
      'secrets',
      'csv',
      'money',
    ],
  },
  fleet: {
    does: 'many data sources together: health, schema rollout, placement, overview and map, stalled work, customers’ requests; making and suspending tenants',
    imports: [
      'identity',
      'alerts',
      'usage',
      'movement',
      'backups',
      'data-sources',
      'operations',
      'application',
      'postgres',
      'tenant-data',
      'secrets',
      'migrations',
      'money',
    ],
  },
};

/** Above the rooms: programs, which no room may import, and the programs each may import. */
export const PROGRAMS: Record<string, { does: string; imports: string[] }> = {
  server: { does: 'the HTTP application', imports: [] },
  cli: { does: 'the command line', imports: ['server'] },
  web: { does: 'the browser’s application: only types of rooms', imports: [] },
};

/** The folders of src/web, and which of them each may import: what several programs share stands below them. */
export const WEB: Record<string, string[]> = {
  i18n: [],
  hooks: ['i18n'],
  ui: ['hooks', 'i18n'],
  'sign-in': ['ui', 'hooks', 'i18n'],
  docs: ['hooks'],
  client: ['ui', 'hooks', 'i18n'],
  crm: ['sign-in', 'ui', 'hooks', 'i18n'],
  operator: ['sign-in', 'ui', 'hooks', 'i18n'],
};

/** Rooms that the browser’s application may import as code. */
export const PORTABLE = ['csv', 'money', 'phone', 'initial-settings'];

/** What may be imported of a room besides its index.ts and those of its folders. */
export const DOORS = ['data-sources/manager', 'tenant-data/types'];

/** The table of ARCHITECTURE.md, between its two marks. */
export function roomsTable(): string {
  const rooms = Object.entries(ROOMS).map(([name, { does, imports }]) => [name, does, imports.join(', ')]);
  const programs = Object.entries(PROGRAMS).map(([name, { does, imports }]) => {
    const ofRooms = name === 'web' ? `types of rooms; ${PORTABLE.join(', ')}` : 'all rooms';
    return [name, does, [...imports, ofRooms].join(', ')];
  });
  const rows = [...rooms, ...programs].map(([name, ...cells]) => `| \`${name}\` | ${cells.join(' | ')} |`);
  return ['| room | does | may import |', '| --- | --- | --- |', ...rows].join('\n');
}
