import type { Database } from '@/lib/tenant-data/types';

type AllTables = Database['public']['Tables'];

/** A table of a tenant's data. */
export type TableName = keyof AllTables & string;
export type RowOf<Table extends TableName> = AllTables[Table]['Row'];
export type InsertOf<Table extends TableName> = AllTables[Table]['Insert'];
export type UpdateOf<Table extends TableName> = AllTables[Table]['Update'];

export type ColumnOf<Row> = keyof Row & string;
