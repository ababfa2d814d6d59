// The `Database` type that supabase-js and postgrest-js read.
import type { Catalog, Column, Relation, Routine } from './catalog';
import type { Relationship } from './relationships';
import { TypeNames } from './type-names';

const HEADER = `// Written by \`marquee types\` from the database's catalogs. Do not edit: run it again.

export type Json = string | number | boolean | null | { [key: string]: Json | undefined } | Json[]
`;

const SHORTHANDS = (schema: string) => `
type DefaultSchema = Database[${JSON.stringify(schema)}]

/** A row as it is read. */
export type Tables<Name extends keyof (DefaultSchema["Tables"] & DefaultSchema["Views"])> =
  (DefaultSchema["Tables"] & DefaultSchema["Views"])[Name] extends { Row: infer Row } ? Row : never

/** A row as it is inserted. */
export type TablesInsert<Name extends keyof DefaultSchema["Tables"]> = DefaultSchema["Tables"][Name]["Insert"]

/** Columns as they are changed. */
export type TablesUpdate<Name extends keyof DefaultSchema["Tables"]> = DefaultSchema["Tables"][Name]["Update"]

export type Enums<Name extends keyof DefaultSchema["Enums"]> = DefaultSchema["Enums"][Name]

export type CompositeTypes<Name extends keyof DefaultSchema["CompositeTypes"]> = DefaultSchema["CompositeTypes"][Name]
`;

type RelationshipsOf = (relation: Relation) => readonly Relationship[];

/** TypeScript source of the type; the shorthands are of the first schema asked for. */
export function databaseType(
  catalog: Catalog,
  defaultSchema: string,
  relationships: RelationshipsOf,
): string {
  const names = new TypeNames(catalog);
  const schemas = catalog.schemas.map((schema) =>
    entry(key(schema), schemaType(catalog, schema, names, relationships)),
  );
  // The newest version that postgrest-js has flags for.
  const internal = entry('__InternalSupabase', block(['PostgrestVersion: "14.1"']));
  const constants = catalog.schemas.map((schema) => entry(key(schema), enumConstants(catalog, schema)));
  return [
    HEADER,
    `export type Database = ${block([internal, ...schemas])}`,
    SHORTHANDS(defaultSchema),
    `export const Constants = ${block(constants, ',')} as const`,
    '',
  ].join('\n');
}

function schemaType(
  catalog: Catalog,
  schema: string,
  names: TypeNames,
  relationships: RelationshipsOf,
): string {
  const relations = catalog.relations.filter((relation) => relation.schema === schema);
  const functions = catalog.functions.filter((routine) => routine.schema === schema);
  const types = catalog.types.filter((type) => type.schema === schema);
  const relationEntries = (isTable: boolean) =>
    relations
      .filter((relation) => relation.isTable === isTable)
      .map((relation) =>
        entry(key(relation.name), relationType(relation, functions, names, relationships(relation))),
      );
  const composites = types.filter((type) => type.kind === 'c' && !type.isRelation);
  return block([
    entry('Tables', blockOrNever(relationEntries(true))),
    entry('Views', blockOrNever(relationEntries(false))),
    entry('Functions', blockOrNever(functionEntries(functions, names))),
    entry(
      'Enums',
      blockOrNever(
        types.filter((type) => type.labels).map((type) => entry(key(type.name), union(type.labels))),
      ),
    ),
    entry(
      'CompositeTypes',
      blockOrNever(
        composites.map((type) =>
          entry(
            key(type.name),
            block(
              (type.attributes ?? []).map((item) => entry(key(item.name), `${names.of(item.type)} | null`)),
            ),
          ),
        ),
      ),
    ),
  ]);
}

function relationType(
  relation: Relation,
  functions: readonly Routine[],
  names: TypeNames,
  relationships: readonly Relationship[],
): string {
  const computed = functions.filter((routine) => isComputedField(routine, relation, names));
  const row = [
    ...relation.columns.map((column) => entry(key(column.name), nullable(column, names.of(column.type)))),
    ...computed.map((routine) => entry(key(routine.name), `${names.of(routine.returns)} | null`)),
  ];
  const entries = [entry('Row', block(row))];
  if (computed.length > 0)
    entries.push(entry('ComputedFields', union(computed.map((routine) => routine.name))));
  if (relation.isTable || relation.insertable) {
    entries.push(
      entry('Insert', block(relation.columns.map((column) => written(column, relation, names, false)))),
    );
  }
  if (relation.isTable || relation.updatable) {
    entries.push(
      entry('Update', block(relation.columns.map((column) => written(column, relation, names, true)))),
    );
  }
  entries.push(entry('Relationships', relationshipsType(relationships)));
  return block(entries);
}

function isComputedField(routine: Routine, relation: Relation, names: TypeNames): boolean {
  const [argument, ...more] = routine.arguments;
  if (!argument || more.length > 0 || routine.returnsSet || names.relation(routine.returns)) return false;
  const owner = names.relation(argument.type);
  return owner?.schema === relation.schema && owner.name === relation.name;
}

function nullable(column: Column, type: string): string {
  return column.nullable ? `${type} | null` : type;
}

function written(column: Column, relation: Relation, names: TypeNames, update: boolean): string {
  if (column.generated) return entry(`${key(column.name)}?`, 'never');
  const optional = update || column.nullable || column.hasDefault || !relation.isTable;
  return entry(`${key(column.name)}${optional ? '?' : ''}`, nullable(column, names.of(column.type)));
}

function relationshipsType(relationships: readonly Relationship[]): string {
  if (relationships.length === 0) return '[]';
  const items = relationships.map((relationship) =>
    block([
      entry('foreignKeyName', JSON.stringify(relationship.foreignKeyName)),
      entry('columns', tuple(relationship.columns)),
      entry('isOneToOne', String(relationship.isOneToOne)),
      entry('referencedRelation', JSON.stringify(relationship.referencedRelation)),
      entry('referencedColumns', tuple(relationship.referencedColumns)),
    ]),
  );
  return `[\n${items.map((item) => `${indent(item)},`).join('\n')}\n]`;
}

function functionEntries(functions: readonly Routine[], names: TypeNames): string[] {
  const byName = Map.groupBy(
    functions.filter((routine) => isCallable(routine, names)),
    (routine) => routine.name,
  );
  return [...byName].map(([name, overloads]) =>
    entry(key(name), overloads.map((routine) => functionType(routine, names)).join(' | ')),
  );
}

/** Arguments are passed by name; a single one without a name takes the whole body, or is the row of a computed field. */
function isCallable(routine: Routine, names: TypeNames): boolean {
  const unnamed = routine.arguments.filter((argument) => argument.name === '');
  if (unnamed.length === 0) return true;
  const [only] = unnamed;
  if (!only || routine.arguments.length > 1) return false;
  return names.isBody(only.type) || names.relation(only.type) !== undefined;
}

function functionType(routine: Routine, names: TypeNames): string {
  const inputs = routine.arguments.map((argument) =>
    entry(`${key(argument.name)}${argument.optional ? '?' : ''}`, names.of(argument.type)),
  );
  const entries = [
    entry('Args', inputs.length > 0 ? block(inputs) : 'never'),
    entry('Returns', returnType(routine, names)),
  ];
  const relation = names.relation(routine.returns);
  if (relation) {
    const [argument] = routine.arguments;
    const from = argument && names.relation(argument.type)?.name;
    entries.push(
      entry(
        'SetofOptions',
        block([
          entry('from', JSON.stringify(from ?? '*')),
          entry('to', JSON.stringify(relation.name)),
          entry('isOneToOne', String(!routine.returnsSet || routine.rows === 1)),
          entry('isSetofReturn', String(routine.returnsSet)),
        ]),
      ),
    );
  }
  return block(entries);
}

function returnType(routine: Routine, names: TypeNames): string {
  const [output, ...more] = routine.outputs;
  const isRecord =
    output !== undefined && (more.length > 0 || names.of(routine.returns).startsWith('Record<'));
  const type = isRecord
    ? block(routine.outputs.map((item) => entry(key(item.name), names.of(item.type))))
    : names.of(routine.returns);
  if (!routine.returnsSet) return type;
  return type.includes(' | ') ? `(${type})[]` : `${type}[]`;
}

function enumConstants(catalog: Catalog, schema: string): string {
  const enums = catalog.types.filter((type) => type.schema === schema && type.labels);
  const labels = enums.map((type) => entry(key(type.name), tuple(type.labels ?? [])));
  return block([entry('Enums', block(labels, ','))], ',');
}

function key(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

function entry(name: string, type: string): string {
  return `${name}: ${type}`;
}

function union(labels: readonly string[] | null): string {
  return (labels ?? []).map((label) => JSON.stringify(label)).join(' | ') || 'never';
}

function tuple(items: readonly string[]): string {
  return `[${items.map((item) => JSON.stringify(item)).join(', ')}]`;
}

function blockOrNever(entries: readonly string[]): string {
  return entries.length > 0 ? block(entries) : block(['[_ in never]: never']);
}

function block(entries: readonly string[], separator = ''): string {
  if (entries.length === 0) return '{}';
  return `{\n${entries.map((item) => indent(item) + separator).join('\n')}\n}`;
}

function indent(text: string): string {
  return text.replaceAll(/^/gm, '  ');
}
