// What the engine knows of a database: enough to plan any request without asking the catalogs again.
import type { MediaHandlers } from './media-handlers';

export interface QualifiedName {
  schema: string;
  name: string;
}

export interface Column {
  name: string;
  description: string | null;
  nullable: boolean;
  /** Domains resolved to their base type, without length: `integer`, `character varying`. */
  type: string;
  /** As declared, schema-qualified where the type is not in `pg_catalog`: `character varying(10)`, `api.colour`. */
  nominalType: string;
  maxLength: number | null;
  /** The default's SQL expression, for an identity column its `nextval(…)`; null where there is none. */
  defaultExpression: string | null;
  /** `GENERATED ALWAYS` (identity or expression): cannot be written. */
  generated: boolean;
  enumLabels: readonly string[];
  /** `*` leaves it out: the role that the cache is for may not read it. */
  hidden?: boolean;
}

/** A table, partitioned table, foreign table, view or materialised view. */
export interface Table extends QualifiedName {
  description: string | null;
  isView: boolean;
  insertable: boolean;
  updatable: boolean;
  deletable: boolean;
  /** Of a view: the columns that are its base table's primary key. */
  primaryKey: readonly string[];
  /** In the order of the catalog. */
  columns: ReadonlyMap<string, Column>;
}

/** `[column of the origin, column of the target]` */
export type ColumnPair = readonly [origin: string, target: string];

export interface Junction {
  table: QualifiedName;
  originConstraint: string;
  targetConstraint: string;
  /** `[column of the origin, column of the junction]` */
  originColumns: readonly ColumnPair[];
  /** `[column of the target, column of the junction]` */
  targetColumns: readonly ColumnPair[];
}

export type Cardinality = 'many-to-one' | 'one-to-many' | 'one-to-one';

interface RelationshipBase {
  origin: QualifiedName;
  target: QualifiedName;
  isSelf: boolean;
}

/** By a foreign key, of the tables themselves or of the tables under a view. */
export interface ForeignKeyRelationship extends RelationshipBase {
  kind: 'foreign-key';
  cardinality: Cardinality;
  constraint: string;
  columns: readonly ColumnPair[];
  originIsView: boolean;
  targetIsView: boolean;
  /** Of a one-to-one relationship: the target holds the foreign key. */
  originIsParent: boolean;
}

export interface JunctionRelationship extends RelationshipBase {
  kind: 'junction';
  junction: Junction;
  originIsView: boolean;
  targetIsView: boolean;
}

/** By a function of the origin's row that returns the target's rows. */
export interface ComputedRelationship extends RelationshipBase {
  kind: 'computed';
  function: QualifiedName;
  toOne: boolean;
}

export type Relationship = ForeignKeyRelationship | JunctionRelationship | ComputedRelationship;

export interface RoutineParameter {
  /** Empty for an unnamed parameter. */
  name: string;
  type: string;
  /** The type without a length that would cut or pad a value: `bit` → `bit varying`. */
  unlimitedType: string;
  required: boolean;
  variadic: boolean;
}

export interface RoutineResult {
  setOf: boolean;
  /** A relation's row type, a composite type, or OUT parameters. */
  composite: boolean;
  /** The row type's relation, or the scalar type; a domain's base. */
  type: QualifiedName;
}

export interface Routine extends QualifiedName {
  description: string | null;
  parameters: readonly RoutineParameter[];
  result: RoutineResult;
  volatility: 'volatile' | 'stable' | 'immutable';
  variadic: boolean;
  isolationLevel: string | null;
  /** Settings of the function itself (`SET … TO`) that must hold for the whole transaction. */
  settings: readonly (readonly [name: string, value: string])[];
}

export interface SchemaCache {
  /** Exposed schemas; the first is the default. */
  schemas: readonly string[];
  /** By `objectKey(name)`; of exposed schemas only. */
  tables: ReadonlyMap<string, Table>;
  /** By `objectKey(origin)`, then by the target's schema. */
  relationships: ReadonlyMap<string, ReadonlyMap<string, readonly Relationship[]>>;
  /** By `objectKey(name)`: every overload. */
  routines: ReadonlyMap<string, readonly Routine[]>;
  /** Functions of implicit casts from or to a domain, by `source\0target` (one of them `json` or `text`). */
  representations: ReadonlyMap<string, string>;
  mediaHandlers: MediaHandlers;
  /** Media types whose domain is over `bytea`, in lower case. */
  binaryMediaTypes: ReadonlySet<string>;
  /** Comments on the exposed schemas. */
  schemaDescriptions: ReadonlyMap<string, string>;
}

/** Key of a relation or routine in the maps of a `SchemaCache`. */
export function objectKey(object: QualifiedName): string {
  return `${object.schema}\0${object.name}`;
}

/**
 * The columns that tell a foreign key from others: not the fixed one, which has one value in all rows of a request.
 *
 * @param fixedColumn a column with this name at both ends is left out where there are others
 */
export function namingColumns(
  columns: readonly ColumnPair[],
  fixedColumn: string | undefined,
): readonly ColumnPair[] {
  if (columns.length === 1) return columns;
  return columns.filter(([origin, target]) => origin !== fixedColumn || target !== fixedColumn);
}

/** Whether embedding along it gives one object rather than an array. */
export function isToOne(relationship: Relationship): boolean {
  switch (relationship.kind) {
    case 'computed':
      return relationship.toOne;
    case 'junction':
      return false;
    case 'foreign-key':
      return relationship.cardinality !== 'one-to-many';
  }
}
