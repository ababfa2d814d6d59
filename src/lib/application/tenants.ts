import { randomUUID } from 'node:crypto';
import type { SecretBox } from '@/lib/secrets';
import { changeTenant } from './change-tenants';
import type { Author, Database } from './database';
import {
  type FormerTenant,
  isId,
  type NewTenant,
  readSubdomain,
  type Tenant,
  type TenantChanges,
  type TenantCredentials,
  type TenantPlace,
  type TenantPlacement,
  type TenantReplica,
  type TenantStatus,
  unknownTenant,
} from './tenant';
import { prepareRouteChange, urlPlaces } from './tenant-route';
import { encryptCredentials, encryptReplicas, readCredentials, readReplicas } from './tenant-secrets';
import { TENANTS } from './tenant-statements';

export interface TenantFilter {
  status?: TenantStatus;
  dataSourceId?: string;
  tenantIdInDataSource?: string;
  /** Part of name or subdomain. */
  search?: string;
  /** At most this many. Default 1000. */
  limit?: number;
  /** The page after this tenant. */
  after?: Pick<Tenant, 'id' | 'createdAt'>;
}

/** A part of the list of tenants, for screens. */
export interface TenantPage {
  status?: TenantStatus | undefined;
  dataSourceId?: string | undefined;
  /** Part of name or subdomain. */
  search?: string | undefined;
  sort?: 'name' | 'subdomain' | 'status' | 'createdAt' | undefined;
  descending?: boolean | undefined;
  offset: number;
  limit: number;
}

/** The table `tenants`. Credentials are written and read here only, and are stored encrypted. */
export class Tenants {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
  ) {}

  async find(id: string): Promise<Tenant | undefined> {
    if (!isId(id)) return undefined;
    const [tenant] = await this.database.read<Tenant>(TENANTS.find, [id]);
    return tenant;
  }

  /** @throws ApplicationError `tenant_unknown` */
  async get(id: string): Promise<Tenant> {
    const tenant = await this.find(id);
    if (!tenant) throw unknownTenant(id);
    return tenant;
  }

  async findBySubdomain(subdomain: string): Promise<Tenant | undefined> {
    // PostgreSQL's texts cannot contain a null character.
    if (subdomain.includes('\0')) return undefined;
    const [tenant] = await this.database.read<Tenant>(TENANTS.findBySubdomain, [subdomain.toLowerCase()]);
    return tenant;
  }

  /** @param name id or subdomain @throws ApplicationError `tenant_unknown` */
  async named(name: string): Promise<Tenant> {
    const tenant = (await this.find(name)) ?? (await this.findBySubdomain(name));
    if (!tenant) throw unknownTenant(name);
    return tenant;
  }

  /** Name and subdomain of each of these tenants that exists, by id. */
  async names(ids: Iterable<string>): Promise<ReadonlyMap<string, Pick<Tenant, 'name' | 'subdomain'>>> {
    const wanted = [...new Set(ids)].filter(isId);
    if (wanted.length === 0) return new Map();
    const rows = await this.database.read<Pick<Tenant, 'id' | 'name' | 'subdomain'>>(TENANTS.names, [wanted]);
    return new Map(rows.map(({ id, ...names }) => [id, names]));
  }

  /**
   * Tenants that were removed, the last one first: those of these ids, or that had this subdomain. Records that were archived are not read.
   */
  former(which: { ids: readonly string[] } | { subdomain: string }): Promise<FormerTenant[]> {
    const [ids, subdomain] = 'ids' in which ? [which.ids, null] : [null, which.subdomain.toLowerCase()];
    if (ids?.length === 0 || subdomain?.includes('\0')) return Promise.resolve([]);
    return this.database.read<FormerTenant>(TENANTS.former, [ids, subdomain]);
  }

  /** In the order of creation. */
  list(filter: TenantFilter = {}): Promise<Tenant[]> {
    const { status, dataSourceId, tenantIdInDataSource, search, limit = 1000, after } = filter;
    const page = [after?.id, after?.createdAt, limit, tenantIdInDataSource];
    return this.database.read<Tenant>(TENANTS.list, [status, dataSourceId, search, ...page]);
  }

  /** All of them, in the order of creation, read page by page: there may be ten thousand. */
  async *all(filter: Omit<TenantFilter, 'limit' | 'after'> = {}): AsyncGenerator<Tenant> {
    const limit = 1000;
    for (let after: Tenant | undefined; ; ) {
      const page = await this.list({ ...filter, limit, ...(after ? { after } : {}) });
      yield* page;
      if (page.length < limit) return;
      after = page.at(-1);
    }
  }

  /** A part of the list as a screen shows it, and how many tenants it has in all. */
  async page(page: TenantPage): Promise<{ rows: Tenant[]; total: number }> {
    const { status, dataSourceId, search, sort = 'name', descending = false, offset, limit } = page;
    const which = [status, dataSourceId, search];
    const [rows, [counted]] = await Promise.all([
      this.database.read<Tenant>(TENANTS.page, [...which, sort, descending, offset, limit]),
      this.database.read<{ count: number }>(TENANTS.pageCount, which),
    ]);
    return { rows, total: counted?.count ?? 0 };
  }

  /** How many tenants there are, by status and data source. */
  counts(): Promise<(Pick<Tenant, 'status' | 'dataSourceId'> & { count: number })[]> {
    return this.database.read(TENANTS.counts, []);
  }

  /** What a router must know; undefined where there is no such tenant. */
  async placement(id: string): Promise<TenantPlacement | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await this.database.read<TenantPlacement & { formerIds: string[] }>(TENANTS.placement, [
      id,
    ]);
    if (!row) return undefined;
    const { formerIds, ...placement } = row;
    return formerIds.length > 0 ? { ...placement, formerIds } : placement;
  }

  /**
   * How to reach a tenant's data, decrypted; undefined where it has no place yet. Never log it.
   *
   * @throws SecretError `envelope_unknown_key`, `envelope_tampered`, `envelope_malformed`, `key_provider_*`
   */
  credentials(id: string): Promise<TenantCredentials | undefined> {
    return readCredentials(this.database, this.box, id);
  }

  /** Readable copies of the tenant's data, decrypted. Never log them. */
  replicas(id: string): Promise<TenantReplica[]> {
    return readReplicas(this.database, this.box, id);
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
      await encryptReplicas(this.box, id, place?.replicas),
    ];
    return changeTenant(this.database, TENANTS.create, values, by);
  }

  /** Columns that are left out stay. @throws ApplicationError `tenant_unknown`, and as `create` */
  async update(id: string, changes: TenantChanges, by?: Author): Promise<Tenant> {
    const given = JSON.stringify({
      name: changes.name?.trim(),
      subdomain: changes.subdomain === undefined ? undefined : readSubdomain(changes.subdomain),
      connection_pool_config: changes.connectionPoolConfig,
      data_source_notes: changes.notes,
      required_region: changes.requiredRegion,
      support_policy: changes.supportPolicy,
    });
    if (given === '{}') return this.get(id);
    return changeTenant(this.database, TENANTS.update, [id, given], by);
  }

  /** @throws ApplicationError `tenant_unknown` */
  setStatus(id: string, status: TenantStatus, by?: Author): Promise<Tenant> {
    return changeTenant(this.database, TENANTS.setStatus, [id, status], by);
  }

  /**
   * Changes a tenant's route to another data source: raises the route epoch by one, if it still is `expectedEpoch`.
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
    const set = await this.prepareDataSource(id, place);
    return set(place.expectedEpoch, by, prepare);
  }

  /** Does beforehand what {@link setDataSource} needs: see `prepareRouteChange`. */
  prepareDataSource(id: string, place: TenantPlace) {
    return prepareRouteChange(this.database, this.box, id, place);
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
    const auditColumns = await urlPlaces(this.database, this.box, id, credentials.url);
    return changeTenant(this.database, TENANTS.setCredentials, [id, ...secrets], by, { auditColumns });
  }

  /**
   * Another URL for every tenant of a data source, such as that of a new login: for all in one transaction. A tenant that is placed there
   * meanwhile with the former URL is found by calling it again.
   *
   * @returns how many had another one
   */
  async setUrlOfSource(dataSourceId: string, url: string, by?: Author): Promise<number> {
    const mark = this.box.fingerprint(url);
    const others = await this.database.read<{ id: string; envelope: string }>(TENANTS.withOtherUrl, [
      dataSourceId,
      mark,
    ]);
    if (others.length === 0) return 0;
    const encrypted: string[] = [];
    for (const { id } of others)
      encrypted.push(await this.box.encrypt(url, { owner: id, column: 'data_source_url' }));
    const changed = await this.database.change(by, TENANTS.setUrls, [
      dataSourceId,
      others.map(({ id }) => id),
      others.map(({ envelope }) => envelope),
      encrypted,
    ]);
    return changed.length;
  }

  /** @throws ApplicationError `tenant_unknown` */
  async setReplicas(id: string, replicas: readonly TenantReplica[], by?: Author): Promise<Tenant> {
    return changeTenant(
      this.database,
      TENANTS.setReplicas,
      [id, await encryptReplicas(this.box, id, replicas)],
      by,
    );
  }

  /** Removes the tenant and its users from the application; its data stay where they are. @throws `tenant_unknown` */
  async remove(id: string, by?: Author): Promise<void> {
    await changeTenant(this.database, TENANTS.remove, [id], by);
  }
}
