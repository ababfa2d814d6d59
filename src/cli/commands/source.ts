import { Command, Option } from 'commander';
import { readHosts, reloadProject, rotateLogins, setDirectUrl, setHosts } from '@/lib/data-sources';
import { retireSource } from '@/lib/fleet/retire-source';
import { confirmByName } from '../confirm';
import { withInstance } from '../instance';
import { printJson, printRows, withSpinner } from '../output';
import { showRotated } from './seal';
import { sourceAddCommand } from './source-add';
import { sourceReplicaCommand } from './source-replica';
import { sourceTestCommand } from './source-test';
import { readUrl, rulesFrom, type UrlOptions, withUrlOptions } from './source-urls';

interface Json {
  json?: boolean;
}

export const sourceCommand = new Command('source');

sourceCommand
  .command('list')
  .description('List the data sources')
  .option('--json', 'print JSON')
  .action(async ({ json }: Json) =>
    withInstance(async ({ operations, application }) => {
      const [sources, tenants] = await Promise.all([
        operations.dataSources.list(),
        application.tenants.counts(),
      ]);
      const rows = sources.map((source) => ({
        name: source.name,
        kind: source.kind,
        server: source.serverKey,
        tls: source.tls,
        networks: source.networks ?? 'any',
        region: source.region,
        status: source.status,
        tenants: tenants
          .filter(({ dataSourceId }) => dataSourceId === source.id)
          .reduce((sum, { count }) => sum + count, 0),
        schema: source.schemaVersion,
        id: source.id,
      }));
      printRows(rows, json, 'There are no data sources. Add one: marquee source add');
    }),
  );

sourceCommand.addCommand(sourceAddCommand);
sourceCommand.addCommand(sourceTestCommand);
sourceCommand.addCommand(sourceReplicaCommand);

sourceCommand
  .command('edit <source>')
  .description('Change the hosts of a data source: name all that its cluster has now')
  .requiredOption('--host <host:port...>', 'each host of the cluster; its URLs list these from now on')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
Marquee signs in at the primary among them first, and changes nothing where it cannot. Every process goes on with the new hosts at once.`,
  )
  .action(async (name: string, { host, json }: Json & { host: string[] }) => {
    const hosts = readHosts(host);
    await withInstance(async (instance) => {
      const source = await withSpinner('Connecting', json, () => setHosts(instance, name, hosts));
      if (json) return printJson(source);
      console.log(`${source.name} is reached at ${source.serverKey}.`);
    });
  });

withUrlOptions(
  sourceCommand
    .command('set-direct-url <source>')
    .description('Set the server’s own address of a data source behind a pooler, for migrations and moves'),
  'the owner’s URL at the server itself',
)
  .option('--json', 'print JSON')
  .action(async (name: string, options: Json & UrlOptions) => {
    const [url, rules] = [await readUrl(options.urlFile), await rulesFrom(options)];
    await withInstance(async ({ operations }) => {
      const source = await withSpinner('Connecting', options.json, () =>
        setDirectUrl(operations, name, url, rules),
      );
      if (options.json) return printJson(source);
      console.log(
        `Migrations and moves of ${source.name} use this address from now on; requests go on as before.`,
      );
    });
  });

sourceCommand
  .command('rotate-password <source>')
  .description('Replace Marquee’s logins there, and their passwords, while tenants work')
  .addOption(
    new Option('--login <login>', 'which of the two').choices(['router', 'mover', 'both']).default('both'),
  )
  .option(
    '--url-file <file>',
    'where Marquee has no owner’s URL: file with one, for this time; - reads standard input',
  )
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
New logins are made beside the old ones. Every tenant is switched to them in one transaction. When no session uses the old ones any more, they
are dropped; exit code 4 says that some remain, and the next run drops them. Behind a pooler it must accept the new login.`,
  )
  .action(async (name: string, options: Json & { login: 'router' | 'mover' | 'both'; urlFile?: string }) => {
    const { login, json, urlFile } = options;
    const adminUrl = urlFile ? await readUrl(urlFile) : undefined;
    await withInstance(async (instance) => {
      const result = await withSpinner(`Replacing the logins of ${name}`, json, () =>
        rotateLogins(instance, name, {
          ...(login === 'both' ? {} : { logins: [login] }),
          ...(adminUrl ? { adminUrl } : {}),
        }),
      );
      showRotated([result], json);
    });
  });

sourceCommand
  .command('remove <source>')
  .description(
    'Remove a data source that nothing needs any more, with its credentials; the database stays as it is',
  )
  .option(
    '--leave-copies',
    'although rows of tenants that moved away or were removed while it was lost may be left there: erasures cannot reach them',
  )
  .option('--yes', 'ask no confirmation')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
Refused, with every reason, while tenants, moves, rollouts, replicas, restores or drills need it. Moves, backups and bills before that still
name it. Marquee’s logins stay in the database: drop them there, or the database.`,
  )
  .action(async (name: string, options: Json & { leaveCopies?: boolean; yes?: boolean }) =>
    withInstance(async (instance) => {
      const { configuration, operations } = instance;
      const source = await operations.dataSources.get(name);
      const consequence = `${source.name} is removed; its credentials are erased.`;
      if (!options.yes) await confirmByName({ subdomain: source.name }, consequence);
      const { DEFAULT_TENANT_DATA_URL: defaultUrl, BACKUP_DRILL_SOURCE: drillSource } = configuration;
      const { leaveCopies = false } = options;
      await retireSource(instance, source.id, { defaultUrl, drillSource }, { leaveCopies });
      if (options.json) return printJson({ removed: source.name });
      console.log(`${source.name} is removed.`);
    }),
  );

sourceCommand
  .command('reload <source>')
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
