import { Command, Option } from 'commander';
import type { AuditAction } from '@/lib/application';
import { API_KEY_KINDS, API_KEY_ROLES, type ApiKeyKind, type ApiKeyRole, ApiKeys } from '@/lib/identity';
import { CommandError } from '../errors';
import { wholeNumber } from '../given-values';
import { cliActor, type Instance, withInstance } from '../instance';
import { printJson, printRows } from '../output';

interface Json {
  json?: boolean;
}

export const keyCommand = new Command('key');

keyCommand
  .command('create <tenant>')
  .description('Create a key; it is printed once')
  .addOption(
    new Option(
      '--kind <kind>',
      'anon: names the tenant only; service: the whole tenant; scoped: what a role may',
    )
      .choices(API_KEY_KINDS)
      .makeOptionMandatory(),
  )
  .addOption(new Option('--role <role>', 'of a scoped key').choices(API_KEY_ROLES))
  .option('--name <name>', 'what it is for', 'command line')
  .option('--expires-in-days <days>', 'it does not expire without this', wholeNumber(1, 36_500))
  .option('--json', 'print JSON')
  .action(
    async (
      name: string,
      options: Json & { kind: ApiKeyKind; role?: ApiKeyRole; name: string; expiresInDays?: number },
    ) =>
      withInstance(async (instance) => {
        const { kind, role, expiresInDays } = options;
        if ((kind === 'scoped') !== (role !== undefined)) {
          throw new CommandError('role_invalid', 'A scoped key needs a role; other kinds of key take none.', {
            hint: `For a scoped key add --role, one of ${API_KEY_ROLES.join(', ')}.`,
          });
        }
        const tenant = await instance.application.tenants.named(name);
        const { key, apiKey } = await new ApiKeys(instance).create({
          ...{ tenantId: tenant.id, kind, role, name: options.name, createdBy: cliActor() },
          ...(expiresInDays ? { expiresAt: new Date(Date.now() + expiresInDays * 86_400_000) } : {}),
        });
        await audit(instance, 'api_keys.create', tenant.id, apiKey.id);
        if (options.json) return printJson({ ...apiKey, key });
        console.log(`${key}\n\nKey ${apiKey.id} of ${tenant.subdomain}; it is not shown again.`);
      }),
  );

keyCommand
  .command('list <tenant>')
  .description('List a tenant’s keys; never the keys themselves')
  .option('--json', 'print JSON')
  .action(async (name: string, { json }: Json) =>
    withInstance(async (instance) => {
      const tenant = await instance.application.tenants.named(name);
      const rows = (await new ApiKeys(instance).list(tenant.id)).map((key) => ({
        ...{ id: key.id, kind: key.kind, role: key.role, name: key.name },
        ...{
          created: key.createdAt,
          expires: key.expiresAt,
          lastUsed: key.lastUsedAt,
          revoked: key.revokedAt,
        },
      }));
      printRows(rows, json, 'There are no keys. Create one: marquee key create');
    }),
  );

keyCommand
  .command('revoke <tenant> <id>')
  .description('Revoke a key, at once')
  .option('--json', 'print JSON')
  .action(async (name: string, id: string, { json }: Json) =>
    withInstance(async (instance) => {
      const tenant = await instance.application.tenants.named(name);
      const isId = /^[0-9a-f-]{36}$/i.test(id);
      const revoked = isId ? await new ApiKeys(instance).revoke(tenant.id, id) : undefined;
      if (!revoked) {
        throw new CommandError('api_key_unknown', `${tenant.subdomain} has no key ${id}.`, {
          hint: `List them: marquee key list ${tenant.subdomain}`,
        });
      }
      await audit(instance, 'api_keys.revoke', tenant.id, id);
      if (json) return printJson(revoked);
      console.log(`Key ${id} of ${tenant.subdomain} is revoked.`);
    }),
  );

async function audit(
  { application }: Instance,
  action: AuditAction,
  tenantId: string,
  entityId: string,
): Promise<void> {
  await application.audit.append({ action, entity: 'api_keys', entityId, tenantId });
}
