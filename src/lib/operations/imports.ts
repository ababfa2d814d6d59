import type pg from 'pg';

export type ImportStatus = 'running' | 'done' | 'failed' | 'undone' | 'interrupted';

/** One import of a file for a tenant. */
export interface ImportRecord {
  id: string;
  tenantId: string;
  userId: string;
  entity: string;
  fileName: string;
  status: ImportStatus;
  rowsRead: number;
  result: Record<string, unknown>;
  createdAt: Date;
}

const COLUMNS = `id, tenant_id "tenantId", user_id "userId", entity, file_name "fileName", rows_read "rowsRead", result,
  created_at "createdAt",
  case when status = 'running' and updated_at < now() - interval '2 minutes' then 'interrupted' else status end as status`;

/** The table `imports`. */
export class Imports {
  constructor(private readonly pool: pg.Pool) {}

  async begin(
    record: Pick<ImportRecord, 'tenantId' | 'userId' | 'entity' | 'fileName'>,
  ): Promise<ImportRecord> {
    const { tenantId, userId, entity, fileName } = record;
    const { rows } = await this.pool.query<ImportRecord>(
      `insert into imports (tenant_id, user_id, entity, file_name) values ($1, $2, $3, $4) returning ${COLUMNS}`,
      [tenantId, userId, entity, fileName],
    );
    return rows[0] as ImportRecord;
  }

  async progress(id: string, rowsRead: number): Promise<void> {
    await this.pool.query('update imports set rows_read = $2, updated_at = now() where id = $1', [
      id,
      rowsRead,
    ]);
  }

  /** @param made ids of the rows it made, by table */
  async finish(
    id: string,
    status: 'done' | 'failed',
    result: object,
    made: Record<string, string[]>,
  ): Promise<void> {
    await this.pool.query(
      'update imports set status = $2, result = $3, made = $4, updated_at = now() where id = $1',
      [id, status, JSON.stringify(result), JSON.stringify(made)],
    );
  }

  async find(tenantId: string, id: string): Promise<ImportRecord | undefined> {
    const { rows } = await this.pool.query<ImportRecord>(
      `select ${COLUMNS} from imports where tenant_id = $1 and id = $2`,
      [tenantId, id],
    );
    return rows[0];
  }

  /** The latest first, at most 50. */
  async list(tenantId: string): Promise<ImportRecord[]> {
    const { rows } = await this.pool.query<ImportRecord>(
      `select ${COLUMNS} from imports where tenant_id = $1 order by created_at desc limit 50`,
      [tenantId],
    );
    return rows;
  }

  /** Marks an import as undone, once. @returns what it made; undefined where there is nothing (more) to undo */
  async takeForUndo(tenantId: string, id: string): Promise<Record<string, string[]> | undefined> {
    const { rows } = await this.pool.query<{ made: Record<string, string[]> }>(
      "update imports set status = 'undone' where tenant_id = $1 and id = $2 and status in ('done', 'failed') returning made",
      [tenantId, id],
    );
    return rows[0]?.made;
  }
}
