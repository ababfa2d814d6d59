import { Command } from 'commander';
import {
  anyTenant,
  backupStates,
  type Drill,
  drillBackup,
  findBackup,
  listDrills,
  openStore,
  restoreAsNewTenant,
  restoreInPlace,
  restoreToDataSource,
} from '@/lib/backups';
import { readNames } from '@/lib/data-sources';
import { confirmByName } from '../confirm';
import { CommandError } from '../errors';
import type { Instance } from '../instance';
import { printJson, printRows, withSpinner } from '../output';
import { by, type From, forEachTenant, type Json, withBackups } from './backup-parts';

interface RestoreOptions extends From {
  as?: string;
  name?: string;
  source?: string;
  sourceLost?: boolean;
  table?: string;
  key?: string[];
  yes?: boolean;
}

const collect = (value: string, all: string[] = []) => [...all, value];

const restore = new Command('restore')
  .argument('<backup>')
  .description('Restore a tenant: in place, single rows, as a new tenant, or in another database')
  .option('--as <subdomain>', 'as a new, suspended tenant; --source says where (default: the same database)')
  .option('--name <name>', 'the new tenant’s name')
  .option(
    '--source <source>',
    'into this data source; without --as the tenant is served from there afterwards',
  )
  .option('--source-lost', 'with --source: the current database is lost; what may be left there stays')
  .option('--table <table>', 'only the rows of this table; rows that were added since stay')
  .option('--key <key>', 'with --table: only the row of this key; repeatable', collect)
  .option('--from <address>', 'where the backup is, instead of where it was made')
  .option('--yes', 'do not ask')
  .option('--json', 'print JSON')
  .addHelpText('after', '\nThe current rows are backed up first; the id of that backup is printed.')
  .action((id: string, options: RestoreOptions) =>
    withBackups(async (backups, instance) => {
      const { json, as: subdomain, source: dataSource, table, key: keys, sourceLost } = options;
      if (
        (keys && !table) ||
        (table && (subdomain || dataSource)) ||
        (sourceLost && (!dataSource || subdomain))
      ) {
        throw new CommandError('option_invalid', 'These options do not go together.');
      }
      const backup = await findBackup(backups.operations.pool, id);
      const store = options.from ? await openStore(options.from) : undefined;
      const request = { backup, store, ...by() };
      if (subdomain) {
        const name = options.name ?? subdomain;
        const restored = await withSpinner('Restoring', json, () =>
          restoreAsNewTenant(backups, { ...request, name, subdomain, dataSource }),
        );
        if (json) return printJson(restored);
        return console.log(
          `Restored ${restored.rows} rows as the tenant ${subdomain}. It is suspended: waiting mails of the backup go out once it is active.`,
        );
      }
      const tenant = await instance.application.tenants.named(backup.tenantId);
      if (!options.yes)
        await confirmByName(tenant, `${tenant.name} becomes as it was at ${backup.asOf?.toISOString()}.`);
      const restored = await withSpinner('Restoring', json, () =>
        dataSource
          ? restoreToDataSource(backups, { ...request, dataSource, sourceLost })
          : restoreInPlace(backups, { ...request, table, keys }),
      );
      if (json) return printJson(restored);
      console.log(`Restored ${restored.rows} rows of ${tenant.subdomain} in ${restored.dataSource}.`);
      if (restored.safetyBackup) console.log(`Before that: marquee backup restore ${restored.safetyBackup}`);
    }),
  );

const drill = new Command('drill')
  .argument('[tenant]')
  .description(
    'Restore the newest backup into a scratch tenant, compare it, open it, remove it; exit code 1 where that fails',
  )
  .option('--all', 'of every tenant that has a backup, one after another')
  .option('--backup <backup>', 'this one instead of the newest')
  .option('--source <source>', 'the data source to restore into (default: that of the backup)')
  .option('--json', 'print JSON')
  .action((name: string | undefined, options: Json & { all?: boolean; backup?: string; source?: string }) =>
    withBackups(async (backups, instance) => {
      const { json, all, source: dataSource } = options;
      if (Boolean(name) === Boolean(all) || (all && options.backup))
        throw new CommandError('option_invalid', 'Give a tenant, or --all.');
      const { pool } = backups.operations;
      const backup = options.backup ? await findBackup(pool, options.backup) : undefined;
      const tenants = name
        ? [(await anyTenant(backups, name)).id]
        : [...(await backupStates(pool)).values()].flatMap(({ lastBackupAt, tenantId }) =>
            lastBackupAt ? tenantId : [],
          );
      const drills: Drill[] = [];
      await forEachTenant(instance, tenants, json, async (tenantId) => {
        drills.push(await drillBackup(backups, { tenantId, backup, dataSource, ...by() }));
      });
      if (drills.some(({ state }) => state === 'failed')) process.exitCode = 1;
      if (json) return printJson(drills);
      printRows(await drillSummaries(instance, drills), false, 'There are no backups to drill.');
    }),
  );

const drills = new Command('drills')
  .argument('[tenant]')
  .description('Drills, the newest first')
  .option('--json', 'print JSON')
  .action((name: string | undefined, { json }: Json) =>
    withBackups(async (backups, instance) => {
      const tenantId = name ? (await anyTenant(backups, name)).id : undefined;
      const drills = await listDrills(backups.operations.pool, { tenantId });
      if (json) return printJson(drills);
      printRows(await drillSummaries(instance, drills), false, 'There were no drills.');
    }),
  );

/** `marquee backup restore`, `drill`, `drills`. */
export const restoreCommands = [restore, drill, drills];

async function drillSummaries(instance: Instance, drills: readonly Drill[]) {
  const names = await readNames(
    instance,
    drills.map(({ tenantId }) => tenantId),
  );
  return drills.map(({ tenantId, state, startedAt, result, error }) => {
    const { rows, restoreMs, totalMs } = result;
    return {
      tenant: names.tenant(tenantId),
      state,
      at: startedAt,
      rows,
      restoreMs,
      totalMs,
      problem: error?.message,
    };
  });
}
