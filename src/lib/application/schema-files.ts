import { readSqlFiles, type SchemaFiles } from '@/lib/migrations';

/** The files of the application database's schema. */
export async function schemaFiles(): Promise<SchemaFiles> {
  const [schema, functions, migrations] = await Promise.all([
    readSqlFiles(import.meta.dirname, 'schema'),
    readSqlFiles(import.meta.dirname, 'functions'),
    readSqlFiles(import.meta.dirname, 'migrations'),
  ]);
  return { schema, functions, migrations };
}
