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

/**
 * What `migrate` does, for any database of this or an earlier version, as one script that runs in one transaction and can be run again: for
 * where only a person may run SQL.
 */
export function updateScript(files: SchemaFiles, recordSchema: string): string {
  const record = recordTables(recordSchema);
  const { schema, functions } = files;
  const migrations = numbered(files.migrations);
  const versions = [BASELINE, ...migrations];
  const list = (rows: string[]) => rows.join(',\n    ');
  const text = pg.escapeLiteral;
  const recorded = list(functions.map((file) => `(${text(file.path)}, ${text(checksumOf(file))})`));
  const when = (condition: string, statements: string) =>
    `do ${text(`begin if ${condition} then execute ${text(statements)}; end if; end`)};`;
  const isMissing = (version: number) =>
    `not exists (select from ${record.migrations} where version = ${version})`;
  const guarded = new Map<string, string>([
    ...schema.map((file) => [file.path, when(isMissing(BASELINE.version), file.text)] as const),
    ...migrations.map(
      ({ version, file }) =>
        [file.path, when(`not ${isMissing(BASELINE.version)} and ${isMissing(version)}`, file.text)] as const,
    ),
  ]);
  const first = [...schema, ...migrations.map(({ file }) => file)];
  return [
    `${record.create};`,
    `do $$ begin
  if exists (select from ${record.migrations} where version > ${newestOf(versions)}) or exists (
    select from ${record.functionFiles} natural join (values
    ${recorded}) as known (path, checksum) where superseded_at is not null) then
    raise exception 'A newer Marquee has migrated this database: run the script of that version.';
  end if;
end $$;`,
    `${SETTINGS};`,
    ...steps(files, first, functions).map(
      (file) => `-- ${file.path}\n${guarded.get(file.path) ?? file.text}`,
    ),
    `insert into ${record.migrations} (version, name, checksum) values
    ${list(versions.map(({ version, name, checksum }) => `(${version}, ${text(name)}, ${text(checksum)})`))}
  on conflict do nothing;`,
    `update ${record.functionFiles} set superseded_at = now() where superseded_at is null and (path, checksum) not in (values
    ${recorded});`,
    `insert into ${record.functionFiles} (path, checksum) values
    ${recorded}
  on conflict do nothing;`,
  ].join('\n');
}

function newestOf(versions: readonly { version: number }[]): number {
  return Math.max(...versions.map(({ version }) => version));
}
