// What `catalog.sql` answers with.

export interface TypedName {
  name: string;
  /** A type's `id`. */
  type: number;
}

export interface Column extends TypedName {
  nullable: boolean;
  hasDefault: boolean;
  /** Always made by the database: cannot be written. */
  generated: boolean;
}

export interface Relation {
  schema: string;
  name: string;
  isTable: boolean;
  insertable: boolean;
  updatable: boolean;
  columns: Column[];
}

export interface Routine {
  schema: string;
  name: string;
  returns: number;
  returnsSet: boolean;
  rows: number;
  arguments: (TypedName & { optional: boolean })[];
  outputs: TypedName[];
}

export interface CatalogType {
  id: number;
  schema: string;
  name: string;
  /** `b`ase, `c`omposite, `d`omain, `e`num, `p`seudo, `r`ange, `m`ultirange. */
  kind: string;
  element: number | null;
  base: number | null;
  isRelation: boolean;
  labels: string[] | null;
  attributes: TypedName[] | null;
}

export interface Catalog {
  schemas: string[];
  relations: Relation[];
  functions: Routine[];
  types: CatalogType[];
}
