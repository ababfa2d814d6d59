// A tree of levels → one SELECT with a lateral join for each embedded resource.
import type { EmbeddedSelect, PlannedSelect, ReadNode } from '../plan/types';
import type { QualifiedName } from '../schema-cache';
import { boundedRows, boundedValues } from './bounded';
import { conditionSql, type EmbeddedNull, joinConditionSql } from './conditions';
import { aliasSql, fieldSql, orderSql, selectSql, spreadSelectSql } from './fields';
import { column, identifier, joined, nothing, parameter, qualified, type Sql, sql } from './sql';

const EVERYTHING: PlannedSelect = { field: { name: '*', path: [], toJson: false, type: '' } };

export interface Reading {
  /** Whether a level has a limit: its own, or that of every level. */
  ranged(level: string | undefined): boolean;
  /** Embedded lists are measured, and refused as they become too many rows or too large. */
  bounded: boolean;
}

export function readSql(node: ReadNode, reading: Reading): Sql {
  const relation = relationOf(node);
  // A SELECT needs a column; one that is not returned is left out when rows are aggregated.
  const own = node.select.length === 0 && node.children.length === 0 ? [EVERYTHING] : node.select;
  const selected = [
    ...own.map((select) => selectSql(relation, select)),
    ...(node.spreadOrder?.extra ?? []).map(({ relation: embedded, select }) =>
      selectSql(embedded === undefined ? relation : { schema: '', name: embedded }, select),
    ),
    ...node.embedded.flatMap(embeddedSelectSql),
  ];
  const joins = node.embedded.flatMap((embedded) => embeddedJoinSql(embedded, reading));
  return sql`select ${joined(selected, ', ')}${fromSql(node)}${joins}${whereSql(node, relation)}${groupSql(node, relation)}${orderSql(relation, node.order)}${rangeSql(node, reading)}`;
}

/** What columns are qualified with. */
function relationOf({ relationship, from, fromAlias }: ReadNode): QualifiedName {
  if (relationship?.kind === 'computed') return { schema: '', name: fromAlias ?? relationship.function.name };
  return fromAlias === undefined ? from : { schema: '', name: fromAlias };
}

function fromSql({ relationship, argument, from, fromAlias }: ReadNode): Sql {
  const alias = aliasSql(fromAlias);
  if (relationship?.kind === 'computed' && argument) {
    // The cast picks one of overloaded functions where the argument is a common table expression's row.
    return [
      ` from ${qualified(relationship.function)}(${identifier(argument.alias)}::${qualified(argument.type)})${alias}`,
    ];
  }
  const junction = relationship?.kind === 'junction' ? `, ${qualified(relationship.junction.table)}` : '';
  return [` from ${qualified(from)}${alias}${junction}`];
}

function whereSql(node: ReadNode, relation: QualifiedName): Sql {
  const conditions = [
    ...node.where.map((condition) => conditionSql(relation, condition)),
    ...node.joinConditions.map(joinConditionSql),
  ];
  return conditions.length === 0 ? nothing : sql` where ${joined(conditions, ' and ')}`;
}

function rangeSql({ rangeKey, depth }: ReadNode, reading: Reading): Sql {
  if (!reading.ranged(rangeKey)) return nothing;
  const level = rangeKey ?? `\0${depth}`;
  return sql` limit ${parameter({ kind: 'limit', level })} offset ${parameter({ kind: 'offset', level })}`;
}

function embeddedSelectSql(embedded: EmbeddedSelect): Sql[] {
  const rows = identifier(embedded.child.aggregateAlias);
  if (embedded.kind === 'spread') {
    return embedded.fields.map((field) => spreadSelectSql(embedded.child.aggregateAlias, field));
  }
  if (embedded.empty) return [];
  const name = identifier(embedded.name);
  if (embedded.toOne) return [[`row_to_json(${rows}.*)::jsonb as ${name}`]];
  return [[`coalesce( ${rows}.${rows}, '[]') as ${name}`]];
}

function embeddedJoinSql(embedded: EmbeddedSelect, reading: Reading): Sql {
  const { child } = embedded;
  const rows = identifier(child.aggregateAlias);
  const inner = child.join === 'inner';
  const toMany = embedded.kind === 'json' ? !embedded.toOne : child.spread === 'to-many';
  const query = readSql(child, reading);
  const joinKind = inner ? ' inner' : ' left';
  if (!toMany) return sql`${joinKind} join lateral ( ${query} ) as ${rows} on true`;
  const condition = inner ? `${rows} is not null` : 'true';
  if (reading.bounded && embedded.kind === 'json') {
    const values = boundedValues(query, 'json');
    return sql`${joinKind} join lateral ( select json_agg(value)::jsonb as ${rows} from (${values}) as bounded ) as ${rows} on ${condition}`;
  }
  const arrays =
    embedded.kind === 'spread'
      ? embedded.fields.map(({ name, alias }) => {
          const order = orderSql({ schema: '', name: child.aggregateAlias }, child.spreadOrder?.order ?? []);
          const value = column({ schema: '', name: child.aggregateAlias }, name);
          return sql`, coalesce(json_agg(${value}${order}), '[]')::jsonb as ${identifier(alias ?? name)}`;
        })
      : [];
  return sql`${joinKind} join lateral ( select json_agg(${rows})::jsonb as ${rows}${arrays.flat()} from (${reading.bounded ? boundedRows(query) : query} ) as ${rows} ) as ${rows} on ${condition}`;
}

function groupSql(node: ReadNode, relation: QualifiedName): Sql {
  const aggregated =
    node.select.some((select) => select.aggregate) ||
    node.embedded.some(
      (embedded) => embedded.kind === 'spread' && embedded.fields.some((field) => field.aggregate),
    );
  if (!aggregated) return nothing;
  const terms: Sql[] = [
    ...node.select.flatMap(({ aggregate, alias, field }) => {
      if (aggregate) return [];
      return [alias === undefined ? fieldSql(relation, field) : [identifier(alias)]];
    }),
    ...node.embedded.flatMap((embedded) => {
      if (embedded.kind === 'json') return embedded.empty ? [] : [[identifier(embedded.name)]];
      return embedded.fields.flatMap(({ aggregate, name, alias }) =>
        aggregate ? [] : [[column({ schema: '', name: embedded.child.aggregateAlias }, alias ?? name)]],
      );
    }),
  ];
  return terms.length === 0 ? nothing : sql` group by ${joined(terms, ', ')}`;
}

/** The rows that a read would have without its limit: inner joins and null filters become EXISTS. */
export function countSql(node: ReadNode): Sql {
  const relation = relationOf(node);
  const exists: EmbeddedNull = (child, negated) => sql`${negated ? '' : 'not '}exists (${countSql(child)})`;
  const conditions = [
    ...node.where.map((condition) => conditionSql(relation, condition, exists)),
    ...node.joinConditions.map(joinConditionSql),
    ...node.children.flatMap((child) => (child.join === 'inner' ? [sql`exists (${countSql(child)} )`] : [])),
  ];
  const where = conditions.length === 0 ? nothing : sql` where ${joined(conditions, ' and ')}`;
  return sql`select 1${fromSql(node)}${where}`;
}
