import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { SecretBox } from '@/lib/secrets';
import { type Author, type Database, violatedConstraint } from './database';
import { ApplicationError } from './errors';
import {
  type DataSourceEngine,
  isId,
  type NewTenant,
  readSubdomain,
  TENANT_COLUMNS,
  type Tenant,
  type TenantChanges,
  type TenantCredentials,
  type TenantPlace,
  type TenantPlacement,
  type TenantReplica,
  type TenantStatus,
  unknownTenant,
} from './tenant';
import { decryptColumn, encryptCredentials, replicaPlace, type StoredReplica } from './tenant-secrets';

export interface TenantFilter {
  status?: TenantStatus;
  dataSourceId?: string;
  tenantIdInDataSource?: string;
  /** Part of name or subdomain. */
  search?: string;
  /** At most so many. Default 1000. */
  limit?: number;
  /** The page after this tenant. */
  after?: Pick<Tenant, 'id' | 'createdAt'>;
}

interface StoredCredentials {
  dataSourceId: string | null;
  engine: DataSourceEngine | null;
  url: string | null;
  anonKey: string | null;
  serviceKey: string | null;
}

/** The table `tenants`. Credentials go in and out here only, and stand in it encrypted. */
export class Tenants {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
  ) {}

  async find(id: string): Promise<Tenant | undefined> {
    if (!isId(id)) return undefined;
    const [tenant] = await this.database.read<Tenant & object>(
      `select ${TENANT_COLUMNS} from tenants where id = $1`,
      [id],
    );
    return tenant;
  }

  /** @throws ApplicationError `tenant_unknown` */
  async get(id: string): Promise<Tenant> {
    const tenant = await this.find(id);
    if (!tenant) throw unknownTenant(id);
    return tenant;
  }

  async findBySubdomain(subdomain: string): Promise<Tenant | undefined> {
    const [tenant] = await this.database.read<Tenant & object>(
      `select ${TENANT_COLUMNS} from tenants where subdomain = $1`,
      [subdomain.toLowerCase()],
    );
    return tenant;
  }

  /** In the order of creation. */
  list(filter: TenantFilter = {}): Promise<Tenant[]> {
    const { status, dataSourceId, tenantIdInDataSource, search, limit = 1000, after } = filter;
    return this.database.read<Tenant & object>(
      `select ${TENANT_COLUMNS} from tenants
       where ($1::text is null or status = $1) and ($2::uuid is null or data_source_id = $2)
         and ($3::text is null or strpos(lower(name), lower($3)) > 0 or strpos(subdomain, lower($3)) > 0)
         and ($4::uuid is null or (date_trunc('milliseconds', created_at), id) > ($5::timestamptz, $4::uuid))
         and ($7::text is null or tenant_id_in_data_source::text = $7)
       order by date_trunc('milliseconds', created_at), id limit $6`,
      [status, dataSourceId, search, after?.id, after?.createdAt, limit, tenantIdInDataSource],
    );
  }

  /** What a router must know; undefined where there is no such tenant. */
  async placement(id: string): Promise<TenantPlacement | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await this.database.read<TenantPlacement & { formerIds: string[] }>(
      `select id "tenantId", status, data_source_id "dataSourceId", data_source_engine engine, route_epoch::text epoch,
         tenant_id_in_data_source "tenantIdInDataSource", former_ids_in_data_source "formerIds",
         connection_pool_config "connectionPoolConfig"
       from tenants where id = $1`,
      [id],
    );
    if (!row) return undefined;
    const { formerIds, ...placement } = row;
    return formerIds.length > 0 ? { ...placement, formerIds } : placement;
  }

  /**
   * How to reach a tenant's data, decrypted; undefined where it has no place yet. Never log it.
   *
   * @throws SecretError `envelope_unknown_key`, `envelope_tampered`, `envelope_malformed`, `key_provider_*`
   */
  async credentials(id: string): Promise<TenantCredentials | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await this.database.read<StoredCredentials & object>(
      `select data_source_id "dataSourceId", data_source_engine engine, data_source_url url,
         data_source_anon_key "anonKey", data_source_service_key "serviceKey" from tenants where id = $1`,
      [id],
    );
    if (!row?.dataSourceId || !row.engine || row.url === null) return undefined;
    const { dataSourceId, engine } = row;
    const [url, anonKey, serviceKey] = await Promise.all([
      this.box.decrypt(row.url, { owner: id, column: 'data_source_url' }),
      decryptColumn(this.box, id, 'data_source_anon_key', row.anonKey),
      decryptColumn(this.box, id, 'data_source_service_key', row.serviceKey),
    ]);
    return { dataSourceId, engine, url, anonKey, serviceKey };
  }

  /** Readable copies of the tenant's data, decrypted. Never log them. */
  async replicas(id: string): Promise<TenantReplica[]> {
    if (!isId(id)) return [];
    const [row] = await this.database.read<{ replicas: StoredReplica[] }>(
      'select data_source_replicas replicas from tenants where id = $1',
      [id],
    );
    return Promise.all(
      (row?.replicas ?? []).map(async (replica) => ({
        ...replica,
        url: await this.box.decrypt(replica.url, replicaPlace(id, replica.id)),
      })),
    );
  }

  /**
   * @throws ApplicationError `subdomain_invalid`, `subdomain_reserved`, `subdomain_taken`, `place_taken`, `tenant_invalid`
   */
  async create(tenant: NewTenant, by?: Author): Promise<Tenant> {
    const subdomain = readSubdomain(tenant.subdomain);
    const id = tenant.id ?? randomUUID();
    const { place } = tenant;
    const secrets = place ? await encryptCredentials(this.box, id, place) : [null, null, null];
    const values = [
      ...[id, tenant.name.trim(), subdomain, tenant.status ?? 'provisioning'],
      place?.tenantIdInDataSource ?? tenant.tenantIdInDataSource ?? id,
      ...[JSON.stringify(tenant.connectionPoolConfig ?? {}), tenant.notes, tenant.requiredRegion],
      ...[place?.dataSourceId, place?.engine, place?.region, ...secrets],
    ];
    return this.#changeOne(
      `insert into tenants (id, name, subdomain, status, tenant_id_in_data_source, connection_pool_config,
         data_source_notes, required_region, data_source_id, data_source_engine, data_source_region, data_source_url,
         data_source_anon_key, data_source_service_key)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) returning ${TENANT_COLUMNS}`,
      values,
      id,
      by,
    );
  }

  /** Columns that are left out stay. @throws ApplicationError `tenant_unknown`, and as `create` */
  async update(id: string, changes: TenantChanges, by?: Author): Promise<Tenant> {
    const columns: [name: string, value: unknown][] = [
      ['name', changes.name?.trim()],
      ['subdomain', changes.subdomain === undefined ? undefined : readSubdomain(changes.subdomain)],
      [
        'connection_pool_config',
        changes.connectionPoolConfig && JSON.stringify(changes.connectionPoolConfig),
      ],
      ['data_source_notes', changes.notes],
      ['required_region', changes.requiredRegion],
    ];
    const given = columns.filter(([, value]) => value !== undefined);
    if (given.length === 0) return this.get(id);
    const assignments = given.map(([name], index) => `${name} = $${index + 2}`).join(', ');
    return this.#changeOne(
      `update tenants set ${assignments} where id = $1 returning ${TENANT_COLUMNS}`,
      [id, ...given.map(([, value]) => value)],
      id,
      by,
    );
  }

  /** @throws ApplicationError `tenant_unknown` */
  setStatus(id: string, status: TenantStatus, by?: Author): Promise<Tenant> {
    return this.#changeOne(
      `update tenants set status = $2 where id = $1 returning ${TENANT_COLUMNS}`,
      [id, status],
      id,
      by,
    );
  }

  /**
   * Says that a tenant's data live elsewhere from now on: raises the route epoch by one, if it still is `expectedEpoch`.
   * Who moves a tenant opens its fence there at the epoch returned.
   *
   * @param prepare what has to be done there before the change becomes visible: it runs in the change's transaction, while the
   *   id there is reserved for this tenant, and a failure leaves the tenant where it was
   * @returns the tenant with its new epoch
   * @throws ApplicationError `route_changed` when someone else moved it meanwhile, `place_taken`, `tenant_unknown`
   */
  async setDataSource(
    id: string,
    place: TenantPlace & { expectedEpoch: string | bigint },
    by?: Author,
    prepare?: (moved: Tenant) => Promise<void>,
  ): Promise<Tenant> {
    const expected = String(place.expectedEpoch);
    const secrets = await encryptCredentials(this.box, id, place);
    const values = [id, expected, place.dataSourceId, place.engine, place.region, place.tenantIdInDataSource];
    const rows = await this.#change(
      `update tenants set route_epoch = route_epoch + 1, data_source_id = $3, data_source_engine = $4,
         data_source_region = $5, tenant_id_in_data_source = coalesce($6, tenant_id_in_data_source),
         data_source_url = $7, data_source_anon_key = $8, data_source_service_key = $9, data_source_replicas = '[]'
       where id = $1 and route_epoch = $2 returning ${TENANT_COLUMNS}`,
      [...values, ...secrets],
      by,
      async ([moved]) => moved && prepare?.(moved),
    );
    if (rows[0]) return rows[0];
    const { routeEpoch } = await this.get(id);
    throw new ApplicationError(
      'route_changed',
      `The tenant ${id} is at epoch ${routeEpoch}, not at ${expected}.`,
      { hint: 'Someone else moved it; read it again before moving it.' },
    );
  }

  /**
   * New credentials for the same place, such as a new password: the epoch stays, routers read them again.
   *
   * @throws ApplicationError `tenant_unknown`
   */
  async setCredentials(
    id: string,
    credentials: Pick<TenantCredentials, 'url' | 'anonKey' | 'serviceKey'>,
    by?: Author,
  ): Promise<Tenant> {
    const secrets = await encryptCredentials(this.box, id, credentials);
    return this.#changeOne(
      `update tenants set data_source_url = $2, data_source_anon_key = $3, data_source_service_key = $4
       where id = $1 returning ${TENANT_COLUMNS}`,
      [id, ...secrets],
      id,
      by,
    );
  }

  /** @throws ApplicationError `tenant_unknown` */
  async setReplicas(id: string, replicas: readonly TenantReplica[], by?: Author): Promise<Tenant> {
    const stored = await Promise.all(
      replicas.map(async ({ id: replicaId, region, url }) => ({
        id: replicaId,
        region,
        url: await this.box.encrypt(url, replicaPlace(id, replicaId)),
      })),
    );
    return this.#changeOne(
      `update tenants set data_source_replicas = $2 where id = $1 returning ${TENANT_COLUMNS}`,
      [id, JSON.stringify(stored)],
      id,
      by,
    );
  }

  /** Removes the tenant and its users from the application; its data stay where they are. @throws `tenant_unknown` */
  async remove(id: string, by?: Author): Promise<void> {
    await this.#changeOne(`delete from tenants where id = $1 returning ${TENANT_COLUMNS}`, [id], id, by);
  }

  async #changeOne(text: string, values: unknown[], id: string, by: Author | undefined): Promise<Tenant> {
    const [tenant] = await this.#change(text, values, by);
    if (!tenant) throw unknownTenant(id);
    return tenant;
  }

  async #change(
    text: string,
    values: unknown[],
    by: Author | undefined,
    beforeCommit?: (rows: Tenant[]) => Promise<void>,
  ): Promise<Tenant[]> {
    if (!isId(String(values[0]))) throw unknownTenant(String(values[0]));
    try {
      return await this.database.change(by, async (client) => {
        const { rows } = await client.query<Tenant & object>(text, values);
        await beforeCommit?.(rows);
        return rows;
      });
    } catch (error) {
      throw refusal(error) ?? error;
    }
  }
}

function refusal(error: unknown): ApplicationError | undefined {
  if (error instanceof pg.DatabaseError && error.code === 'MQ012') {
    const { message, hint } = error;
    return new ApplicationError('connection_pool_config_invalid', message, { hint });
  }
  const constraint = violatedConstraint(error);
  if (constraint === undefined) return undefined;
  if (constraint === 'tenants_subdomain_key') {
    return new ApplicationError('subdomain_taken', 'Another tenant has this subdomain.', {
      hint: 'Choose another one.',
    });
  }
  if (constraint === 'tenants_one_place') {
    return new ApplicationError('place_taken', 'Another tenant has this id in this data source.', {
      hint: 'Each tenant of a data source needs a tenant_id_in_data_source of its own.',
    });
  }
  return new ApplicationError('tenant_invalid', `The tenant is not valid (${constraint}).`, {
    hint: 'Check its name, status and tenant_id_in_data_source (a UUID).',
    cause: error,
  });
}
