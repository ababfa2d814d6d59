import { readSqlFiles, type SchemaFiles, schemaScript, updateScript } from '@/lib/migrations';

/** The tenant schema's files. */
export async function tenantDataFiles(): Promise<SchemaFiles> {
  const [schema, functions, migrations] = await Promise.all([
    readSqlFiles(import.meta.dirname, 'schema'),
    readSqlFiles(import.meta.dirname, 'functions'),
    readSqlFiles(import.meta.dirname, 'migrations'),
  ]);
  return { schema, functions, migrations };
}

/** The tenant schema as one script, for a DBA to run: it leaves the same record as `migrateTenantData`. */
export async function tenantDataScript(): Promise<string> {
  return schemaScript(await tenantDataFiles(), 'tenancy');
}

/** What brings a database of this or an earlier version to this one, for a DBA to run in one transaction: it may be run again. */
export async function tenantDataUpdateScript(): Promise<string> {
  return updateScript(await tenantDataFiles(), 'tenancy');
}
