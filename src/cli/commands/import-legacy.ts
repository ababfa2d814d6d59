import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import { importLegacy, readLegacyMap } from '@/lib/movement/legacy';
import { CommandError } from '../errors';
import { cliActor, sourceNamed, withInstance } from '../instance';
import { printJson, printRows, withSpinner } from '../output';

interface LegacyOptions {
  from: string;
  map: string;
  tenant: string;
  name: string;
  source?: string;
  json?: boolean;
}

export const importCommand = new Command('import');

importCommand
  .command('legacy <subdomain>')
  .description('Import one tenant from another PostgreSQL database, by a map of tables and columns')
  .requiredOption('--from <url>', 'its URL; - reads standard input, so that it is in no history')
  .requiredOption('--map <file>', 'YAML: which of its tables, rows and columns become which of ours')
  .requiredOption('--tenant <value>', 'the tenant there: `:tenant` in the map')
  .requiredOption('--name <name>', 'the company’s name')
  .option(
    '--source <source>',
    'data source the tenant will live in, by name or id (default: that of DEFAULT_TENANT_DATA_URL)',
  )
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
The map, with SQL expressions over the columns there:

  tables:
    accounts:
      from: customers
      where: company_id = :tenant::int
      columns:
        id: md5('customers/' || id)::uuid
        name: company_name

Rows are copied under one snapshot, compared by count and digest, and the tenant becomes active only then. What fails
leaves nothing behind. Give the tenant its first user next.`,
  )
  .action(async (subdomain: string, options: LegacyOptions) => {
    const { name, tenant: legacyTenant, json } = options;
    const map = readLegacyMap(await readMap(options.map));
    const sourceUrl = options.from === '-' ? (await text(process.stdin)).trim() : options.from;
    await withInstance(async (instance) => {
      const dataSource = await sourceNamed(instance, options.source);
      const request = { sourceUrl, map, legacyTenant, name, subdomain, dataSource, requestedBy: cliActor() };
      const { tenant, tables } = await withSpinner(`Importing ${subdomain}`, json, () =>
        importLegacy(instance, request),
      );
      if (json) printJson({ tenant: { id: tenant.id, subdomain, status: tenant.status }, tables });
      else
        printRows(
          tables.map((table) => ({ ...table })),
          false,
          'The map names no tables.',
        );
    });
  });

async function readMap(file: string): Promise<string> {
  return readFile(file, 'utf8').catch((cause: unknown) => {
    throw new CommandError('file_unreadable', `The map ${file} cannot be read.`, {
      hint: 'Give the path of a YAML file.',
      cause,
    });
  });
}
