// What the tables and columns of an export mean, read from the catalog.
import type pg from 'pg';

export interface DictionaryColumn {
  name: string;
  type: string;
  nullable: boolean;
  /** Part of the primary key. */
  key: boolean;
  /** `table.column` that it refers to. */
  references: string | null;
  comment: string | null;
}

export interface DictionaryTable {
  name: string;
  comment: string | null;
  columns: DictionaryColumn[];
}

/** @param tables their names, quoted where needed */
export async function readDictionary(
  client: pg.ClientBase,
  tables: readonly string[],
): Promise<DictionaryTable[]> {
  const { rows } = await client.query<DictionaryTable>(
    `select t.name, obj_description(t.name::regclass, 'pg_class') as comment,
       (select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod), 'nullable', not a.attnotnull,
           'key', exists (select from pg_index i where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey)),
           'references', (select f.confrelid::regclass || '.' || r.attname from pg_constraint f
              join unnest(f.conkey, f.confkey) as k (mine, theirs) on k.mine = a.attnum
              join pg_attribute r on r.attrelid = f.confrelid and r.attnum = k.theirs
              where f.conrelid = a.attrelid and f.contype = 'f' order by f.conname limit 1),
           'comment', col_description(a.attrelid, a.attnum)) order by a.attnum)
         from pg_attribute a where a.attrelid = t.name::regclass and a.attnum > 0 and not a.attisdropped and a.attname <> 'tenant_id') as columns
     from unnest($1::text[]) with ordinality t (name, place) order by t.place`,
    [tables],
  );
  return rows;
}
