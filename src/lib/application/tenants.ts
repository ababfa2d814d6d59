import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { withoutPassword } from '@/lib/postgres';
import type { SecretBox } from '@/lib/secrets';
import {
  type Author,
  type ChangeOptions,
  type Database,
  type ShownBeside,
  violatedConstraint,
} from './database';
import { ApplicationError } from './errors';
import type { Statement } from './statements';
import {
  type DataSourceEngine,
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
import { decryptColumn, encryptCredentials, replicaPlace, type StoredReplica } from './tenant-secrets';
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
    // No text of PostgreSQL's has it.
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
  async credentials(id: string): Promise<TenantCredentials | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await this.database.read<StoredCredentials>(TENANTS.credentials, [id]);
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
    const [row] = await this.database.read<{ replicas: StoredReplica[] }>(TENANTS.replicas, [id]);
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
      await this.#storedReplicas(id, place?.replicas),
    ];
    return this.#changeOne(TENANTS.create, values, id, by);
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
    return this.#changeOne(TENANTS.update, [id, given], id, by);
  }

  /** @throws ApplicationError `tenant_unknown` */
  setStatus(id: string, status: TenantStatus, by?: Author): Promise<Tenant> {
    return this.#changeOne(TENANTS.setStatus, [id, status], id, by);
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

  /**
   * Does what a change of a tenant's route can do beforehand: encrypts the credentials, and reads where the tenant is for the audit log.
   * Call what it returns soon: credentials may be rotated meanwhile.
   *
   * @returns changes the route as {@link setDataSource} does
   */
  async prepareDataSource(id: string, place: TenantPlace) {
    const { dataSourceId, engine, region, tenantIdInDataSource } = place;
    const [secrets, beside, replicas] = await Promise.all([
      encryptCredentials(this.box, id, place),
      this.#places(id, place.url),
      this.#storedReplicas(id, place.replicas),
    ]);
    const stored = [dataSourceId, engine, region, tenantIdInDataSource, ...secrets, replicas];
    return (
      expectedEpoch: string | bigint,
      by?: Author,
      prepare?: (moved: Tenant) => Promise<void>,
    ): Promise<Tenant> => this.#place([id, String(expectedEpoch), ...stored], beside, by, prepare);
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
    const beside = await this.#places(id, credentials.url);
    return this.#changeOne(TENANTS.setCredentials, [id, ...secrets], id, by, beside);
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
    return this.#changeOne(TENANTS.setReplicas, [id, await this.#storedReplicas(id, replicas)], id, by);
  }

  /** Removes the tenant and its users from the application; its data stay where they are. @throws `tenant_unknown` */
  async remove(id: string, by?: Author): Promise<void> {
    await this.#changeOne(TENANTS.remove, [id], id, by);
  }

  /** @param values of the statement `setDataSource` without the status */
  async #place(
    values: unknown[],
    beside: ShownBeside,
    by: Author | undefined,
    prepare: ((moved: Tenant) => Promise<void>) | undefined,
  ): Promise<Tenant> {
    const [id, expected] = values as string[];
    const moved =
      prepare && !this.database.holdsTransactions
        ? await this.#placeInSteps(values, beside, by, prepare)
        : await this.#change(TENANTS.setDataSource, [...values, null], by, {
            beside,
            beforeCommit: prepare && (async ([tenant]) => tenant && prepare(tenant)),
          });
    if (moved[0]) return moved[0];
    const { routeEpoch } = await this.get(id as string);
    throw new ApplicationError(
      'route_changed',
      `The tenant ${id} is at epoch ${routeEpoch}, not at ${expected}.`,
      { hint: 'Someone else moved it; read it again before moving it.' },
    );
  }

  /**
   * Places a tenant that has no place yet, where no transaction can stay open meanwhile: it takes the place while it is in
   * `provisioning`, which serves no request, and gives it back where `prepare` fails.
   */
  async #placeInSteps(
    values: unknown[],
    beside: ShownBeside,
    by: Author | undefined,
    prepare: (moved: Tenant) => Promise<void>,
  ): Promise<Tenant[]> {
    const { id, status } = await this.get(String(values[0]));
    const [placed] = await this.#change(TENANTS.setDataSource, [...values, 'provisioning'], by, { beside });
    if (!placed) return [];
    try {
      await prepare({ ...placed, status });
    } catch (error) {
      await this.#change(TENANTS.clearDataSource, [id, placed.routeEpoch, status], by);
      throw error;
    }
    return this.#change(TENANTS.setStatus, [id, status], by);
  }

  /** As the column holds them. */
  async #storedReplicas(id: string, replicas: readonly TenantReplica[] = []): Promise<string> {
    const stored = replicas.map(async ({ id: replicaId, region, url }) => ({
      id: replicaId,
      region,
      url: await this.box.encrypt(url, replicaPlace(id, replicaId)),
    }));
    return JSON.stringify(await Promise.all(stored));
  }

  /** Where the tenant's URL leads now and with the new one, for the audit log: the URL itself is recorded as a fingerprint. */
  async #places(id: string, url: string): Promise<ShownBeside> {
    const former = await this.credentials(id).catch(() => undefined);
    return {
      before: former ? { data_source_url_at: withoutPassword(former.url) } : {},
      after: { data_source_url_at: withoutPassword(url) },
    };
  }

  async #changeOne(
    statement: Statement,
    values: unknown[],
    id: string,
    by: Author | undefined,
    beside?: ShownBeside,
  ): Promise<Tenant> {
    const [tenant] = await this.#change(statement, values, by, { beside });
    if (!tenant) throw unknownTenant(id);
    return tenant;
  }

  async #change(
    statement: Statement,
    values: unknown[],
    by: Author | undefined,
    options?: ChangeOptions<Tenant>,
  ): Promise<Tenant[]> {
    if (!isId(String(values[0]))) throw unknownTenant(String(values[0]));
    try {
      return await this.database.change<Tenant>(by, statement, values, options);
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
