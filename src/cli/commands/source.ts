import { text } from 'node:stream/consumers';
import { Command } from 'commander';
import {
  type ConnectionTestResult,
  provisionDataSource,
  reloadProject,
  setDirectUrl,
  testConnection,
} from '@/lib/data-sources';
import type { OperationsDatabase } from '@/lib/operations';
import { CommandError } from '../errors';
import { withInstance } from '../instance';
import { printJson, printRecord, printRows, withSpinner } from '../output';

interface Json {
  json?: boolean;
}

interface AddOptions extends Json {
  kind: string;
  region?: string;
  urlFile?: string;
  directUrlFile?: string;
}

export const sourceCommand = new Command('source').description('List, add, test and reload data sources');

sourceCommand
  .command('list')
  .description('List the databases that tenants’ data may live in')
  .option('--json', 'print JSON')
  .action(async ({ json }: Json) =>
    withInstance(async ({ operations, application }) => {
      const [sources, tenants] = await Promise.all([
        operations.dataSources.list(),
        application.tenants.list(),
      ]);
      const rows = sources.map((source) => ({
        name: source.name,
        kind: source.kind,
        server: source.serverKey,
        region: source.region,
        status: source.status,
        tenants: tenants.filter((tenant) => tenant.dataSourceId === source.id).length,
        schema: source.schemaVersion,
        id: source.id,
      }));
      printRows(rows, json, 'There are no data sources. Add one: marquee source add');
    }),
  );

sourceCommand
  .command('add <name>')
  .description('Add a PostgreSQL database: make its logins, its tables, and register it')
  .option('--kind <kind>', 'shared, dedicated or byod', 'shared')
  .option('--region <region>', 'where it stands, e.g. eu-central-1')
  .option(
    '--url-file <file>',
    'file with the owner’s URL; - or nothing reads standard input (so that it is in no history)',
  )
  .option(
    '--direct-url-file <file>',
    'where that URL leads through a pooler (PgBouncer, Supavisor): file with the owner’s URL at the server itself, for migrations and moves',
  )
  .option('--json', 'print JSON')
  .action(async (name: string, options: AddOptions) => {
    const { kind } = options;
    if (kind !== 'shared' && kind !== 'dedicated' && kind !== 'byod') {
      throw new CommandError('source_kind_invalid', `“${kind}” is not a kind of data source.`, {
        hint: 'Use shared, dedicated or byod.',
      });
    }
    const url = await readUrl(options.urlFile);
    const directUrl = options.directUrlFile ? await readUrl(options.directUrlFile) : undefined;
    await withInstance(async (instance) => {
      const { dataSource: source, steps } = await withSpinner(`Preparing ${name}`, options.json, () =>
        provisionDataSource(instance.operations, {
          name,
          kind,
          adminUrl: directUrl ?? url,
          ...(directUrl ? { pooledUrl: url } : {}),
          ...(options.region ? { region: options.region } : {}),
        }),
      );
      if (options.json) return printJson(source);
      for (const step of steps) console.log(step);
      console.log(`Added data source ${name} (${source.id}).`);
    });
  });

sourceCommand
  .command('set-direct-url <name>')
  .description('Give a data source behind a pooler the server’s own address, for migrations and moves')
  .option(
    '--url-file <file>',
    'file with the owner’s URL at the server itself; - or nothing reads standard input',
  )
  .option('--json', 'print JSON')
  .action(async (name: string, options: Json & { urlFile?: string }) => {
    const url = await readUrl(options.urlFile);
    await withInstance(async ({ operations }) => {
      const source = await withSpinner('Connecting', options.json, () => setDirectUrl(operations, name, url));
      if (options.json) return printJson(source);
      console.log(
        `Migrations and moves of ${source.name} use this address from now on; requests go on as before.`,
      );
    });
  });

sourceCommand
  .command('test [name]')
  .description('Try a registered data source, or any URL, and say what is wrong with it; writes nothing')
  .option('--url-file <file>', 'file with a PostgreSQL URL; - reads standard input')
  .option('--json', 'print JSON')
  .action(async (name: string | undefined, options: Json & { urlFile?: string }) => {
    const { url, directUrl } = name
      ? await withInstance(({ operations }) => urlsOf(operations, name))
      : { url: await readUrl(options.urlFile) };
    const [result, direct] = await withSpinner('Connecting', options.json, () =>
      Promise.all([
        testConnection({ kind: 'postgres', url }),
        directUrl ? testConnection({ kind: 'postgres', url: directUrl, purpose: 'mover' }) : undefined,
      ]),
    );
    if (options.json) printJson({ ...result, ...(direct ? { direct } : {}) });
    else {
      show(result);
      if (direct) {
        console.log('\nThe server itself, for migrations and moves:');
        show(direct);
      }
    }
    const checks = [...result.checks, ...(direct?.checks ?? [])];
    if (checks.some((check) => check.outcome === 'failed')) process.exitCode = 4;
  });

sourceCommand
  .command('reload <name>')
  .description('Make every process read the tables, columns and functions of a data source again')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
After a column or function was added there by hand. Without it a request that names something unknown is tried again
with what stands there then, and everything else is seen within ten seconds.`,
  )
  .action(async (name: string, { json }: Json) =>
    withInstance(async ({ application, operations }) => {
      const source = await operations.dataSources.get(name);
      if (source.engine === 'supabase') await reloadProject(operations, source);
      else await application.announceSchema(source.id);
      if (json) return printJson({ reloaded: source.name });
      console.log(`${source.name} is read again with its next request, in every process.`);
    }),
  );

function show({ checks, ...facts }: ConnectionTestResult): void {
  printRecord({ ...facts }, false);
  printRows(
    checks.map((check) => ({ ...check })),
    false,
  );
}

/** Where requests go, and the mover's URL where that is another address. */
async function urlsOf(
  { dataSources }: OperationsDatabase,
  name: string,
): Promise<{ url: string; directUrl?: string }> {
  const { routerUrl, moverUrl } = await dataSources.credentials((await dataSources.get(name)).id);
  const url = routerUrl ?? '';
  if (!moverUrl || !URL.canParse(url) || new URL(url).host === new URL(moverUrl).host) return { url };
  return { url, directUrl: moverUrl };
}

async function readUrl(file: string | undefined): Promise<string> {
  if (file && file !== '-') {
    const { readFile } = await import('node:fs/promises');
    return (await readFile(file, 'utf8')).trim();
  }
  if (process.stdin.isTTY) console.error('The owner’s PostgreSQL URL, then Ctrl-D:');
  return (await text(process.stdin)).trim();
}
