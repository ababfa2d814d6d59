import type pg from 'pg';

/** How long the list of connected tenants is cached, ms. */
const BELIEVED_MS = 5_000;

/** The table `connected_tenants`: tenants whose outboxes are read. */
export class ConnectedTenants {
  #known: { tenants: Set<string>; until: number } | undefined;

  constructor(private readonly pool: pg.Pool) {}

  async add(tenantId: string): Promise<void> {
    await this.pool.query(
      `insert into connected_tenants (tenant_id) values ($1)
       on conflict (tenant_id) do update set connected_at = clock_timestamp()`,
      [tenantId],
    );
    this.#known = undefined;
  }

  /** Cheap enough to ask at every change: what another process adds is seen within seconds, what this one adds at once. */
  async has(tenantId: string): Promise<boolean> {
    if (!this.#known || this.#known.until < Date.now())
      this.#known = { tenants: new Set(await this.list()), until: Date.now() + BELIEVED_MS };
    return this.#known.tenants.has(tenantId);
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
