import type pg from 'pg';
import { OperationsError } from './errors';

export type ImportStatus = 'running' | 'done' | 'failed' | 'undoing' | 'undone' | 'interrupted';

/** One import of a file for a tenant. */
export interface ImportRecord {
  id: string;
  tenantId: string;
  userId: string;
  entity: string;
  fileName: string;
  status: ImportStatus;
  rowsRead: number;
  /** How large the file is, and how much of it was read. */
  fileBytes: number;
  bytesRead: number;
  result: Record<string, unknown>;
  createdAt: Date;
}

/** Rows of one table that an import made. */
export interface ImportMade {
  table: string;
  ids: string[];
}

const STALE = "status in ('running', 'undoing') and updated_at < now() - interval '2 minutes'";
const COLUMNS = `id, tenant_id "tenantId", user_id "userId", entity, file_name "fileName", rows_read "rowsRead",
  file_bytes::float8 "fileBytes", bytes_read::float8 "bytesRead", result, created_at "createdAt",
  case when ${STALE} then 'interrupted' else status end as status`;

/** The tables `imports` and `import_made`. */
export class Imports {
  constructor(private readonly pool: pg.Pool) {}

  /** @throws OperationsError `import_running` while the tenant has one that goes on */
  async begin(
    record: Pick<ImportRecord, 'tenantId' | 'userId' | 'entity' | 'fileName' | 'fileBytes'>,
  ): Promise<ImportRecord> {
    const { tenantId, userId, entity, fileName, fileBytes } = record;
    await this.#giveUpStale(tenantId);
    const { rows } = await this.pool.query<ImportRecord>(
      `insert into imports (tenant_id, user_id, entity, file_name, file_bytes) values ($1, $2, $3, $4, $5)
       on conflict (tenant_id) where status in ('running', 'undoing') do nothing returning ${COLUMNS}`,
      [tenantId, userId, entity, fileName, fileBytes],
    );
    if (rows[0]) return rows[0];
    throw new OperationsError('import_running', 'Another import of your company is running.', {
      hint: 'Wait until it is done: two at once would not notice each other’s duplicates.',
    });
  }

  async progress(id: string, { rows, bytes }: { rows: number; bytes: number }): Promise<void> {
    await this.pool.query(
      'update imports set rows_read = $2, bytes_read = $3, updated_at = now() where id = $1',
      [id, rows, bytes],
    );
  }

  /** Heartbeat: its process is still at work. */
  async touch(id: string): Promise<void> {
    await this.pool.query('update imports set updated_at = now() where id = $1', [id]);
  }

  /** Recorded before the rows are written, so that an interrupted import can be undone. */
  async making(id: string, { table, ids }: ImportMade): Promise<void> {
    await this.pool.query('insert into import_made (import_id, table_name, ids) values ($1, $2, $3)', [
      id,
      table,
      ids,
    ]);
  }

  async finish(id: string, status: 'done' | 'failed' | 'undone', result: object): Promise<void> {
    await this.pool.query('update imports set status = $2, result = $3, updated_at = now() where id = $1', [
      id,
      status,
      JSON.stringify(result),
    ]);
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

  /**
   * Takes an import that has ended, or an undoing that was interrupted, to undo it.
   *
   * @returns undefined where there is nothing (more) to undo
   * @throws OperationsError `import_running`
   */
  async takeForUndo(tenantId: string, id: string): Promise<ImportRecord | undefined> {
    await this.#giveUpStale(tenantId);
    try {
      const { rows } = await this.pool.query<ImportRecord>(
        `update imports set status = 'undoing', updated_at = now()
         where tenant_id = $1 and id = $2 and status in ('done', 'failed') returning ${COLUMNS}`,
        [tenantId, id],
      );
      return rows[0];
    } catch (cause) {
      if ((cause as { code?: string }).code !== '23505') throw cause;
      throw new OperationsError('import_running', 'Another import of your company is running.', {
        hint: 'Undo this one when it is done.',
        cause,
      });
    }
  }

  /** What was made last of what is not undone yet: rows of `table` first, then what they name. */
  async lastMade(id: string, table: string): Promise<(ImportMade & { position: string }) | undefined> {
    const { rows } = await this.pool.query<ImportMade & { position: string }>(
      `select table_name as table, ids, position from import_made where import_id = $1
       order by table_name = $2 desc, position desc limit 1`,
      [id, table],
    );
    return rows[0];
  }

  /** One batch is undone: it is forgotten, and the result so far is shown. */
  async undone(id: string, position: string, soFar: object): Promise<void> {
    await this.pool.query(
      `with forgotten as (delete from import_made where import_id = $1 and position = $2)
       update imports set result = result || $3, updated_at = now() where id = $1`,
      [id, position, JSON.stringify(soFar)],
    );
  }

  /** Imports of processes that are gone. */
  async #giveUpStale(tenantId: string): Promise<void> {
    await this.pool.query(
      `update imports set status = 'failed', result = result || '{"message": "The import was interrupted."}'
       where tenant_id = $1 and ${STALE}`,
      [tenantId],
    );
  }
}
