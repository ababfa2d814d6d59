/** One table as `marquee types` writes it. */
export interface TableShape {
  Row: object;
  Insert: object;
  Update: object;
}

/** As much of the generated `Database` type as repositories read. */
export interface DatabaseShape {
  public: { Tables: Record<string, TableShape> };
}

export type TableName<Database extends DatabaseShape> = keyof Database['public']['Tables'] & string;
export type RowOf<
  Database extends DatabaseShape,
  Table extends TableName<Database>,
> = Database['public']['Tables'][Table]['Row'];
export type InsertOf<
  Database extends DatabaseShape,
  Table extends TableName<Database>,
> = Database['public']['Tables'][Table]['Insert'];
export type UpdateOf<
  Database extends DatabaseShape,
  Table extends TableName<Database>,
> = Database['public']['Tables'][Table]['Update'];

export type ColumnOf<Row> = keyof Row & string;
