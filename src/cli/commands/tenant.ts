import { Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import type { Tenant } from '@/lib/application';
import {
  ConnectionPoolConfig,
  DEFAULT_LIMITS,
  placeTenant,
  provisionTenant,
  removeTenant,
} from '@/lib/data-sources';
import { firstPassword, hashPassword } from '@/lib/identity';
import { confirmByName } from '../confirm';
import { CommandError } from '../errors';
import { type Instance, sourceNamed, withInstance } from '../instance';
import { printJson, printRecord, printRows, withSpinner } from '../output';

interface Json {
  json?: boolean;
}

export const tenantCommand = new Command('tenant').description(
  'List, show, create, place, limit and suspend tenants',
);

tenantCommand
  .command('list')
  .description('List all tenants with where their data live')
  .option('--json', 'print JSON')
  .action(async ({ json }: Json) =>
    withInstance(async ({ application, operations }) => {
      const [tenants, sources] = await Promise.all([
        application.tenants.list(),
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
      const tenant = await findTenant(instance, name);
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
  .option('--json', 'print JSON')
  .action(
    async (
      subdomain: string,
      options: Json & { name: string; source?: string; owner?: string; tenantIdInDataSource?: string },
    ) =>
      withInstance(async (instance) => {
        const { name, tenantIdInDataSource } = options;
        if (options.owner !== undefined) expectEmail(options.owner);
        const dataSource = await sourceNamed(instance, options.source);
        const tenant = await withSpinner(`Creating ${subdomain}`, options.json, () =>
          provisionTenant(instance, {
            name,
            subdomain,
            dataSource,
            ...(tenantIdInDataSource ? { tenantIdInDataSource } : {}),
          }),
        );
        const owner = options.owner ? await createOwner(instance, tenant, options.owner) : undefined;
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
      const { id, dataSourceId: before } = await findTenant(instance, name);
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
        let tenant = await findTenant(instance, name);
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
  .command('delete <tenant>')
  .description('Delete a tenant for good: its rows, people, sessions and keys; files stay in their storage')
  .option('--leave-data', 'leave its rows where they are: for a data source that is gone')
  .option('--yes', 'ask no confirmation')
  .option('--json', 'print JSON')
  .action(async (name: string, options: Json & { leaveData?: boolean; yes?: boolean }) =>
    withInstance(async (instance) => {
      const tenant = await findTenant(instance, name);
      if (!options.yes)
        await confirmByName(tenant, `${tenant.name} and all of its data will be deleted for good.`);
      const { rowsRemoved } = await withSpinner(`Deleting ${tenant.subdomain}`, options.json, () =>
        removeTenant(instance, tenant.id, { leaveData: options.leaveData ?? false }),
      );
      if (options.json) return printJson({ tenant, rowsRemoved });
      console.log(`${tenant.name} is deleted${rowsRemoved ? '' : '; its rows are where they were'}.`);
    }),
  );

for (const [verb, status, done] of [
  ['suspend', 'suspended', 'is suspended: its users are refused until it is resumed'],
  ['resume', 'active', 'is active again'],
] as const) {
  tenantCommand
    .command(`${verb} <tenant>`)
    .description(verb === 'suspend' ? 'Refuse a tenant’s users; its data stay' : 'End a suspension')
    .option('--json', 'print JSON')
    .action(async (name: string, { json }: Json) =>
      withInstance(async (instance) => {
        const { id } = await findTenant(instance, name);
        const tenant = await instance.application.tenants.setStatus(id, status);
        if (json) return printJson(tenant);
        console.log(`${tenant.name} ${done}.`);
      }),
    );
}

/** @throws CommandError `tenant_unknown` */
export async function findTenant(
  { application }: Pick<Instance, 'application'>,
  name: string,
): Promise<Tenant> {
  const tenant = (await application.tenants.find(name)) ?? (await application.tenants.findBySubdomain(name));
  if (tenant) return tenant;
  throw new CommandError('tenant_unknown', `There is no tenant “${name}”.`, {
    hint: 'List them: marquee tenant list',
  });
}

/** Before anything is made: a tenant whose owner's address is wrong would be half made. @throws CommandError `email_invalid` */
function expectEmail(email: string): void {
  if (z.email().max(254).safeParse(email).success) return;
  throw new CommandError('email_invalid', `“${email}” is not an email address.`, {
    hint: 'Nothing was created. Give the owner’s address: --owner ann@example.com',
  });
}

async function createOwner({ application }: Instance, tenant: Tenant, email: string) {
  const password = firstPassword();
  await application.users.create({
    tenantId: tenant.id,
    email,
    displayName: email.split('@')[0] ?? email,
    role: 'owner',
    passwordHash: await hashPassword(password),
    mustChangePassword: true,
  });
  return { email, password };
}
