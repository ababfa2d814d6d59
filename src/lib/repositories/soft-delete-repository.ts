import type { Filter } from './filter';
import { GenericRepository } from './generic-repository';
import type { RowOf, TableName, UpdateOf } from './table-types';

/** Tables whose rows can be marked as deleted. */
export type SoftDeletable = {
  [Table in TableName]: 'deleted_at' extends keyof RowOf<Table> ? Table : never;
}[TableName];

/**
 * A table whose rows are marked instead of removed when they are deleted, because other rows refer to them. Lists and counts omit marked
 * rows unless the filter names `deleted_at`; `find` returns them.
 */
export class SoftDeleteRepository<Table extends SoftDeletable> extends GenericRepository<Table> {
  /**
   * Marks the row as deleted.
   *
   * @param expected.version as for `update`
   * @throws RepositoryError `record_not_found`, `record_stale`, `record_invalid`, `rule_violated`
   */
  override async delete(id: string, expected: { version?: number } = {}): Promise<void> {
    await this.update(id, deletedAt<UpdateOf<Table>>(new Date().toISOString()), expected);
  }

  /** Removes the mark. @throws as `delete`, and RepositoryError `record_conflict` */
  restore(id: string): Promise<RowOf<Table>> {
    return this.update(id, deletedAt<UpdateOf<Table>>(null));
  }

  protected override scope(filter: Filter<RowOf<Table>>): Readonly<Record<string, unknown>> {
    return { deleted_at: null, ...filter };
  }
}

/** Each of these tables has the column, but TypeScript cannot resolve it for a type parameter. */
function deletedAt<Update>(time: string | null): Update {
  return { deleted_at: time } as Update;
}
