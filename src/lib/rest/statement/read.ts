// A tree of levels → one SELECT with a lateral join for each embedded resource.
import type { Page } from '../api-request/values';
import type { EmbeddedSelect, PlannedCondition, PlannedSelect, ReadNode, ReadPlan } from '../plan/types';
import type { QualifiedName } from '../schema-cache';
import { boundedRows, boundedValues, totalSql } from './bounded';
import { conditionSql, type EmbeddedNull, fixedSql, joinConditionSql, joinedRowIsNull } from './conditions';
import { aliasSql, fieldSql, orderSql, selectSql, spreadSelectSql } from './fields';
import { column, identifier, joined, nothing, parameter, qualified, type Sql, sql } from './sql';

/** The keys of a page. */
const PAGE: QualifiedName = { schema: '', name: 'pgrst_page' };
const EVERYTHING: PlannedSelect = { field: { name: '*', path: [], toJson: false, type: '' } };

export interface Reading {
  /** Whether a level has a limit: its own, or that of every level. */
  ranged(level: string | undefined): boolean;
  /** Of the root. */
  page: Page;
  /** Embedded lists are measured, and refused as they become too many rows or too large. */
  bounded: boolean;
  /** Rows that the few rows of a page refer to are looked up one by one, rather than joined. */
  looksUp?: boolean;
}

/**
 * Whether a page is chosen before anything is embedded: what is embedded neither filters nor orders nor groups its rows, and
 * a key finds them again. Where nothing is embedded the second look pays off only after many rows.
 */
export function choosesKeys({ root, primaryKey }: ReadPlan, { short, deep }: Page): boolean {
  return (
    short &&
    (deep || root.children.length > 0) &&
    primaryKey.length > 0 &&
    root.order.length > 0 &&
    root.order.every(({ relation }) => relation === undefined) &&
    root.children.every(({ join }) => join !== 'inner') &&
    !root.where.some(asksEmbedded) &&
    !isGrouped(root)
  );
}

function asksEmbedded(condition: PlannedCondition): boolean {
  if (condition.kind === 'logic') return condition.children.some(asksEmbedded);
  return condition.kind === 'embed-null';
}

/**
 * The same rows as `readSql`, with the page's keys chosen first: joins and wide rows are read for the page alone, and the rows
 * before it from an index where one has the keys in this order.
 */
export function readByKeysSql({ root, primaryKey }: ReadPlan, reading: Reading): Sql {
  const relation = relationOf(root);
  const fixed = new Set(root.fixed.map(({ column: name }) => name));
  const key = primaryKey.filter((name) => !fixed.has(name));
  const keys = sql`select ${key.map((name) => column(relation, name)).join(', ')}${fromSql(root)}${whereSql(root, relation)}${orderSql(relation, root.order)}${rangeSql(root, reading)}`;
  const matched = [
    ...root.fixed.map(fixedSql),
    ...key.map((name): Sql => [`${column(relation, name)} = ${column(PAGE, name)}`]),
  ];
  const from = sql` from (${keys}) ${PAGE.name} inner join ${qualified(root.from)} on ${joined(matched, ' and ')}`;
  return sql`select ${selectedSql(root, relation)}${from}${joinsSql(root, { ...reading, looksUp: true })}${orderSql(relation, root.order)}`;
}

export function readSql(node: ReadNode, reading: Reading): Sql {
  const relation = relationOf(node);
  return sql`select ${selectedSql(node, relation)}${fromSql(node)}${joinsSql(node, reading)}${whereSql(node, relation, embeddedNullOf(node, reading))}${groupSql(node, relation)}${orderSql(relation, node.order)}${rangeSql(node, reading)}`;
}

function selectedSql(node: ReadNode, relation: QualifiedName): Sql {
  // A SELECT needs a column; one that is not returned is left out when rows are aggregated.
  const own = node.select.length === 0 && node.children.length === 0 ? [EVERYTHING] : node.select;
  const selected = [
    ...own.map((select) => selectSql(relation, select)),
    ...(node.spreadOrder?.extra ?? []).map(({ relation: embedded, select }) =>
      selectSql(embedded === undefined ? relation : { schema: '', name: embedded }, select),
    ),
    ...node.embedded.flatMap(embeddedSelectSql),
  ];
  return joined(selected, ', ');
}

function joinsSql(node: ReadNode, reading: Reading): Sql {
  let before: string | undefined;
  return node.embedded.flatMap((embedded) => {
    const join = embeddedJoinSql(embedded, reading, before);
    if (reading.bounded && isList(embedded)) before = embedded.child.aggregateAlias;
    return join;
  });
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

/**
 * Of many rows it is asked whether there are embedded ones, rather than those of each made into a list. Where what is embedded is limited
 * or aggregated, that decides whether there is a row, so the list is looked at.
 */
function embeddedNullOf({ fixed }: ReadNode, reading: Reading): EmbeddedNull {
  const isPlain = (node: ReadNode): boolean =>
    !reading.ranged(node.rangeKey) && !isGrouped(node) && node.children.every(isPlain);
  return (child, negated) =>
    fixed.length > 0 && isPlain(child) ? exists(child, negated) : joinedRowIsNull(child, negated);
}

const exists: EmbeddedNull = (child, negated) => sql`${negated ? '' : 'not '}exists (${countSql(child)})`;

function whereSql(node: ReadNode, relation: QualifiedName, embeddedNull?: EmbeddedNull): Sql {
  const conditions = [
    ...node.fixed.map(fixedSql),
    ...node.where.map((condition) => conditionSql(relation, condition, embeddedNull)),
    ...node.joinConditions.map(joinConditionSql),
  ];
  return conditions.length === 0 ? nothing : sql` where ${joined(conditions, ' and ')}`;
}

function rangeSql({ rangeKey, depth }: ReadNode, reading: Reading): Sql {
  if (!reading.ranged(rangeKey)) return nothing;
  const level = rangeKey ?? `\0${depth}`;
  const { limit: known, fromFirst }: Partial<Page> = rangeKey === '' ? reading.page : {};
  const limit = known === undefined ? parameter({ kind: 'limit', level }) : [String(known)];
  const offset = fromFirst ? nothing : sql` offset ${parameter({ kind: 'offset', level })}`;
  return sql` limit ${limit}${offset}`;
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

/**
 * Whether a key says that there is one row at most. A limit says it to the planner, which joins what has one in no other order: planning
 * eight tables then takes a fifth of the time, and no table is read whole and hashed for a page's rows.
 */
function refersToOne({ relationship, embedded }: ReadNode): boolean {
  return (
    relationship?.kind === 'foreign-key' &&
    !relationship.targetIsView &&
    embedded.every((one) => isList(one) || refersToOne(one.child))
  );
}

function isList(embedded: EmbeddedSelect): boolean {
  return embedded.kind === 'json' ? !embedded.toOne : embedded.child.spread === 'to-many';
}

/** @param before alias of the list that stands before this one in the row, with which it is bounded */
function embeddedJoinSql(embedded: EmbeddedSelect, reading: Reading, before: string | undefined): Sql {
  const { child } = embedded;
  const rows = identifier(child.aggregateAlias);
  const inner = child.join === 'inner';
  const joinKind = inner ? ' inner' : ' left';
  if (!isList(embedded)) {
    const one = reading.looksUp && refersToOne(child) && !reading.ranged(child.rangeKey) ? ' limit 1' : '';
    return sql`${joinKind} join lateral ( ${readSql(child, reading)}${one} ) as ${rows} on true`;
  }
  const query = readSql(child, { ...reading, looksUp: false });
  const condition = inner ? `${rows} is not null` : 'true';
  if (reading.bounded && embedded.kind === 'json') {
    const values = boundedValues(query, 'json', before);
    return sql`${joinKind} join lateral ( select json_agg(value)::jsonb as ${rows}, ${totalSql(before)} from (${values}) as bounded ) as ${rows} on ${condition}`;
  }
  const arrays =
    embedded.kind === 'spread'
      ? embedded.fields.map(({ name, alias }) => {
          const order = orderSql({ schema: '', name: child.aggregateAlias }, child.spreadOrder?.order ?? []);
          const value = column({ schema: '', name: child.aggregateAlias }, name);
          return sql`, coalesce(json_agg(${value}${order}), '[]')::jsonb as ${identifier(alias ?? name)}`;
        })
      : [];
  const list = reading.bounded ? boundedRows(query, before) : query;
  const total = reading.bounded ? `, ${totalSql(before)}` : '';
  return sql`${joinKind} join lateral ( select json_agg(${rows})::jsonb as ${rows}${arrays.flat()}${total} from (${list} ) as ${rows} ) as ${rows} on ${condition}`;
}

function groupSql(node: ReadNode, relation: QualifiedName): Sql {
  if (!isGrouped(node)) return nothing;
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

export function isGrouped(node: ReadNode): boolean {
  return (
    node.select.some((select) => select.aggregate) ||
    node.embedded.some(
      (embedded) => embedded.kind === 'spread' && embedded.fields.some((field) => field.aggregate),
    )
  );
}

/** How many rows a page has. */
export function pageCountSql(root: ReadNode, reading: Reading): Sql {
  return sql`select pg_catalog.count(*) as rows from (${countSql(root)}${rangeSql(root, reading)}) counted`;
}

/** The rows that a read would have without its limit: inner joins and null filters become EXISTS. */
export function countSql(node: ReadNode): Sql {
  const relation = relationOf(node);
  const conditions = [
    ...node.fixed.map(fixedSql),
    ...node.where.map((condition) => conditionSql(relation, condition, exists)),
    ...node.joinConditions.map(joinConditionSql),
    ...node.children.flatMap((child) => (child.join === 'inner' ? [sql`exists (${countSql(child)} )`] : [])),
  ];
  const where = conditions.length === 0 ? nothing : sql` where ${joined(conditions, ' and ')}`;
  return sql`select 1${fromSql(node)}${where}`;
}
