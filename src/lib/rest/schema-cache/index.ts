export { loadSchemaCache, type SchemaCacheOptions } from './load';
export type {
  Cardinality,
  Column,
  ColumnPair,
  ComputedRelationship,
  ForeignKeyRelationship,
  Junction,
  JunctionRelationship,
  QualifiedName,
  Relationship,
  Routine,
  RoutineParameter,
  RoutineResult,
  SchemaCache,
  Table,
} from './types';
export { isToOne, namingColumns, objectKey } from './types';
