// The plan: the request in terms of the schema cache, before SQL.
import type {
  Aggregate,
  Direction,
  JoinType,
  JsonStep,
  Mutation,
  Nulls,
  Operation,
} from '../api-request/types';
import type { QualifiedName, Relationship, Routine, RoutineParameter } from '../schema-cache';
import type { ResolvedHandler } from '../schema-cache/media-handlers';

/** A column, a computed field or an unknown name, with what it takes to read or compare it. */
export interface PlannedField {
  /** `*` for all columns. */
  name: string;
  path: readonly JsonStep[];
  /** A JSON path goes through `to_jsonb`: the column is not JSON itself. */
  toJson: boolean;
  /** The declared type; empty where the name is not a column. */
  type: string;
  /** Compare `to_tsvector([language,] column)`. */
  toTextVector?: { language?: string };
  /** A data representation's function. */
  transform?: string;
  /** The column's default, for `missing=default`. */
  defaultExpression?: string;
  /** The row itself, so that rows missing from an outer join are not counted. */
  wholeRow?: boolean;
}

export interface PlannedSelect {
  field: PlannedField;
  aggregate?: Aggregate;
  aggregateCast?: string;
  cast?: string;
  alias?: string;
}

export type PlannedCondition =
  | { kind: 'filter'; field: PlannedField; negated: boolean; operation: Operation }
  | { kind: 'embed-null'; negated: boolean; child: ReadNode }
  | { kind: 'logic'; negated: boolean; operator: 'and' | 'or'; children: readonly PlannedCondition[] };

export interface PlannedOrder {
  /** The alias of an embedded to-one resource whose field it is. */
  relation?: string;
  field: PlannedField;
  direction?: Direction;
  nulls?: Nulls;
}

/** A column of a relation, by the name that the relation has in the statement. */
export interface RelationColumn {
  table: QualifiedName;
  column: string;
}

export interface JoinCondition {
  left: RelationColumn;
  right: RelationColumn;
}

/** A field of a spread resource, as its parent selects it. */
export interface SpreadField {
  name: string;
  aggregate?: Aggregate;
  aggregateCast?: string;
  alias?: string;
}

export type EmbeddedSelect =
  | { kind: 'json'; name: string; toOne: boolean; empty: boolean; child: ReadNode }
  | { kind: 'spread'; fields: readonly SpreadField[]; child: ReadNode };

/** What a spread to-many resource must select besides, to be ordered after it is aggregated. */
export interface SpreadOrder {
  extra: readonly { relation?: string; select: PlannedSelect }[];
  order: readonly PlannedOrder[];
}

export interface ReadNode {
  /** Empty schema: the common table expression of a write or a call. */
  from: QualifiedName;
  fromAlias?: string;
  select: PlannedSelect[];
  where: PlannedCondition[];
  order: PlannedOrder[];
  /** Where the request's limit and offset for this level are listed; none: all rows. */
  rangeKey?: string;
  /** As written: a relation, foreign key column or constraint. */
  name: string;
  alias?: string;
  /** A filter, order or limit named it by `name` although it has an alias: deprecated by PostgREST 16. */
  namedByTarget?: true;
  hint?: string;
  join?: JoinType;
  spread?: 'to-one' | 'to-many';
  spreadOrder?: SpreadOrder;
  relationship?: Relationship;
  /** Of a computed relationship: what its function is called with. */
  argument?: { alias: string; type: QualifiedName };
  joinConditions: JoinCondition[];
  /** Columns that have the request's fixed value: the relation's, and that of the junction which leads to it. */
  fixed: RelationColumn[];
  /** The parent's alias for this level's rows. */
  aggregateAlias: string;
  embedded: EmbeddedSelect[];
  children: ReadNode[];
  depth: number;
}

export interface ReadPlan {
  kind: 'read';
  target: QualifiedName;
  /** What tells the target's rows apart; empty where nothing is known to. */
  primaryKey: readonly string[];
  root: ReadNode;
  handler: ResolvedHandler;
  headersOnly: boolean;
}

export interface MutatePlan {
  kind: 'mutate';
  target: QualifiedName;
  mutation: Mutation;
  root: ReadNode;
  handler: ResolvedHandler;
  /** Columns written, in alphabetical order. */
  columns: readonly PlannedField[];
  /** The body is one object rather than an array. */
  isObject: boolean;
  applyDefaults: boolean;
  conflict?: { resolution: 'merge-duplicates' | 'ignore-duplicates'; columns: readonly string[] };
  where: readonly PlannedCondition[];
  /** The column that changed rows have the request's fixed value in. */
  fixed: RelationColumn[];
  /** Columns that embedding and the representation need; empty: none. */
  returning: readonly string[];
  primaryKey: readonly string[];
  location: boolean;
}

export type CallArguments =
  /** The whole body is the one unnamed parameter. */
  | { kind: 'body'; parameter: RoutineParameter }
  /** From the body's keys, or from the query or form. */
  | { kind: 'json' | 'direct'; parameters: readonly RoutineParameter[] };

export interface CallPlan {
  kind: 'call';
  routine: Routine;
  how: 'get' | 'head' | 'post';
  root: ReadNode;
  handler: ResolvedHandler;
  arguments: CallArguments;
  isObject: boolean;
  returning: readonly string[];
  filterFields: readonly string[];
  readOnly: boolean;
}

export type Plan = ReadPlan | MutatePlan | CallPlan;
