// Names → columns of the schema cache, with data representations.
import type { Field, Filter, LogicTree, OrderTerm } from '../api-request/types';
import { type Column, objectKey, type QualifiedName, type SchemaCache, type Table } from '../schema-cache';
import type { PlannedCondition, PlannedField, PlannedOrder } from './types';

/** Resolves names against one relation. Unknown names stay as they are: they may be computed fields. */
export class FieldResolver {
  readonly #table: Table | undefined;

  constructor(
    private readonly cache: SchemaCache,
    relation: QualifiedName,
  ) {
    this.#table = cache.tables.get(objectKey(relation));
  }

  columns(): Column[] {
    return [...(this.#table?.columns.values() ?? [])];
  }

  field({ name, path }: Field): PlannedField {
    const column = this.#table?.columns.get(name);
    const type = column?.nominalType ?? '';
    return { name, path, type, toJson: type !== 'json' && type !== 'jsonb' };
  }

  /** To be shown: a domain's cast to JSON applies. */
  output(field: Field): PlannedField {
    return this.#transformed(this.field(field), (type) => [type, 'json']);
  }

  outputColumn(column: Column): PlannedField {
    return this.output({ name: column.name, path: [] });
  }

  hasOutputRepresentation(column: Column): boolean {
    return this.cache.representations.has(`${column.nominalType}\0json`);
  }

  /** To be written from JSON: a domain's cast from JSON applies. */
  input(name: string): PlannedField | undefined {
    const column = this.#table?.columns.get(name);
    if (!column) return undefined;
    const field = this.#transformed(this.field({ name, path: [] }), (type) => ['json', type]);
    return column.defaultExpression === null
      ? field
      : { ...field, defaultExpression: column.defaultExpression };
  }

  filter({ field, negated, operation }: Filter): PlannedCondition {
    const planned = this.#transformed(this.field(field), (type) => ['text', type]);
    // The type of a computed column is unknown: it is assumed to be a tsvector.
    const type = this.#table?.columns.get(field.name)?.type ?? 'tsvector';
    if (operation.kind !== 'full-text' || type === 'tsvector') {
      return { kind: 'filter', field: planned, negated, operation };
    }
    const { language } = operation;
    const toTextVector = language === undefined ? {} : { language };
    return { kind: 'filter', field: { ...planned, toTextVector }, negated, operation };
  }

  logic(tree: LogicTree): PlannedCondition {
    if (tree.kind === 'filter') return this.filter(tree.filter);
    return { ...tree, children: tree.children.map((child) => this.logic(child)) };
  }

  order({ relation, field, direction, nulls }: OrderTerm): PlannedOrder {
    const modifiers = { ...(direction && { direction }), ...(nulls && { nulls }) };
    if (relation === undefined) return { field: this.field(field), ...modifiers };
    return { relation, field: { ...field, type: '', toJson: true }, ...modifiers };
  }

  /** The type becomes the representation's source: what the value is before its function. */
  #transformed(
    field: PlannedField,
    cast: (type: string) => readonly [source: string, target: string],
  ): PlannedField {
    if (field.type === '') return field;
    const [source, target] = cast(field.type);
    const transform = this.cache.representations.get(`${source}\0${target}`);
    return transform === undefined ? field : { ...field, type: source, transform };
  }
}
