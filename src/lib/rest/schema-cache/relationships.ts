// Relationships: from foreign keys, the views over their tables, junction tables and functions of a row.
import type { ComputedRow, ForeignKeyRow, KeyRow } from './catalog-rows';
import {
  type ColumnPair,
  type ForeignKeyRelationship,
  type JunctionRelationship,
  objectKey,
  type Relationship,
  type Table,
} from './types';
import type { Side, ViewColumns } from './views';

/** Every relationship by its origin, then by its target's schema. */
export function buildRelationships(
  schemas: ReadonlySet<string>,
  tables: ReadonlyMap<string, Table>,
  primaryKeys: ReadonlyMap<string, readonly string[]>,
  foreignKeys: readonly ForeignKeyRow[],
  keys: readonly KeyRow[],
  computed: readonly ComputedRow[],
  views: ViewColumns,
): Map<string, Map<string, Relationship[]>> {
  const direct = withViews(foreignKeys, isUnique(keys), views);
  const junctions = withJunctions(direct, primaryKeys);
  const inverse = direct.map(inverted);
  const overridden = new Map<string, Relationship[]>();
  for (const relationship of [...direct, ...inverse, ...junctions]) {
    push(overridden, `${objectKey(relationship.origin)}\0${objectKey(relationship.target)}`, relationship);
  }
  // A function named like the target goes before what the foreign keys say.
  for (const row of computed) {
    const relationship = computedRelationship(row);
    overridden.set(`${objectKey(relationship.origin)}\0${objectKey(relationship.function)}`, [relationship]);
  }
  const byOrigin = new Map<string, Map<string, Relationship[]>>();
  for (const relationship of [...overridden.values()].flat()) {
    const { origin, target } = relationship;
    if (!tables.has(objectKey(origin)) || !schemas.has(target.schema)) continue;
    const targetSchema = relationship.kind === 'computed' ? relationship.function.schema : target.schema;
    let bySchema = byOrigin.get(objectKey(origin));
    if (!bySchema) {
      bySchema = new Map();
      byOrigin.set(objectKey(origin), bySchema);
    }
    // A junction table that is not exposed cannot be embedded through. It still counts: a hint
    // then looks for another target, not for another origin.
    if (!bySchema.has(targetSchema)) bySchema.set(targetSchema, []);
    if (relationship.kind !== 'junction' || schemas.has(relationship.junction.table.schema))
      push(bySchema, targetSchema, relationship);
  }
  for (const bySchema of byOrigin.values()) {
    for (const relationships of bySchema.values()) relationships.sort(byTargetThenCardinality);
  }
  return byOrigin;
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}

/** Whether these columns of a table are a whole primary or unique key: then the relationship is one-to-one. */
function isUnique(keys: readonly KeyRow[]): (relation: number, columns: readonly number[]) => boolean {
  const signatures = new Set(
    keys.map(([relation, , columns]) =>
      signature(
        relation,
        columns.map((c) => c[1]),
      ),
    ),
  );
  return (relation, columns) => signatures.has(signature(relation, columns));
}

function signature(relation: number, columns: readonly number[]): string {
  return `${relation}:${[...columns].sort((a, b) => a - b).join(',')}`;
}

/** A foreign key relates the tables, and every view that shows its columns on either side. */
function withViews(
  foreignKeys: readonly ForeignKeyRow[],
  unique: (relation: number, columns: readonly number[]) => boolean,
  views: ViewColumns,
): ForeignKeyRelationship[] {
  const relationships: ForeignKeyRelationship[] = [];
  for (const [
    constraint,
    originOid,
    originSchema,
    originName,
    targetOid,
    targetSchema,
    targetName,
    pairs,
  ] of foreignKeys) {
    const originColumns = pairs.map((pair) => pair[1]);
    const cardinality = unique(originOid, originColumns) ? 'one-to-one' : 'many-to-one';
    const origins: Side[] = [
      {
        name: { schema: originSchema, name: originName },
        columns: pairs.map((pair) => pair[0]),
        isView: false,
      },
      ...views.showing(originOid, originColumns),
    ];
    const targets: Side[] = [
      {
        name: { schema: targetSchema, name: targetName },
        columns: pairs.map((pair) => pair[2]),
        isView: false,
      },
      ...views.showing(
        targetOid,
        pairs.map((pair) => pair[3]),
      ),
    ];
    for (const origin of origins) {
      for (const target of targets) {
        relationships.push({
          kind: 'foreign-key',
          origin: origin.name,
          target: target.name,
          isSelf: objectKey(origin.name) === objectKey(target.name),
          cardinality,
          constraint,
          columns: origin.columns.map((column, index): ColumnPair => [column, target.columns[index] ?? '']),
          originIsView: origin.isView,
          targetIsView: target.isView,
          originIsParent: false,
        });
      }
    }
  }
  return relationships;
}

function inverted(relationship: ForeignKeyRelationship): ForeignKeyRelationship {
  return {
    ...relationship,
    origin: relationship.target,
    target: relationship.origin,
    cardinality: relationship.cardinality === 'many-to-one' ? 'one-to-many' : 'one-to-one',
    columns: relationship.columns.map(([origin, target]): ColumnPair => [target, origin]),
    originIsView: relationship.targetIsView,
    targetIsView: relationship.originIsView,
    originIsParent: !relationship.originIsParent,
  };
}

/** Two foreign keys of one table whose columns are all in its primary key join their targets many-to-many. */
function withJunctions(
  relationships: readonly ForeignKeyRelationship[],
  primaryKeys: ReadonlyMap<string, readonly string[]>,
): JunctionRelationship[] {
  const byOrigin = new Map<string, ForeignKeyRelationship[]>();
  for (const relationship of relationships) {
    if (relationship.cardinality !== 'many-to-one') continue;
    push(byOrigin, objectKey(relationship.origin), relationship);
  }
  const junctions: JunctionRelationship[] = [];
  for (const [key, candidates] of byOrigin) {
    const primaryKey = new Set(primaryKeys.get(key) ?? []);
    const inKey = candidates.filter(({ columns }) => columns.every(([column]) => primaryKey.has(column)));
    for (const first of inKey) {
      for (const second of inKey) {
        if (first.constraint === second.constraint) continue;
        junctions.push({
          kind: 'junction',
          origin: first.target,
          target: second.target,
          isSelf: objectKey(first.target) === objectKey(second.target),
          junction: {
            table: first.origin,
            originConstraint: first.constraint,
            targetConstraint: second.constraint,
            originColumns: first.columns.map(([own, other]): ColumnPair => [other, own]),
            targetColumns: second.columns.map(([own, other]): ColumnPair => [other, own]),
          },
          originIsView: first.targetIsView,
          targetIsView: second.targetIsView,
        });
      }
    }
  }
  return junctions;
}

function computedRelationship(row: ComputedRow): Relationship & { kind: 'computed' } {
  const [functionSchema, functionName, originSchema, originName, targetSchema, targetName, toOne] = row;
  return {
    kind: 'computed',
    function: { schema: functionSchema, name: functionName },
    origin: { schema: originSchema, name: originName },
    target: { schema: targetSchema, name: targetName },
    isSelf: originSchema === targetSchema && originName === targetName,
    toOne,
  };
}

const CARDINALITIES = ['one-to-many', 'many-to-one', 'one-to-one', 'many-to-many'];

/** The order in which an ambiguity's candidates are listed. */
function byTargetThenCardinality(a: Relationship, b: Relationship): number {
  return compare(sortKey(a), sortKey(b));
}

function sortKey(relationship: Relationship): readonly string[] {
  const { target } = relationship;
  if (relationship.kind === 'computed') return ['~', relationship.function.name];
  const cardinality = relationship.kind === 'junction' ? 'many-to-many' : relationship.cardinality;
  const constraints =
    relationship.kind === 'junction'
      ? [
          relationship.junction.table.name,
          relationship.junction.originConstraint,
          relationship.junction.targetConstraint,
        ]
      : [relationship.constraint, ...relationship.columns.flat()];
  return [target.schema, target.name, String(CARDINALITIES.indexOf(cardinality)), ...constraints];
}

function compare(a: readonly string[], b: readonly string[]): number {
  for (const [index, part] of a.entries()) {
    const other = b[index] ?? '';
    if (part !== other) return part < other ? -1 : 1;
  }
  return 0;
}
