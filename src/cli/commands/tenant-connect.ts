import { Command } from 'commander';
import { placeTenant, provisionDataSource } from '@/lib/data-sources';
import { expectRegion } from '@/lib/operations';
import { withInstance } from '../instance';
import { printJson, withSpinner } from '../output';
import { type AddOptions, sourceFrom } from './source-add';
import { readUrl, withUrlOptions } from './source-urls';

/** A customer's database as the data source of one tenant: adding it, and placing the tenant there where it has no data yet. */
export const tenantConnectCommand = withUrlOptions(
  new Command('connect')
    .argument('<tenant>')
    .description(
      'Connect a tenant to the customer’s own database: test it, set it up, and place the tenant there',
    )
    .option('--name <name>', 'of the data source (default: the tenant’s subdomain)')
    .option('--kind <kind>', 'byod, or supabase (a project)', 'byod')
    .option('--region <region>', 'where it stands, e.g. eu-central-1'),
  'the URL of the customer’s database, or of the project',
)
  .option('--service-key-file <file>', 'file with the service_role key of a Supabase project')
  .option('--anon-key-file <file>', 'file with its anon key, with which its users are signed in')
  .option('--database-url-file <file>', 'file with the PostgreSQL URL of its database, to install the tables')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
Refused where the connection test fails, so where data would leak or be lost. A tenant that has data keeps them where they are: afterwards
move it with marquee move start.`,
  )
  .action(async (name: string, options: AddOptions & { name?: string }) => {
    const url = await readUrl(options.urlFile);
    await withInstance(async (instance) => {
      const tenant = await instance.application.tenants.named(name);
      const source = await sourceFrom(options.name ?? tenant.subdomain, options, url);
      expectRegion(tenant.requiredRegion, [{ name: source.name, region: source.region }]);
      const { dataSource, steps } = await withSpinner(`Connecting ${tenant.subdomain}`, options.json, () =>
        provisionDataSource(instance.operations, { ...source, capacity: 1 }),
      );
      const placed = tenant.dataSourceId ? undefined : await placeTenant(instance, tenant.id, dataSource.id);
      if (options.json) return printJson({ dataSource, placed: placed !== undefined });
      for (const step of steps) console.log(step);
      console.log(
        placed
          ? `${tenant.name} has its data on ${dataSource.name}.`
          : `Added ${dataSource.name}. The data of ${tenant.name} are where they were: marquee move start ${tenant.subdomain} --to ${dataSource.name}`,
      );
    });
  });
