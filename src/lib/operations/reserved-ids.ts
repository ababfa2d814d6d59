import type pg from 'pg';

/** The table `reserved_ids`: tenants' ids at the sources and targets of open moves. Moves write it themselves. */
export class ReservedIds {
  constructor(private readonly pool: pg.Pool) {}

  /** The open move that has reserved a tenant's id in a data source; undefined where none has. */
  async moveOf(dataSourceId: string, tenantIdThere: string): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ move_id: string }>(
      'select move_id from reserved_ids where data_source = $1 and tenant_id = $2',
      [dataSourceId, tenantIdThere],
    );
    return rows[0]?.move_id;
  }

  /** Open moves to or from a data source. */
  async movesAt(dataSourceId: string): Promise<string[]> {
    const { rows } = await this.pool.query<{ move_id: string }>(
      'select distinct move_id from reserved_ids where data_source = $1',
      [dataSourceId],
    );
    return rows.map(({ move_id }) => move_id);
  }
}
