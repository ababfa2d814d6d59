// The foreign keys of a relation, those that a view shows among them, as the client reads them to infer embedded types.
import { namingColumns, objectKey, type QualifiedName, type SchemaCache } from '../schema-cache';

export interface Relationship {
  foreignKeyName: string;
  columns: string[];
  isOneToOne: boolean;
  referencedRelation: string;
  referencedColumns: string[];
}

/**
 * To relations of the same schema, by the foreign key's name, then by what it refers to.
 *
 * @param fixedColumn left out, as in the hints that requests with a fixed filter of it may give
 */
export function relationshipsOf(
  relation: QualifiedName,
  cache: SchemaCache,
  fixedColumn?: string,
): Relationship[] {
  const known = cache.relationships.get(objectKey(relation))?.get(relation.schema) ?? [];
  return known
    .flatMap((relationship): Relationship[] => {
      if (relationship.kind !== 'foreign-key') return [];
      const { cardinality, constraint, columns, target } = relationship;
      const isOneToOne = cardinality === 'one-to-one';
      const refers = cardinality === 'many-to-one' || (isOneToOne && !relationship.originIsParent);
      if (!refers) return [];
      const naming = namingColumns(columns, fixedColumn);
      return [
        {
          foreignKeyName: constraint,
          columns: naming.map(([own]) => own),
          isOneToOne,
          referencedRelation: target.name,
          referencedColumns: naming.map(([, referenced]) => referenced),
        },
      ];
    })
    .sort(
      (a, b) =>
        compare(a.foreignKeyName, b.foreignKeyName) || compare(a.referencedRelation, b.referencedRelation),
    );
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
