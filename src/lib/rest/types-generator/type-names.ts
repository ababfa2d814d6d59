// PostgreSQL's types as TypeScript's, as they arrive in JSON.
import type { Catalog, CatalogType } from './catalog';

const SCALARS: Record<string, string> = {
  bool: 'boolean',
  int2: 'number',
  int4: 'number',
  int8: 'number',
  float4: 'number',
  float8: 'number',
  numeric: 'number',
  oid: 'number',
  json: 'Json',
  jsonb: 'Json',
  void: 'undefined',
  record: 'Record<string, unknown>',
};

const BODIES = new Set(['json', 'jsonb', 'text', 'xml', 'bytea']);

export class TypeNames {
  readonly #types: Map<number, CatalogType>;
  readonly #schemas: Set<string>;
  readonly #tables: Set<string>;

  constructor(catalog: Catalog) {
    this.#types = new Map(catalog.types.map((type) => [type.id, type]));
    this.#schemas = new Set(catalog.schemas);
    this.#tables = new Set(
      catalog.relations
        .filter((relation) => relation.isTable)
        .map(({ schema, name }) => `${schema}\0${name}`),
    );
  }

  of(id: number): string {
    const type = this.#types.get(id);
    if (!type) return 'unknown';
    if (type.base !== null) return this.of(type.base);
    if (type.element !== null) return arrayOf(this.of(type.element));
    const scalar = type.schema === 'pg_catalog' ? SCALARS[type.name] : undefined;
    if (scalar) return scalar;
    if (type.kind === 'e') {
      if (this.#schemas.has(type.schema)) return member(type.schema, 'Enums', type.name);
      return (type.labels ?? []).map((label) => JSON.stringify(label)).join(' | ') || 'string';
    }
    if (type.kind === 'c') return this.#composite(type);
    return type.kind === 'p' ? 'unknown' : 'string';
  }

  /** Whether a request's body as a whole can be passed as it. */
  isBody(id: number): boolean {
    const type = this.#types.get(id);
    return type?.schema === 'pg_catalog' && BODIES.has(type.name);
  }

  /** The relation whose rows are of this type. */
  relation(id: number): CatalogType | undefined {
    const type = this.#types.get(id);
    return type?.isRelation && this.#schemas.has(type.schema) ? type : undefined;
  }

  #composite(type: CatalogType): string {
    if (!this.#schemas.has(type.schema)) return 'unknown';
    if (!type.isRelation) return member(type.schema, 'CompositeTypes', type.name);
    const kind = this.#tables.has(`${type.schema}\0${type.name}`) ? 'Tables' : 'Views';
    return `${member(type.schema, kind, type.name)}["Row"]`;
  }
}

function arrayOf(element: string): string {
  return element.includes('|') ? `(${element})[]` : `${element}[]`;
}

function member(schema: string, kind: string, name: string): string {
  return `Database[${JSON.stringify(schema)}][${JSON.stringify(kind)}][${JSON.stringify(name)}]`;
}
