import { Command } from 'commander';
import { addReplica, readHosts, removeReplica } from '@/lib/data-sources';
import type { PostgresHost } from '@/lib/postgres';
import { CommandError } from '../errors';
import { withInstance } from '../instance';
import { printJson, printRows, withSpinner } from '../output';

interface Json {
  json?: boolean;
}

export const sourceReplicaCommand = new Command('replica').description(
  'Add, remove and list read replicas, which answer reports and exports',
);

sourceReplicaCommand
  .command('add <source>')
  .description('Register a standby that replicates the whole server of a data source')
  .requiredOption('--host <host:port>', 'where it is; it has the logins and the databases of its primary')
  .option('--region <region>', 'where it stands (default: where the source does)')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
It must be in recovery, belong to the source’s cluster and follow its primary. A replica has the rows of every tenant of the source: its region is
refused where one of them must stay in another. See docs/replicas.md.`,
  )
  .action(async (source: string, { host, region, json }: Json & { host: string; region?: string }) =>
    withInstance(async (instance) => {
      const replica = await withSpinner('Connecting', json, () =>
        addReplica(instance, source, { host: oneHost(host), region }),
      );
      if (json) return printJson(replica);
      console.log(`${replica.host} answers reads of ${source} that may be a moment old.`);
    }),
  );

sourceReplicaCommand
  .command('remove <source>')
  .description('Stop reading from a replica; the server stays as it is')
  .requiredOption('--host <host:port>', 'as marquee source replica list shows it')
  .option('--json', 'print JSON')
  .action(async (source: string, { json, host }: { json?: boolean; host: string }) =>
    withInstance(async (instance) => {
      await removeReplica(instance, source, oneHost(host));
      if (json) return printJson({ source, host });
      console.log(`${host} is no longer a replica of ${source}.`);
    }),
  );

sourceReplicaCommand
  .command('list [source]')
  .description('List replicas')
  .option('--json', 'print JSON')
  .action(async (name: string | undefined, { json }: Json) =>
    withInstance(async ({ operations }) => {
      const only = name === undefined ? undefined : await operations.dataSources.get(name);
      const [replicas, sources] = await Promise.all([
        operations.replicas.list(only?.id),
        operations.dataSources.list(),
      ]);
      const names = new Map(sources.map((source) => [source.id, source.name]));
      const rows = replicas.map(({ dataSourceId, host, region }) => ({
        source: names.get(dataSourceId) ?? null,
        host,
        region,
      }));
      printRows(rows, json, 'There are no replicas. Register one: marquee source replica add');
    }),
  );

/** @throws CommandError `option_invalid` */
function oneHost(text: string): PostgresHost {
  const [host, ...others] = readHosts([text]);
  if (host && others.length === 0) return host;
  throw new CommandError('option_invalid', 'A replica is one server.', {
    hint: 'Register one after another.',
  });
}
