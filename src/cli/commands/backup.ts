import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import {
  adoptBackups,
  type Backup,
  type BackupDependencies,
  BackupError,
  backupStates,
  cleanUp,
  createBackup,
  type Drill,
  drillBackup,
  eraseTenant,
  exportTenant,
  findBackup,
  listBackups,
  listDrills,
  listHolds,
  openBackup,
  openStore,
  placeHold,
  pruneBackups,
  releaseHold,
  restoreBeside,
  restoreElsewhere,
  restoreInPlace,
  storeFor,
  storeKeys,
  verifyBackup,
} from '@/lib/backups';
import { stateDirectory } from '@/lib/configuration';
import { namesOf } from '@/lib/usage';
import { confirmByName } from '../confirm';
import { CommandError } from '../errors';
import { cliActor, findTenant, type Instance, withInstance } from '../instance';
import { printJson, printRecord, printRows, withSpinner } from '../output';
import { openStorage } from '../start/services';

interface Json {
  json?: boolean;
}

interface From extends Json {
  from?: string;
}

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
const by = () => ({ requestedBy: cliActor() });

export const backupCommand = new Command('backup');

backupCommand
  .command('create <tenant>')
  .description('Back a tenant up: one snapshot of its rows, and its files, compressed and encrypted')
  .option('--to <address>', 'directory or s3://bucket/prefix (default: BACKUP_URL)')
  .option('--json', 'print JSON')
  .action((name: string, { json, to }: Json & { to?: string }) =>
    withBackups(async (backups, instance) => {
      const tenant = await findTenant(instance, name);
      const store = to ? await openStore(to) : await storeFor(address(instance), tenant);
      const backup = await withSpinner(`Backing ${name} up`, json, () =>
        createBackup(backups, { tenantId: tenant.id, store, reason: 'manual', ...by() }),
      );
      if (json) return printJson(backup);
      console.log(`Backed up ${backup.rows} rows of ${name}: ${backup.id}`);
      console.log(`Prove it: marquee backup drill ${name}`);
    }),
  );

backupCommand
  .command('list [tenant]')
  .description('Backups, the newest first; without a tenant the state of each tenant')
  .option('--json', 'print JSON')
  .action((name: string | undefined, { json }: Json) =>
    withBackups(async ({ operations }, instance) => {
      if (name) {
        const { id: tenantId } = await findTenant(instance, name);
        const found = await listBackups(operations.pool, { tenantId });
        return printRows(
          json ? found.map((one) => ({ ...one })) : found.map(summary),
          json,
          'There are no backups.',
        );
      }
      const tenants = await Array.fromAsync(instance.application.tenants.all());
      const states = await backupStates(operations.pool);
      const rows = tenants.map(({ id, subdomain }) => {
        const state = states.get(id);
        return {
          ...{ tenant: subdomain, lastBackup: state?.lastBackupAt, lastProven: state?.lastProvenAt },
          lastDrill: state?.lastDrill,
          problem: state?.lastFailure?.message,
        };
      });
      printRows(rows, json, 'There are no tenants.');
    }),
  );

backupCommand
  .command('show <backup>')
  .description('One backup: where it is, what it holds, table by table')
  .option('--from <address>', 'where it is, instead of where it was made')
  .option('--json', 'print JSON')
  .action((id: string, { json, from }: From) =>
    withBackups(async (backups) => {
      const backup = await findBackup(backups.operations.pool, id);
      if (backup.state !== 'complete') return printRecord({ ...backup }, json);
      const { manifest } = await openBackup(backups, backup, from ? await openStore(from) : undefined);
      const { dataKey: _, ...shown } = manifest;
      if (json) return printJson({ ...backup, manifest: shown });
      printRecord(
        { ...backup, schema: manifest.schema.version, lsn: manifest.lsn, files: manifest.files.length },
        false,
      );
      if (manifest.missingFiles.length > 0) console.log(`Missing files: ${manifest.missingFiles.join(', ')}`);
      const tables = manifest.tables.filter(({ rows }) => rows > 0);
      printRows(
        tables.map(({ name, rows, bytes, digest }) => ({ table: name, rows, bytes, digest })),
        false,
      );
    }),
  );

backupCommand
  .command('verify <backup>')
  .description('Read a backup back: decrypt it, compare counts and digests. Needs no tenant database')
  .option('--from <address>', 'where it is, instead of where it was made')
  .option('--json', 'print JSON')
  .action((id: string, { json, from }: From) =>
    withBackups(async (backups) => {
      const backup = await findBackup(backups.operations.pool, id);
      const store = from ? await openStore(from) : undefined;
      const verified = await withSpinner('Reading it back', json, () => verifyBackup(backups, backup, store));
      printRecord({ backup: backup.id, ...verified }, json);
    }),
  );

backupCommand
  .command('restore <backup>')
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
          restoreBeside(backups, { ...request, name, subdomain, dataSource }),
        );
        if (json) return printJson(restored);
        return console.log(
          `Restored ${restored.rows} rows as the tenant ${subdomain}. It is suspended: waiting mails of the backup go out once it is active.`,
        );
      }
      const tenant = await findTenant(instance, backup.tenantId);
      if (!options.yes)
        await confirmByName(tenant, `${tenant.name} becomes as it was at ${backup.asOf?.toISOString()}.`);
      const restored = await withSpinner('Restoring', json, () =>
        dataSource
          ? restoreElsewhere(backups, { ...request, dataSource, sourceLost })
          : restoreInPlace(backups, { ...request, table, keys }),
      );
      if (json) return printJson(restored);
      console.log(`Restored ${restored.rows} rows of ${tenant.subdomain} in ${restored.dataSource}.`);
      if (restored.safetyBackup) console.log(`Before that: marquee backup restore ${restored.safetyBackup}`);
    }),
  );

backupCommand
  .command('drill [tenant]')
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
        ? [(await findTenant(instance, name)).id]
        : [...(await backupStates(pool)).values()].flatMap(({ lastBackupAt, tenantId }) =>
            lastBackupAt ? tenantId : [],
          );
      const drills: Drill[] = [];
      for (const tenantId of tenants)
        drills.push(await drillBackup(backups, { tenantId, backup, dataSource, ...by() }));
      if (drills.some(({ state }) => state === 'failed')) process.exitCode = 1;
      if (json) return printJson(drills);
      printRows(await drillSummaries(instance, drills), false, 'There are no backups to drill.');
    }),
  );

backupCommand
  .command('drills [tenant]')
  .description('Drills, the newest first')
  .option('--json', 'print JSON')
  .action((name: string | undefined, { json }: Json) =>
    withBackups(async ({ operations }, instance) => {
      const tenantId = name ? (await findTenant(instance, name)).id : undefined;
      const drills = await listDrills(operations.pool, { tenantId });
      if (json) return printJson(drills);
      printRows(await drillSummaries(instance, drills), false, 'There were no drills.');
    }),
  );

backupCommand
  .command('prune [tenant]')
  .description(
    'Remove backups that BACKUP_KEEP does not keep; the newest and the last proven one always stay',
  )
  .option('--plan', 'only say which')
  .option('--json', 'print JSON')
  .action((name: string | undefined, { json, plan = false }: Json & { plan?: boolean }) =>
    withBackups(async (backups, instance) => {
      const { pool } = backups.operations;
      const tenants = name ? [(await findTenant(instance, name)).id] : [...(await backupStates(pool)).keys()];
      const removed: Backup[] = [];
      const retention = instance.configuration.BACKUP_KEEP;
      for (const tenantId of tenants)
        removed.push(...(await pruneBackups(backups, tenantId, { retention, plan, ...by() })).removed);
      if (json) return printJson(removed);
      printRows(removed.map(summary), false, 'Nothing to remove.');
    }),
  );

backupCommand
  .command('adopt')
  .description(
    'Record the backups of a store that are not known here, after the operations database was lost',
  )
  .option('--from <address>', 'directory or s3://bucket/prefix (default: BACKUP_URL)')
  .option('--json', 'print JSON')
  .action(({ json, from }: From) =>
    withBackups(async (backups, instance) => {
      const found: Awaited<ReturnType<typeof adoptBackups>> = { adopted: [], refused: [] };
      for (const one of (from ?? address(instance)).trim().split(/\s+/)) {
        const { adopted, refused } = await adoptBackups(backups, await openStore(one), cliActor());
        found.adopted.push(...adopted);
        found.refused.push(...refused);
      }
      if (found.refused.length > 0) process.exitCode = 1;
      if (json) return printJson(found);
      console.log(`Recorded ${found.adopted.length} backups.`);
      for (const { key, error } of found.refused) console.log(`${key}: ${error.message} [${error.code}]`);
    }),
  );

backupCommand
  .command('clean-up')
  .description(
    'Clean up after backups and restores whose process ended; every other command and each start does so too',
  )
  .option('--json', 'print JSON')
  .action(({ json }: Json) =>
    withBackups(async (backups, instance) => {
      await storeKeys(backups);
      const names = await namesOf(instance);
      const problems = (await cleanUp(backups)).map(({ tenantId, problem }) => ({
        tenant: names.tenant(tenantId),
        problem: (problem as Error).message,
      }));
      if (problems.length > 0) process.exitCode = 1;
      if (json) return printJson(problems);
      for (const { tenant, problem } of problems) console.error(`${tenant}: ${problem}`);
    }),
  );

backupCommand
  .command('export <tenant>')
  .description('Write all of a tenant’s rows for the customer, with a dictionary of tables and columns')
  .requiredOption('--to <directory>', 'a new or empty directory')
  .option('--format <format>', 'csv or json', formatOf, 'csv')
  .option('--json', 'print JSON')
  .action((name: string, { json, to, format }: Json & { to: string; format: 'csv' | 'json' }) =>
    withBackups(async (backups, instance) => {
      const { id: tenantId } = await findTenant(instance, name);
      const exported = await withSpinner(`Exporting ${name}`, json, () =>
        exportTenant(backups, { tenantId, directory: path.resolve(to), format, ...by() }),
      );
      printRecord({ ...exported }, json);
    }),
  );

backupCommand
  .command('erase <tenant>')
  .description('Remove a tenant with its rows, files and backups for good, and certify that nothing is left')
  .option('--yes', 'do not ask')
  .option('--json', 'print JSON')
  .action((name: string, { json, yes }: Json & { yes?: boolean }) =>
    withBackups(async (backups, instance) => {
      const tenant = await findTenant(instance, name);
      if (!yes)
        await confirmByName(tenant, `${tenant.name}, its files and all of its backups are removed for good.`);
      const key = Buffer.from(instance.configuration.ENCRYPTION_KEY ?? '', 'hex');
      printJson(
        await withSpinner(`Erasing ${name}`, json, () => eraseTenant(backups, tenant.id, key, cliActor())),
      );
    }),
  );

backupCommand
  .command('hold <tenant>')
  .description('Legal hold: the tenant cannot be erased, and its backups are not pruned')
  .requiredOption('--reason <text>', 'why, such as a case number')
  .option('--json', 'print JSON')
  .action((name: string, { json, reason }: Json & { reason: string }) =>
    withBackups(async (backups, instance) => {
      const { id, subdomain } = await findTenant(instance, name);
      await placeHold(backups, id, reason, cliActor());
      if (json) return printJson({ tenant: subdomain, reason });
      console.log(`${subdomain} is on hold.`);
    }),
  );

backupCommand
  .command('release <tenant>')
  .description('End a legal hold')
  .option('--json', 'print JSON')
  .action((name: string, { json }: Json) =>
    withBackups(async (backups, instance) => {
      const { id, subdomain } = await findTenant(instance, name);
      const released = await releaseHold(backups, id, cliActor());
      if (json) return printJson({ tenant: subdomain, released });
      console.log(released ? `The hold on ${subdomain} is released.` : `There was no hold on ${subdomain}.`);
    }),
  );

backupCommand
  .command('holds')
  .description('Legal holds')
  .option('--json', 'print JSON')
  .action(({ json }: Json) =>
    withBackups(async ({ operations }, instance) => {
      const holds = await listHolds(operations.pool);
      if (json) return printJson(holds);
      const names = await namesOf(instance);
      const rows = holds.map(({ tenantId, ...hold }) => ({ tenant: names.tenant(tenantId), ...hold }));
      printRows(rows, false, 'There are no legal holds.');
    }),
  );

function withBackups<T>(work: (backups: BackupDependencies, instance: Instance) => Promise<T>): Promise<T> {
  return withInstance((instance) => {
    const { application, operations, secretBox, configuration } = instance;
    const directory = configuration.FILES_DIRECTORY ?? path.join(stateDirectory(), 'files');
    return work({ application, operations, secretBox, files: openStorage(instance, directory) }, instance);
  });
}

function address({ configuration }: Instance): string {
  if (configuration.BACKUP_URL) return configuration.BACKUP_URL;
  throw new BackupError('backup_store_invalid', 'No place for backups is set.', {
    hint: 'Set BACKUP_URL, or give --to.',
  });
}

function summary({ id, state, reason, asOf, startedAt, rows, storedBytes, provenAt, error }: Backup) {
  const shown = { id: id.slice(0, 8), state, reason, asOf: asOf ?? startedAt, rows, bytes: storedBytes };
  return { ...shown, proven: provenAt, problem: error?.message };
}

async function drillSummaries(instance: Instance, drills: readonly Drill[]) {
  const names = await namesOf(instance);
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

function formatOf(text: string): 'csv' | 'json' {
  if (text === 'csv' || text === 'json') return text;
  throw new InvalidArgumentError('Give csv or json.');
}
