// A request as PostgREST's grammar reads it, before the schema cache is asked.

/** A value of the request: where it stands among the request's literals, so that a plan serves every value. */
export interface Literal {
  literal: number;
}

export interface JsonStep {
  /** `->` or `->>` */
  text: boolean;
  /** A key, or with `index` a position such as `+1` or `-2`. */
  operand: string;
  index: boolean;
}

export interface Field {
  name: string;
  path: readonly JsonStep[];
}

export type Aggregate = 'sum' | 'avg' | 'count' | 'max' | 'min';
export type JoinType = 'inner' | 'left';

export interface SelectField {
  kind: 'field';
  field: Field;
  alias?: string;
  cast?: string;
  aggregate?: Aggregate;
  aggregateCast?: string;
}

export interface SelectRelation {
  kind: 'relation' | 'spread';
  name: string;
  alias?: string;
  hint?: string;
  join?: JoinType;
  select: readonly SelectItem[];
}

export type SelectItem = SelectField | SelectRelation;

export type SimpleOperator = 'neq' | 'cs' | 'cd' | 'ov' | 'sl' | 'sr' | 'nxr' | 'nxl' | 'adj';
export type QuantifiableOperator = 'eq' | 'gte' | 'gt' | 'lte' | 'lt' | 'like' | 'ilike' | 'match' | 'imatch';
export type FullTextOperator = 'fts' | 'plfts' | 'phfts' | 'wfts';
export type IsValue = 'null' | 'not_null' | 'true' | 'false' | 'unknown';

export type Operation =
  | { kind: 'simple'; operator: SimpleOperator; value: Literal }
  | { kind: 'quantified'; operator: QuantifiableOperator; quantifier?: 'any' | 'all'; value: Literal }
  /** The literal is an array literal of the elements. */
  | { kind: 'in'; value: Literal }
  | { kind: 'is'; value: IsValue }
  | { kind: 'isdistinct'; value: Literal }
  | { kind: 'full-text'; operator: FullTextOperator; language?: string; value: Literal };

export interface Filter {
  field: Field;
  negated: boolean;
  operation: Operation;
}

export type LogicTree =
  | { kind: 'filter'; filter: Filter }
  | { kind: 'logic'; negated: boolean; operator: 'and' | 'or'; children: readonly LogicTree[] };

export type Direction = 'asc' | 'desc';
export type Nulls = 'nullsfirst' | 'nullslast';

export interface OrderTerm {
  /** The embedded resource whose field it is. */
  relation?: string;
  field: Field;
  direction?: Direction;
  nulls?: Nulls;
}

/** Names of embedded resources from the root down; empty for the root. */
export type EmbedPath = readonly string[];

export interface QueryParameters {
  select: readonly SelectItem[];
  filters: readonly { path: EmbedPath; filter: Filter }[];
  logic: readonly { path: EmbedPath; tree: LogicTree }[];
  order: readonly { path: EmbedPath; terms: readonly OrderTerm[] }[];
  /** Levels with a limit or an offset; their numbers are the request's. `key` is what they are listed under. */
  ranges: readonly { path: EmbedPath; key: string }[];
  columns?: ReadonlySet<string>;
  onConflict?: readonly string[];
  /** Arguments of a function, in the order given. */
  arguments: readonly { name: string; value: Literal }[];
  /** Keys of the filter parameters as written. */
  filterKeys: ReadonlySet<string>;
}

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
export type Mutation = 'create' | 'update' | 'upsert' | 'delete';

export type Action =
  | { kind: 'read'; headersOnly: boolean }
  | { kind: 'mutate'; mutation: Mutation }
  | { kind: 'call'; how: 'get' | 'head' | 'post' }
  | { kind: 'info' }
  | { kind: 'call-info' };
