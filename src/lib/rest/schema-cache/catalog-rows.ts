// The shapes of `catalog.sql`'s JSON, in the order of its columns.

export type ColumnRow = [
  name: string,
  description: string | null,
  nullable: boolean,
  type: string,
  nominalType: string,
  maxLength: number | null,
  defaultExpression: string | null,
  generated: boolean,
  enumLabels: string[],
];

export type TableRow = [
  oid: number,
  schema: string,
  name: string,
  description: string | null,
  isView: boolean,
  /** `1 << CMD_UPDATE | 1 << CMD_INSERT | 1 << CMD_DELETE` */
  updatable: number,
  columns: ColumnRow[],
];

export type KeyRow = [relation: number, primary: boolean, columns: [name: string, attnum: number][]];

export type ForeignKeyRow = [
  constraint: string,
  originOid: number,
  originSchema: string,
  originName: string,
  targetOid: number,
  targetSchema: string,
  targetName: string,
  columns: [origin: string, originAttnum: number, target: string, targetAttnum: number][],
];

export type ViewRow = [
  oid: number,
  schema: string,
  name: string,
  columns: [attnum: number, name: string][],
  queryTree: string,
];

export type RoutineRow = [
  schema: string,
  name: string,
  description: string | null,
  parameters: [name: string, type: string, unlimitedType: string, required: boolean, variadic: boolean][],
  setOf: boolean,
  composite: boolean,
  resultSchema: string,
  resultName: string,
  volatility: 'v' | 's' | 'i',
  variadic: boolean,
  isolationLevel: string | null,
  settings: [name: string, value: string][],
];

export type ComputedRow = [
  functionSchema: string,
  functionName: string,
  originSchema: string,
  originName: string,
  targetSchema: string,
  targetName: string,
  toOne: boolean,
];

export type RepresentationRow = [source: string, target: string, functionName: string];
