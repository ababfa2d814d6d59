import pg from 'pg';
import { BASELINE, checksumOf, numbered, type SchemaFiles, SETTINGS, steps } from './files';
import { recordTables } from './record';

/** What `migrate` does with a new database as one script, to run in one transaction. */
export function schemaScript(files: SchemaFiles, recordSchema: string): string {
  const record = recordTables(recordSchema);
  const literals = (statement: string, values: (string | number | string[])[]) =>
    statement.replace(/\$(\d)/g, (_, place: string) => {
      const value = values[Number(place) - 1] ?? '';
      if (typeof value === 'number') return String(value);
      return Array.isArray(value)
        ? `array[${value.map(pg.escapeLiteral).join(', ')}]`
        : pg.escapeLiteral(value);
    });
  const { functions } = files;
  return [
    `${record.create};`,
    `${SETTINGS};`,
    ...steps(files, files.schema, functions).map(({ path, text }) => `-- ${path}\n${text}`),
    ...[BASELINE, ...numbered(files.migrations)].map(
      ({ version, name, checksum }) => `${literals(record.noteMigration, [version, name, checksum])};`,
    ),
    `${literals(record.noteFiles, [functions.map(({ path }) => path), functions.map(checksumOf)])};`,
  ].join('\n');
}
