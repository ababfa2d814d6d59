// Filters and logic trees.
import type { FullTextOperator, Operation, QuantifiableOperator, SimpleOperator } from '../api-request/types';
import type { JoinCondition, PlannedCondition, PlannedField, ReadNode, RelationColumn } from '../plan/types';
import type { QualifiedName } from '../schema-cache';
import { fieldSql, languageSql } from './fields';
import { column, identifier, joined, parameter, type Sql, sql } from './sql';

const SIMPLE: Readonly<Record<SimpleOperator, string>> = {
  neq: '<>',
  cs: '@>',
  cd: '<@',
  ov: '&&',
  sl: '<<',
  sr: '>>',
  nxr: '&<',
  nxl: '&>',
  adj: '-|-',
};

const QUANTIFIABLE: Readonly<Record<QuantifiableOperator, string>> = {
  eq: '=',
  gte: '>=',
  gt: '>',
  lte: '<=',
  lt: '<',
  like: 'like',
  ilike: 'ilike',
  match: '~',
  imatch: '~*',
};

const FULL_TEXT: Readonly<Record<FullTextOperator, string>> = {
  fts: 'to_tsquery',
  plfts: 'plainto_tsquery',
  phfts: 'phraseto_tsquery',
  wfts: 'websearch_to_tsquery',
};

const IS = {
  null: 'null',
  not_null: 'not null',
  true: 'true',
  false: 'false',
  unknown: 'unknown',
} as const;

/** How `embedded=is.null` is asked: of the joined rows, or in a count by EXISTS. */
export type EmbeddedNull = (child: ReadNode, negated: boolean) => Sql;

export const joinedRowIsNull: EmbeddedNull = (child, negated) => [
  `${identifier(child.aggregateAlias)} is ${negated ? '' : 'not '}distinct from null`,
];

export function conditionSql(
  relation: QualifiedName,
  condition: PlannedCondition,
  embeddedNull: EmbeddedNull = joinedRowIsNull,
): Sql {
  switch (condition.kind) {
    case 'embed-null':
      return embeddedNull(condition.child, condition.negated);
    case 'logic': {
      const children = condition.children.map((child) => conditionSql(relation, child, embeddedNull));
      return sql`${condition.negated ? 'not ' : ''}(${joined(children, ` ${condition.operator} `)})`;
    }
    case 'filter': {
      const { field, negated, operation } = condition;
      return sql`${negated ? 'not ' : ''}${fieldSql(relation, field)} ${operationSql(field, operation)}`;
    }
  }
}

function operationSql(field: PlannedField, operation: Operation): Sql {
  switch (operation.kind) {
    case 'is':
      return [`is ${IS[operation.value]}`];
    case 'in':
      return sql`= any (${listSql(field, parameter({ kind: 'literal', ...operation.value }))})`;
    case 'isdistinct':
      return sql`is distinct from ${parameter({ kind: 'literal', ...operation.value })}`;
    case 'full-text': {
      const value = parameter({ kind: 'literal', ...operation.value });
      return sql`@@ ${FULL_TEXT[operation.operator]}(${languageSql(operation.language)}${value})`;
    }
    case 'simple': {
      const value = valueSql(field, parameter({ kind: 'literal', ...operation.value }));
      return sql`${SIMPLE[operation.operator]} ${value}`;
    }
    case 'quantified': {
      const { operator, quantifier } = operation;
      const given = parameter({ kind: 'literal', ...operation.value });
      const value = operator === 'like' || operator === 'ilike' ? given : valueSql(field, given);
      return sql`${QUANTIFIABLE[operator]} ${quantifier ? sql`${quantifier}(${value})` : value}`;
    }
  }
}

function valueSql({ transform }: PlannedField, value: Sql): Sql {
  return transform === undefined ? value : sql`${transform}(${value})`;
}

function listSql({ transform }: PlannedField, value: Sql): Sql {
  return transform === undefined ? value : sql`select ${transform}(unnest(${value}::text[]))`;
}

export function fixedSql({ table, column: name }: RelationColumn): Sql {
  return sql`${column(table, name)} = ${parameter({ kind: 'fixed' })}`;
}

export function joinConditionSql({ left, right }: JoinCondition): Sql {
  return [`${column(left.table, left.column)} = ${column(right.table, right.column)}`];
}
