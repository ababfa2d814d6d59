// Columns, JSON paths, casts and aggregates.
import type { JsonStep } from '../api-request/types';
import type { PlannedField, PlannedOrder, PlannedSelect, SpreadField } from '../plan/types';
import type { QualifiedName } from '../schema-cache';
import { column, constant, identifier, joined, nothing, type Sql, sql } from './sql';

export function fieldSql(relation: QualifiedName, field: PlannedField): Sql {
  const plain = plainFieldSql(relation, field);
  if (!field.toTextVector) return plain;
  return sql`to_tsvector(${languageSql(field.toTextVector.language)}${plain})`;
}

function plainFieldSql(relation: QualifiedName, field: PlannedField): Sql {
  if (field.wholeRow) return [identifier(relation.name)];
  const own = column(relation, field.name);
  if (field.path.length === 0) return [own];
  return sql`${field.toJson ? `to_jsonb(${own})` : own}${jsonPathSql(field.path)}`;
}

export function languageSql(language: string | undefined): Sql {
  return language === undefined ? nothing : sql`${constant(language)}, `;
}

function jsonPathSql(path: readonly JsonStep[]): Sql {
  return path.flatMap(
    ({ text, operand, index }) => sql`${text ? '->>' : '->'}${constant(operand)}${index ? '::int' : ''}`,
  );
}

export function selectSql(relation: QualifiedName, select: PlannedSelect): Sql {
  const { field, cast, aggregate, aggregateCast, alias } = select;
  const shown =
    field.transform === undefined
      ? fieldSql(relation, field)
      : sql`${field.transform}(${fieldSql(relation, field)})`;
  return sql`${aggregateSql(castSql(shown, cast), aggregate, aggregateCast)}${aliasSql(alias)}`;
}

/** A field of a resource spread into this one. */
export function spreadSelectSql(from: string, field: SpreadField): Sql {
  const { name, aggregate, aggregateCast, alias } = field;
  const shown = [column({ schema: '', name: from }, name)];
  return sql`${aggregateSql(shown, aggregate, aggregateCast)}${aliasSql(alias)}`;
}

/** Type names are not quoted, so that `int` and `double precision` work; the grammar leaves letters, digits, `_`, `$`, blanks. */
function castSql(value: Sql, type: string | undefined): Sql {
  return type === undefined ? value : sql`cast( ${value} as ${type} )`;
}

function aggregateSql(value: Sql, aggregate: string | undefined, cast: string | undefined): Sql {
  return aggregate === undefined ? value : castSql(sql`${aggregate}(${value})`, cast);
}

export function aliasSql(alias: string | undefined): string {
  return alias === undefined ? '' : ` as ${identifier(alias)}`;
}

export function orderSql(relation: QualifiedName, order: readonly PlannedOrder[]): Sql {
  if (order.length === 0) return nothing;
  const terms = order.map(({ relation: embedded, field, direction, nulls }) => {
    const from = embedded === undefined ? relation : { schema: '', name: embedded };
    const nullsSql = nulls && (nulls === 'nullsfirst' ? ' nulls first' : ' nulls last');
    return sql`${fieldSql(from, field)}${direction ? ` ${direction}` : ''}${nullsSql ?? ''}`;
  });
  return sql` order by ${joined(terms, ', ')}`;
}
