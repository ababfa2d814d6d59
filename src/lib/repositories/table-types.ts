import type { Database } from '@/lib/tenant-data/types';

type AllTables = Database['public']['Tables'];

/** A table of a tenant's data. */
export type TableName = keyof AllTables & string;
/** A row of a table, as it is read. */
export type RowOf<Table extends TableName> = AllTables[Table]['Row'];
/** A new row of a table; columns with a default are optional. */
export type InsertOf<Table extends TableName> = AllTables[Table]['Insert'];
/** Changes to a row of a table; every column is optional. */
export type UpdateOf<Table extends TableName> = AllTables[Table]['Update'];

export type ColumnOf<Row> = keyof Row & string;
