import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { anyTenant, eraseTenant, exportTenant, listHolds, placeHold, releaseHold } from '@/lib/backups';
import { readNames } from '@/lib/data-sources';
import { confirmByName } from '../confirm';
import { cliActor } from '../instance';
import { printJson, printRecord, printRows, withSpinner } from '../output';
import { by, type Json, withBackups } from './backup-parts';

const exportRows = new Command('export')
  .argument('<tenant>')
  .description(
    'Write all of a tenant’s rows and files for the customer, with a dictionary of tables and columns',
  )
  .requiredOption('--to <directory>', 'a new or empty directory')
  .option('--format <format>', 'csv or json', formatOf, 'csv')
  .option('--json', 'print JSON')
  .action((name: string, { json, to, format }: Json & { to: string; format: 'csv' | 'json' }) =>
    withBackups(async (backups, instance) => {
      const { id: tenantId } = await instance.application.tenants.named(name);
      const exported = await withSpinner(`Exporting ${name}`, json, () =>
        exportTenant(backups, { tenantId, directory: path.resolve(to), format, ...by() }),
      );
      printRecord({ ...exported }, json);
    }),
  );

const erase = new Command('erase')
  .argument('<tenant>', 'its id or subdomain, also of one that was deleted')
  .description('Remove a tenant with its rows, files and backups for good, and certify that nothing is left')
  .option(
    '--leave-unreachable',
    'although copies in databases that were given up cannot be reached: the certificate names them',
  )
  .option('--yes', 'do not ask')
  .option('--json', 'print JSON')
  .action(
    (
      name: string,
      { json, yes, leaveUnreachable = false }: Json & { yes?: boolean; leaveUnreachable?: boolean },
    ) =>
      withBackups(async (backups, instance) => {
        const tenant = await anyTenant(backups, name);
        if (!yes)
          await confirmByName(
            tenant,
            `${tenant.name}, its files and all of its backups are removed for good.`,
          );
        const key = Buffer.from(instance.configuration.ENCRYPTION_KEY ?? '', 'hex');
        printJson(
          await withSpinner(`Erasing ${name}`, json, () =>
            eraseTenant(backups, tenant.id, key, cliActor(), { leaveUnreachable }),
          ),
        );
      }),
  );

const hold = new Command('hold')
  .argument('<tenant>')
  .description('Legal hold: the tenant cannot be erased, and its backups are not pruned')
  .requiredOption('--reason <text>', 'why, such as a case number')
  .option('--json', 'print JSON')
  .action((name: string, { json, reason }: Json & { reason: string }) =>
    withBackups(async (backups) => {
      const { id, subdomain } = await anyTenant(backups, name);
      await placeHold(backups, id, reason, cliActor());
      if (json) return printJson({ tenant: subdomain, reason });
      console.log(`${subdomain} is on hold.`);
    }),
  );

const release = new Command('release')
  .argument('<tenant>')
  .description('End a legal hold')
  .option('--json', 'print JSON')
  .action((name: string, { json }: Json) =>
    withBackups(async (backups) => {
      const { id, subdomain } = await anyTenant(backups, name);
      const released = await releaseHold(backups, id, cliActor());
      if (json) return printJson({ tenant: subdomain, released });
      console.log(released ? `The hold on ${subdomain} is released.` : `There was no hold on ${subdomain}.`);
    }),
  );

const holds = new Command('holds')
  .description('Legal holds')
  .option('--json', 'print JSON')
  .action(({ json }: Json) =>
    withBackups(async ({ operations }, instance) => {
      const holds = await listHolds(operations.pool);
      if (json) return printJson(holds);
      const names = await readNames(
        instance,
        holds.map(({ tenantId }) => tenantId),
      );
      const rows = holds.map(({ tenantId, ...hold }) => ({ tenant: names.tenant(tenantId), ...hold }));
      printRows(rows, false, 'There are no legal holds.');
    }),
  );

/** `marquee backup export`, `erase`, `hold`, `release`, `holds`: what a tenant that leaves needs, and what forbids it. */
export const complianceCommands = [exportRows, erase, hold, release, holds];

function formatOf(text: string): 'csv' | 'json' {
  if (text === 'csv' || text === 'json') return text;
  throw new InvalidArgumentError('Give csv or json.');
}
