import { Command } from 'commander';
import { migrateApplicationDatabase } from '@/lib/application';
import { migrateOperationsDatabase } from '@/lib/operations';
import { withInstance } from '../instance';
import { migrateTenantData } from '../migrate-tenant-data';
import { printRows, withSpinner } from '../output';

export const migrateCommand = new Command('migrate')
  .description('Bring the application, operations and all tenant data databases to this version’s schema')
  .option('--json', 'print JSON')
  .action(async ({ json }: { json?: boolean }) =>
    withInstance(async (instance) => {
      const { APPLICATION_DATABASE_URL, OPERATIONS_DATABASE_URL } = instance.configuration;
      const rows = await withSpinner('Migrating', json, async () => {
        const application = await migrateApplicationDatabase(APPLICATION_DATABASE_URL ?? '');
        const operations = await migrateOperationsDatabase(OPERATIONS_DATABASE_URL ?? '');
        const sources = await migrateTenantData(instance);
        return [
          { database: 'application', ...application },
          { database: 'operations', ...operations },
          ...sources,
        ];
      });
      printRows(
        rows.map((row) => ({ ...row })),
        json,
      );
      if (rows.some((row) => 'problem' in row && row.problem)) process.exitCode = 1;
    }),
  );
