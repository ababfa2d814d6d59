import type pg from 'pg';

/** The table `source_logins`: logins of data sources that a rotation is about to make or to drop. */
export class SourceLogins {
  constructor(private readonly pool: pg.Pool) {}

  async list(dataSourceId: string): Promise<string[]> {
    const { rows } = await this.pool.query<{ login: string }>(
      'select login from source_logins where data_source_id = $1 order by recorded_at, login',
      [dataSourceId],
    );
    return rows.map(({ login }) => login);
  }

  async add(dataSourceId: string, logins: readonly string[]): Promise<void> {
    await this.pool.query(
      `insert into source_logins (data_source_id, login) select $1, unnest($2::text[]) on conflict do nothing`,
      [dataSourceId, logins],
    );
  }

  async remove(dataSourceId: string, login: string): Promise<void> {
    await this.pool.query('delete from source_logins where data_source_id = $1 and login = $2', [
      dataSourceId,
      login,
    ]);
  }
}
