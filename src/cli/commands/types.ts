import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Command } from 'commander';
import type pg from 'pg';
import { startEmbeddedServer } from '@/lib/embedded';
import { guardWire, PrimaryClient, WIDE } from '@/lib/postgres';
import { generateTypes } from '@/lib/rest/types-generator';
import { migrateTenantData } from '@/lib/tenant-data';
import { CommandError } from '../errors';

interface TypesOptions {
  dbUrl?: string;
  tenantData?: boolean;
  schema: string[];
  output?: string;
  check?: boolean;
  json?: boolean;
}

export const typesCommand = new Command('types')
  .option('--db-url <url>', 'the database; default: PGRST_DB_URI or DATABASE_URL')
  .option('--tenant-data', "describe Marquee's own tenant schema, migrated on an embedded server made for it")
  .option('--schema <name...>', 'schemas to describe; shorthands are of the first', ['public'])
  .option('-o, --output <file>', 'write to this file instead of standard output')
  .option('--check', 'write nothing; fail when the file is not what would be written')
  .option(
    '--json',
    'print one JSON object: {"output", "bytes", "changed"}; with no --output it carries "source"',
  )
  .action(async (options: TypesOptions) => {
    const source = await typesOf(options);
    if (!options.output) {
      process.stdout.write(options.json ? `${JSON.stringify({ bytes: source.length, source })}\n` : source);
      return;
    }
    const changed = (await readFile(options.output, 'utf8').catch(() => undefined)) !== source;
    if (changed && options.check) {
      throw new CommandError('types_stale', `${options.output} differs from what the database has.`, {
        hint: 'Run the same command without --check.',
      });
    }
    if (changed) await writeFile(options.output, source);
    const report = { output: options.output, bytes: source.length, changed };
    const state = changed ? 'written' : 'up to date';
    process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : `${options.output}: ${state}\n`);
  });

async function typesOf(options: TypesOptions): Promise<string> {
  const [first = 'public', ...more] = options.schema;
  if (options.tenantData) return tenantDataTypes();
  const url = options.dbUrl ?? process.env.PGRST_DB_URI ?? process.env.DATABASE_URL;
  if (!url) {
    throw new CommandError('database_url_missing', 'No database is named.', {
      hint: 'Give --db-url postgresql://user@host/database, or set PGRST_DB_URI.',
    });
  }
  return withClient(url, (client) => generateTypes(client, [first, ...more]));
}

async function tenantDataTypes(): Promise<string> {
  const directory = await mkdtemp(path.join(tmpdir(), 'marquee-types-'));
  const dataDirectory = path.join(directory, 'data');
  // Embedded PostgreSQL may run as another user, who must be able to reach its files.
  await chmod(directory, 0o755);
  const server = await startEmbeddedServer({ dataDirectory, durable: false });
  try {
    return await withClient(server.url(), async (client) => {
      await migrateTenantData(client);
      return generateTypes(client, ['public'], 'tenant_id');
    });
  } finally {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new PrimaryClient({ connectionString: url, application_name: 'marquee types' });
  client.on('error', () => {});
  guardWire(client, WIDE);
  try {
    await client.connect();
  } catch (cause) {
    await client.end().catch(() => {});
    throw new CommandError('database_unreachable', 'The database cannot be used.', {
      hint: 'Check host, port, user, password and database in --db-url.',
      cause,
    });
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
