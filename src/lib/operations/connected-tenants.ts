import type pg from 'pg';

/** The table `connected_tenants`: whose outboxes are looked into. */
export class ConnectedTenants {
  constructor(private readonly pool: pg.Pool) {}

  async add(tenantId: string): Promise<void> {
    await this.pool.query(
      `insert into connected_tenants (tenant_id) values ($1)
       on conflict (tenant_id) do update set connected_at = clock_timestamp()`,
      [tenantId],
    );
  }

  /** Forgets a tenant, unless it connected something since `found` looked. */
  async removeUnlessSince(tenantId: string, found: Date): Promise<void> {
    await this.pool.query('delete from connected_tenants where tenant_id = $1 and connected_at < $2', [
      tenantId,
      found,
    ]);
  }

  async list(): Promise<string[]> {
    const { rows } = await this.pool.query<{ tenant_id: string }>('select tenant_id from connected_tenants');
    return rows.map(({ tenant_id }) => tenant_id);
  }
}
