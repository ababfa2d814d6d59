// What `catalog.sql` answers with.

export interface CatalogColumn {
  name: string;
  description: string | null;
  nullable: boolean;
  type: string;
  maxLength: number | null;
  default: string | null;
  enum: string[] | null;
}

export interface CatalogTable {
  name: string;
  description: string | null;
  writable: boolean;
  columns: CatalogColumn[];
}

export interface CatalogParameter {
  name: string;
  type: string;
  required: boolean;
  variadic: boolean;
}

export interface CatalogFunction {
  name: string;
  description: string | null;
  volatile: boolean;
  parameters: CatalogParameter[];
}

export interface Catalog {
  description: string | null;
  tables: CatalogTable[];
  functions: CatalogFunction[];
}

/** Keys, which for views follow from the tables underneath: the schema cache knows them. */
export interface Keys {
  isPrimaryKey(table: string, column: string): boolean;
  /** What a foreign key of this one column points to; a table rather than a view. */
  foreignKey(table: string, column: string): { table: string; column: string } | undefined;
}
