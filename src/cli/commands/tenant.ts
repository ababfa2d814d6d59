import { Command, InvalidArgumentError } from 'commander';
import { countBackups, expectNoHold } from '@/lib/backups';
import {
  ConnectionPoolConfig,
  DEFAULT_LIMITS,
  placeTenant,
  removeTenant,
  requireRegion,
} from '@/lib/data-sources';
import { explainPlacement, type PlacementWish } from '@/lib/fleet/placement';
import { createTenant, setSuspended } from '@/lib/fleet/tenants';
import { confirmByName } from '../confirm';
import { CommandError } from '../errors';
import { wholeNumber } from '../given-values';
import { sourceNamed, withInstance } from '../instance';
import { printJson, printRecord, printRows, withSpinner } from '../output';
import { placeFor, showPlacement } from '../placement';
import { tenantConnectCommand } from './tenant-connect';
import { fillTenant } from './tenant-fill';

interface Json {
  json?: boolean;
}

export const tenantCommand = new Command('tenant');

tenantCommand
  .command('list')
  .description('List all tenants with where their data live')
  .option('--json', 'print JSON')
  .action(async ({ json }: Json) =>
    withInstance(async ({ application, operations }) => {
      const [tenants, sources] = await Promise.all([
        Array.fromAsync(application.tenants.all()),
        operations.dataSources.list(),
      ]);
      const names = new Map(sources.map((source) => [source.id, source]));
      const rows = tenants.map((tenant) => ({
        subdomain: tenant.subdomain,
        name: tenant.name,
        status: tenant.status,
        source: names.get(tenant.dataSourceId ?? '')?.name ?? null,
        kind: names.get(tenant.dataSourceId ?? '')?.kind ?? null,
        id: tenant.id,
      }));
      printRows(rows, json, 'There are no tenants. Create one: marquee tenant create');
    }),
  );

tenantCommand
  .command('show <tenant>')
  .description('Show a tenant, by id or subdomain; never its credentials')
  .option('--json', 'print JSON')
  .action(async (name: string, { json }: Json) =>
    withInstance(async (instance) => {
      const tenant = await instance.application.tenants.named(name);
      const source = tenant.dataSourceId
        ? await instance.operations.dataSources.find(tenant.dataSourceId)
        : undefined;
      const users = await instance.application.users.list(tenant.id);
      printRecord(
        {
          ...tenant,
          dataSource: source?.name ?? null,
          dataSourceKind: source?.kind ?? null,
          users: users.length,
        },
        json,
      );
    }),
  );

tenantCommand
  .command('create <subdomain>')
  .description('Create a tenant on a data source')
  .requiredOption('--name <name>', 'the company’s name')
  .option('--source <source>', 'the data source, by name or id (default: that of DEFAULT_TENANT_DATA_URL)')
  .option(
    '--owner <email>',
    'makes this person its owner; prints a first password, to be changed at the first sign-in',
  )
  .option('--tenant-id-in-data-source <uuid>', 'its id there, where it differs')
  .option('--required-region <region>', 'its data must not leave this region')
  .option(
    '--near <region>',
    'where its users are: without --source, the nearest data source with room takes it',
  )
  .option('--dry-run', 'change nothing: show where it would go, and why not elsewhere')
  .option('--json', 'print JSON')
  .action(
    async (
      subdomain: string,
      options: Json &
        PlacementWish & {
          name: string;
          source?: string;
          owner?: string;
          tenantIdInDataSource?: string;
          dryRun?: boolean;
        },
    ) =>
      withInstance(async (instance) => {
        const { name, tenantIdInDataSource, requiredRegion } = options;
        if (options.dryRun) return showPlacement(await explainPlacement(instance, options), options.json);
        const dataSource = await placeFor(instance, options);
        const { tenant, owner } = await withSpinner(`Creating ${subdomain}`, options.json, () =>
          createTenant(instance, {
            name,
            subdomain,
            dataSource,
            owner: options.owner,
            ...(tenantIdInDataSource ? { tenantIdInDataSource } : {}),
            ...(requiredRegion ? { requiredRegion } : {}),
          }),
        );
        if (options.json) return printJson({ tenant, owner });
        console.log(`Created tenant ${tenant.subdomain} (${tenant.id}).`);
        if (owner) console.log(`Its owner ${owner.email} signs in with the password ${owner.password}`);
      }),
  );

tenantCommand
  .command('place <tenant>')
  .description('Give a tenant that has no data source one: its starting data, its fence and its route')
  .option('--source <source>', 'the data source, by name or id (default: that of DEFAULT_TENANT_DATA_URL)')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    '\nAn active tenant without a data source is placed on the default one by its first use, too.',
  )
  .action(async (name: string, options: Json & { source?: string }) =>
    withInstance(async (instance) => {
      const { id, dataSourceId: before } = await instance.application.tenants.named(name);
      if (before) {
        throw new CommandError('tenant_placed', `The tenant ${name} has a data source already.`, {
          hint: `Move it: marquee move start ${name} --to <source>`,
        });
      }
      const source = await sourceNamed(instance, options.source);
      const tenant = await withSpinner(`Placing ${name}`, options.json, () =>
        placeTenant(instance, id, source),
      );
      if (options.json) return printJson(tenant);
      const placed = await instance.operations.dataSources.get(tenant.dataSourceId ?? '');
      console.log(`${tenant.name} has its data on ${placed.name}.`);
    }),
  );

tenantCommand.addCommand(tenantConnectCommand);

const POOL_KEYS = Object.entries(ConnectionPoolConfig.shape);

const poolCommand = tenantCommand
  .command('pool <tenant>')
  .description('Show or set what a tenant may take of its database (connection_pool_config)')
  .option('--reset', 'forget what was set before: the defaults, and what is given beside this')
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    '\nWithout options it shows what holds. Takes effect with the next statement. See docs/connection-pool-config.md.',
  )
  .action(
    async (name: string, { json, reset, ...given }: Json & { reset?: boolean } & Record<string, unknown>) =>
      withInstance(async (instance) => {
        let tenant = await instance.application.tenants.named(name);
        if (reset || Object.keys(given).length > 0) {
          const connectionPoolConfig = { ...(reset ? {} : tenant.connectionPoolConfig), ...given };
          tenant = await instance.application.tenants.update(tenant.id, { connectionPoolConfig });
        }
        const set = tenant.connectionPoolConfig;
        if (json) return printJson({ set, inForce: { ...DEFAULT_LIMITS, ...set } });
        const rows = POOL_KEYS.map(([key]) => ({
          key,
          value: set[key] ?? DEFAULT_LIMITS[key as keyof typeof DEFAULT_LIMITS],
          set: key in set ? 'for this tenant' : 'default',
        }));
        printRows(rows, false);
      }),
  );
for (const [key, schema] of POOL_KEYS) {
  const flag = key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  poolCommand.option(`--${flag} <value>`, `default ${schema.parse(undefined)}`, (text) => {
    const value = schema.safeParse(text === 'true' ? true : text === 'false' ? false : Number(text));
    if (value.success) return value.data;
    throw new InvalidArgumentError(value.error.issues[0]?.message ?? '');
  });
}

tenantCommand
  .command('region <tenant> [region]')
  .description('Set the region that a tenant’s data must not leave')
  .option('--none', 'they may be anywhere')
  .option('--json', 'print JSON')
  .action(async (name: string, region: string | undefined, { json, none }: Json & { none?: boolean }) =>
    withInstance(async (instance) => {
      if (!region === !none) {
        throw new CommandError('option_invalid', 'Either a region or --none has to be given.', {
          hint: `Such as: marquee tenant region ${name} eu-central`,
        });
      }
      const { id } = await instance.application.tenants.named(name);
      const tenant = await requireRegion(instance, id, region ?? null);
      if (json) return printJson(tenant);
      console.log(
        region
          ? `The data of ${tenant.name} stay in ${region}.`
          : `The data of ${tenant.name} may be anywhere.`,
      );
    }),
  );

tenantCommand
  .command('fill <tenant>')
  .description('Fill a demo or test tenant with years of a company’s events, clients and documents')
  .option('--years <n>', 'over how many years', wholeNumber(1, 20), 10)
  .option('--events <n>', 'how many events it shall have', wholeNumber(1, 100_000), 50_000)
  .option('--json', 'print JSON')
  .addHelpText(
    'after',
    `
What the tenant has stays and is copied into the years before; an empty one gets a demo company first. 50,000 events are about a
million records and take some minutes. After an interruption the same command goes on where it stopped. Refused unless all of the
tenant’s people have addresses that reach no one (example.com, .example, .test).`,
  )
  .action(async (name: string, options: Json & { years: number; events: number }) =>
    withInstance(async (instance) => {
      const tenant = await instance.application.tenants.named(name);
      const onProgress = (events: number) => {
        if (!options.json && process.stdout.isTTY) console.log(`${events} of ${options.events} events`);
      };
      const filled = await fillTenant(instance, tenant, { ...options, onProgress });
      if (options.json) return printJson({ tenant: tenant.subdomain, ...filled });
      console.log(`${tenant.name} has ${filled.events} events.`);
    }),
  );

tenantCommand
  .command('delete <tenant>')
  .description(
    'Delete a tenant for good: its rows, people, sessions and keys; its files and backups stay: see marquee backup erase',
  )
  .option('--leave-data', 'leave its rows where they are: for a data source that is gone')
  .option('--yes', 'ask no confirmation')
  .option('--json', 'print JSON')
  .action(async (name: string, options: Json & { leaveData?: boolean; yes?: boolean }) =>
    withInstance(async (instance) => {
      const tenant = await instance.application.tenants.named(name);
      await expectNoHold(instance.operations.pool, tenant.id);
      if (!options.yes)
        await confirmByName(tenant, `${tenant.name} and all of its data will be deleted for good.`);
      // One may have been placed while the question waited.
      await expectNoHold(instance.operations.pool, tenant.id);
      const { rowsRemoved } = await withSpinner(`Deleting ${tenant.subdomain}`, options.json, () =>
        removeTenant(instance, tenant.id, { leaveData: options.leaveData ?? false }),
      );
      const backups = (await countBackups(instance.operations.pool, [tenant.id])).get(tenant.id) ?? 0;
      if (options.json) return printJson({ tenant, rowsRemoved, backups });
      console.log(`${tenant.name} is deleted${rowsRemoved ? '' : '; its rows are where they were'}.`);
      if (backups > 0)
        console.log(`Its ${backups} backups are kept. To erase them: marquee backup erase ${tenant.id}`);
    }),
  );

for (const [verb, done] of [
  ['suspend', 'is suspended: its users are refused until it is resumed'],
  ['resume', 'is active again'],
] as const) {
  tenantCommand
    .command(`${verb} <tenant>`)
    .description(verb === 'suspend' ? 'Refuse a tenant’s users; its data stay' : 'End a suspension')
    .option('--json', 'print JSON')
    .action(async (name: string, { json }: Json) =>
      withInstance(async (instance) => {
        const { id } = await instance.application.tenants.named(name);
        const tenant = await setSuspended(instance, id, verb === 'suspend');
        if (json) return printJson(tenant);
        console.log(`${tenant.name} ${done}.`);
      }),
    );
}
