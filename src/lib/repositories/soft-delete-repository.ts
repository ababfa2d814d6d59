import type { Filter } from './filter';
import { GenericRepository } from './generic-repository';
import type { DatabaseShape, RowOf, TableName, UpdateOf } from './table-types';

/**
 * A table whose rows are kept when they are deleted, because others refer to them: lists and counts leave them out
 * unless the filter names `deleted_at`, `find` still finds them.
 */
export class SoftDeleteRepository<
  Database extends DatabaseShape,
  Table extends TableName<Database>,
> extends GenericRepository<Database, Table> {
  /** Marks the row as deleted. @throws RepositoryError `record_not_found`, `record_stale`, `permission_denied` */
  override async delete(id: string, expected: { version?: number } = {}): Promise<void> {
    await this.update(id, deletedAt<UpdateOf<Database, Table>>(new Date().toISOString()), expected);
  }

  /** Takes the mark away. @throws as `delete` */
  restore(id: string): Promise<RowOf<Database, Table>> {
    return this.update(id, deletedAt<UpdateOf<Database, Table>>(null));
  }

  protected override scope(filter: Filter<RowOf<Database, Table>>): Readonly<Record<string, unknown>> {
    return { deleted_at: null, ...filter };
  }
}

/** Tables of this kind have the column; the type of a table that is not known yet cannot say so. */
function deletedAt<Update>(time: string | null): Update {
  return { deleted_at: time } as Update;
}
