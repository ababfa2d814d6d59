import { Command } from 'commander';
import {
  adoptBackups,
  anyTenant,
  type Backup,
  BackupError,
  backupStates,
  cleanUp,
  createBackup,
  findBackup,
  listBackups,
  openBackup,
  openStore,
  pruneBackups,
  removedTenants,
  storeFor,
  storeKeys,
  verifyBackup,
} from '@/lib/backups';
import { readNames } from '@/lib/data-sources';
import { cliActor, type Instance } from '../instance';
import { printJson, printRecord, printRows, withSpinner } from '../output';
import { complianceCommands } from './backup-compliance';
import { by, type From, forEachTenant, type Json, withBackups } from './backup-parts';
import { restoreCommands } from './backup-restore';

export const backupCommand = new Command('backup');

backupCommand
  .command('create <tenant>')
  .description('Back a tenant up: one snapshot of its rows, and its files, compressed and encrypted')
  .option('--to <address>', 'directory or s3://bucket/prefix (default: BACKUP_URL)')
  .option('--json', 'print JSON')
  .action((name: string, { json, to }: Json & { to?: string }) =>
    withBackups(async (backups, instance) => {
      const tenant = await instance.application.tenants.named(name);
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
  .description('Backups, the newest first; without a tenant the state of each, also of deleted ones')
  .option('--json', 'print JSON')
  .action((name: string | undefined, { json }: Json) =>
    withBackups(async (backups, instance) => {
      const { operations } = backups;
      if (name) {
        const { id: tenantId } = await anyTenant(backups, name);
        const found = await listBackups(operations.pool, { tenantId });
        return printRows(
          json ? found.map((one) => ({ ...one })) : found.map(summary),
          json,
          'There are no backups.',
        );
      }
      const tenants = [
        ...(await Array.fromAsync(instance.application.tenants.all())),
        ...(await removedTenants(backups)),
      ];
      const states = await backupStates(operations.pool);
      const rows = tenants.map(({ id, subdomain, ...tenant }) => {
        const state = states.get(id);
        return {
          tenant: 'status' in tenant ? subdomain : `${subdomain} (deleted)`,
          ...{ lastBackup: state?.lastBackupAt, lastProven: state?.lastProvenAt },
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

for (const command of restoreCommands) backupCommand.addCommand(command);

backupCommand
  .command('prune [tenant]')
  .description(
    'Remove backups that BACKUP_KEEP does not keep; the newest and the last proven one always stay',
  )
  .option('--dry-run', 'change nothing: show which would be removed')
  .option('--json', 'print JSON')
  .action((name: string | undefined, { json, dryRun = false }: Json & { dryRun?: boolean }) =>
    withBackups(async (backups, instance) => {
      const { pool } = backups.operations;
      const tenants = name ? [(await anyTenant(backups, name)).id] : [...(await backupStates(pool)).keys()];
      const removed: Backup[] = [];
      const retention = instance.configuration.BACKUP_KEEP;
      await forEachTenant(instance, tenants, json, async (tenantId) => {
        removed.push(...(await pruneBackups(backups, tenantId, { retention, dryRun, ...by() })).removed);
      });
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
      const found = await cleanUp(backups);
      const names = await readNames(
        instance,
        found.map(({ tenantId }) => tenantId),
      );
      const problems = [
        ...found.map(({ tenantId, problem }) => ({ tenant: names.tenant(tenantId), problem })),
        ...(await storeKeys(backups)).problems.map((problem) => ({ tenant: 'all', problem })),
      ].map(({ tenant, problem }) => ({ tenant, problem: (problem as Error).message }));
      if (problems.length > 0) process.exitCode = 1;
      if (json) return printJson(problems);
      for (const { tenant, problem } of problems) console.error(`${tenant}: ${problem}`);
    }),
  );

for (const command of complianceCommands) backupCommand.addCommand(command);

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
