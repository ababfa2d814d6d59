// Views: whose columns they show, through views over views.
import type { KeyRow, ViewRow } from './catalog-rows';
import { objectKey, type QualifiedName } from './types';
import { type ColumnReference, viewColumnOrigins } from './view-columns';

export interface Side {
  name: QualifiedName;
  columns: readonly string[];
  isView: boolean;
}

interface View {
  name: { schema: string; name: string };
  /** By the base column (`relation:attnum`): the view's columns that show it, in order. */
  shown: Map<string, string[]>;
}

const MAX_NESTING = 64;

/** The exposed views by the tables under them. */
export class ViewColumns {
  readonly #byRelation = new Map<number, View[]>();
  readonly #views: View[] = [];

  constructor(rows: readonly ViewRow[], exposed: ReadonlySet<string>) {
    const origins = new Map(rows.map((row) => [row[0], viewColumnOrigins(row[4])]));
    const baseOf = (reference: ColumnReference, depth = 0): ColumnReference | undefined => {
      const inner = origins.get(reference.relation);
      if (!inner) return reference;
      const next = inner.get(reference.column);
      return next && depth < MAX_NESTING ? baseOf(next, depth + 1) : undefined;
    };
    for (const [oid, schema, name, columns] of rows) {
      if (!exposed.has(schema)) continue;
      const view: View = { name: { schema, name }, shown: new Map() };
      const relations = new Set<number>();
      for (const [attnum, column] of columns) {
        const own = origins.get(oid)?.get(attnum);
        const base = own && baseOf(own);
        if (!base) continue;
        const key = `${base.relation}:${base.column}`;
        view.shown.set(key, [...(view.shown.get(key) ?? []), column]);
        relations.add(base.relation);
      }
      this.#views.push(view);
      for (const relation of relations) {
        this.#byRelation.set(relation, [...(this.#byRelation.get(relation) ?? []), view]);
      }
    }
  }

  /** The views that show all these columns of a table; once for each way to choose among repeated columns. */
  showing(relation: number, columns: readonly number[]): Side[] {
    return (this.#byRelation.get(relation) ?? []).flatMap((view) =>
      combinations(columns.map((column) => view.shown.get(`${relation}:${column}`) ?? [])).map((chosen) => ({
        name: view.name,
        columns: chosen,
        isView: true,
      })),
    );
  }

  /** The views' primary keys: those of the tables under them that they show whole. */
  primaryKeys(keys: readonly KeyRow[]): Map<string, string[]> {
    const found = new Map<string, string[]>();
    for (const [relation, primary, columns] of keys) {
      if (!primary) continue;
      for (const view of this.#byRelation.get(relation) ?? []) {
        const shown = columns.map(([, attnum]) => view.shown.get(`${relation}:${attnum}`)?.[0]);
        if (shown.some((column) => column === undefined)) continue;
        const key = objectKey(view.name);
        found.set(key, [...(found.get(key) ?? []), ...shown.filter((column) => column !== undefined)]);
      }
    }
    return found;
  }
}

function combinations(choices: readonly (readonly string[])[]): string[][] {
  return choices.reduce<string[][]>(
    (done, options) => done.flatMap((chosen) => options.map((option) => [...chosen, option])),
    [[]],
  );
}
