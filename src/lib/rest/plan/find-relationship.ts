// Which relationship `target!hint` names, seen from an origin.
import { EngineError } from '../errors';
import { isToOne, namingColumns, objectKey, type Relationship, type SchemaCache } from '../schema-cache';
import { closest, fuzzyMatches } from './fuzzy';
import type { ReadNode } from './types';

/**
 * @param fixedColumn of the request's fixed filter: a foreign key with one more column is also named by that one
 * @throws EngineError PGRST200 there is none, PGRST201 there are several
 */
export function findRelationship(
  cache: SchemaCache,
  schema: string,
  origin: string,
  { name: target, hint }: Pick<ReadNode, 'name' | 'hint'>,
  fixedColumn: string | undefined,
): Relationship {
  const all = cache.relationships.get(objectKey({ schema, name: origin }))?.get(schema) ?? [];
  const found = all.filter((relationship) => isMeant(relationship, target, hint, fixedColumn));
  const [only] = found;
  if (!only) throw missing(cache, schema, origin, target, hint);
  if (found.length > 1) throw ambiguous(origin, target, found);
  return only;
}

function isMeant(
  relationship: Relationship,
  target: string,
  hint: string | undefined,
  fixedColumn: string | undefined,
): boolean {
  if (relationship.kind === 'computed') return target === relationship.function.name;
  const named = target === relationship.target.name;
  if (relationship.kind === 'junction') {
    if (relationship.isSelf || !named) return false;
    return hint === undefined || hint === relationship.junction.table.name;
  }
  const naming = namingColumns(relationship.columns, fixedColumn);
  const [originColumn, targetColumn] = (naming.length === 1 && naming[0]) || [];
  if (relationship.isSelf) {
    // One foreign key gives two relationships: the table's name means the children, the column's the parent.
    const { cardinality } = relationship;
    if (hint !== undefined) return named && cardinality === 'one-to-many' && hint === targetColumn;
    return (
      (named && cardinality === 'one-to-many') || (target === originColumn && cardinality === 'many-to-one')
    );
  }
  if (hint !== undefined) {
    return named && (hint === relationship.constraint || hint === originColumn || hint === targetColumn);
  }
  if (named) return true;
  return !relationship.targetIsView && (target === relationship.constraint || target === originColumn);
}

function missing(
  cache: SchemaCache,
  schema: string,
  origin: string,
  target: string,
  hint: string | undefined,
): EngineError {
  const withHint = hint === undefined ? '' : `' using the hint '${hint}`;
  return new EngineError(
    'PGRST200',
    400,
    `Could not find a relationship between '${origin}' and '${target}' in the schema cache`,
    {
      details: `Searched for a foreign key relationship between '${origin}' and '${target}${withHint}' in the schema '${schema}', but no matches were found.`,
      hint: suggestion(cache, schema, origin, target),
    },
  );
}

function suggestion(cache: SchemaCache, schema: string, origin: string, target: string): string | undefined {
  const known = cache.relationships.get(objectKey({ schema, name: origin }))?.get(schema);
  if (!known) {
    const origins = [...cache.relationships].flatMap(([key, bySchema]) =>
      bySchema.has(schema) ? [key.slice(key.indexOf('\0') + 1)] : [],
    );
    const found = closest(origins, origin);
    return found && `Perhaps you meant '${found}' instead of '${origin}'.`;
  }
  const [found] = fuzzyMatches(
    known.map((relationship) => relationship.target.name),
    target,
  );
  return found && found.score < 1 ? `Perhaps you meant '${found.value}' instead of '${target}'.` : undefined;
}

function ambiguous(origin: string, target: string, found: readonly Relationship[]): EngineError {
  const hints = found.map((relationship) => `'${relationship.target.name}!${hintFor(relationship)}'`);
  return new EngineError(
    'PGRST201',
    300,
    `Could not embed because more than one relationship was found for '${origin}' and '${target}'`,
    {
      details: found.map(described),
      hint: `Try changing '${target}' to one of the following: ${hints.join(', ')}. Find the desired relationship in the 'details' key.`,
    },
  );
}

function hintFor(relationship: Relationship): string {
  if (relationship.kind === 'junction') return relationship.junction.table.name;
  return relationship.kind === 'computed' ? relationship.function.name : relationship.constraint;
}

function described(relationship: Relationship): object {
  const { origin, target } = relationship;
  const embedding = `${origin.name} with ${target.name}`;
  if (relationship.kind === 'computed') {
    return { embedding, cardinality: isToOne(relationship) ? 'many-to-one' : 'one-to-many' };
  }
  if (relationship.kind === 'junction') {
    const { table, originConstraint, originColumns, targetConstraint, targetColumns } = relationship.junction;
    const own = originColumns.map(([, column]) => column);
    const other = targetColumns.map(([, column]) => column);
    return {
      cardinality: 'many-to-many',
      embedding,
      relationship: `${table.name} using ${originConstraint}${listed(own)} and ${targetConstraint}${listed(other)}`,
    };
  }
  const { cardinality, constraint, columns } = relationship;
  const own = columns.map(([column]) => column);
  const other = columns.map(([, column]) => column);
  return {
    cardinality,
    embedding,
    relationship: `${constraint} using ${origin.name}${listed(own)} and ${target.name}${listed(other)}`,
  };
}

function listed(names: readonly string[]): string {
  return `(${names.join(', ')})`;
}
