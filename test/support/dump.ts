import { administer } from './postgres';

/** Every row of every table of a database, as text: what a stolen backup shows. */
export async function dumpOf(url: string): Promise<string> {
  const { rows: tables } = await administer(
    url,
    `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`,
  );
  const parts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await administer(url, `select t::text as row from ${name} t`);
    parts.push(...rows.map(({ row }) => row));
  }
  return parts.join('\n');
}
