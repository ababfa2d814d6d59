import type pg from 'pg';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { formatPostgresUrl, parsePostgresUrl } from '@/lib/postgres';
import { migrateTenantData, pendingTenantData, tenantDataFiles } from '@/lib/tenant-data';
import { connect, readUrl } from '../pool/connect';
import { withholdFunctions } from './data-source';
import { admitLoginStatements } from './logins';
import { withAdministrator } from './migrations';

/**
 * Runs `work` in a new database on the source's server that contains only this program's tenant schema. It is created as provisioning does,
 * for the same logins, and is dropped afterwards.
 *
 * @param work called with a connection of the owner
 * @returns undefined, without running `work`, if the source is at another version, its administrator may not create databases, or the server
 *   is a customer's
 * @throws DataSourceError `data_source_*`, see `connect`; pg.DatabaseError; what `work` throws
 */
export async function withScratchDatabase<T>(
  operations: OperationsDatabase,
  source: DataSource,
  work: (scratch: pg.Client) => Promise<T>,
): Promise<T | undefined> {
  const { adminUrl, routerUrl, moverUrl } = await operations.dataSources.credentials(source.id);
  if (!adminUrl || (source.kind !== 'shared' && source.kind !== 'dedicated')) return undefined;
  const files = await tenantDataFiles();
  const name = `marquee_reference_${source.id.replaceAll('-', '')}`;
  const [router, mover] = [routerUrl, moverUrl].map((url) => {
    const user = url && parsePostgresUrl(url)?.user;
    return user ? { name: user, password: '' } : undefined;
  });
  return withAdministrator(operations, source, async (admin) => {
    const { expand, contract, functions } = await pendingTenantData(admin, files);
    if (expand.length + contract.length + functions.length > 0 || !(await mayCreateDatabases(admin)))
      return undefined;
    // A killed process may have left one behind.
    await admin.query(`drop database if exists ${name} with (force)`);
    await admin.query(`create database ${name}`);
    try {
      const scratch = await connect({
        url: formatPostgresUrl({ ...readUrl(adminUrl, source.name), database: name }),
        ...{ name: source.name, timeoutMs: 10_000, applicationName: 'marquee migrate' },
      });
      try {
        await migrateTenantData(scratch, { files });
        const logins = { ...(router ? { router } : {}), ...(mover ? { mover } : {}) };
        for (const statement of admitLoginStatements(logins)) await scratch.query(statement);
        await withholdFunctions(scratch, source.kind);
        return await work(scratch);
      } finally {
        await scratch.end().catch(() => {});
      }
    } finally {
      await admin.query(`drop database if exists ${name} with (force)`);
    }
  });
}

async function mayCreateDatabases(admin: pg.Client): Promise<boolean> {
  const { rows } = await admin.query<{ may: boolean }>(
    'select rolsuper or rolcreatedb as may from pg_catalog.pg_roles where rolname = current_user',
  );
  return rows[0]?.may ?? false;
}
