// One tenant and the places it can live in, under another id in each. `cutOver` does to the databases and to the route what a move's
// cut-over does, in a few milliseconds.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after } from 'node:test';
import pg from 'pg';
import { DataSourceManager, type DataSourceManagerDependencies } from '@/lib/data-sources/manager';
import { startProject } from '../sources/supabase/project';
import { createTenantDatabase, type TenantDatabase, TestDirectory } from '../tenant-database';

const TABLES = ['accounts', 'contacts', 'contact_accounts'];

export interface Place {
  name: string;
  engine: 'postgresql' | 'supabase';
  database: TenantDatabase;
  /** The tenant's id there. */
  id: string;
  /** Where tenants are served: the router's login, or the project. */
  url: string;
  admin: pg.Client;
}

export interface CutOverOptions {
  /** Whether the manager hears of the new route. Without it, only the fence says that the old one does not hold. */
  notify?: boolean;
  /** How long both fences are closed, ms. */
  closedMs?: number;
}

/** What SQL and functions the tests call, in each place. */
const FUNCTIONS = `
  create function public.accounts_of(tenant uuid) returns setof public.accounts language sql stable
    as 'select * from public.accounts where tenant_id = tenant';
  create function public.rename_accounts(tenants uuid[], suffix text) returns bigint language sql volatile
    as 'with renamed as (update public.accounts set name = name || suffix where tenant_id = any (tenants) returning 1)
      select count(*) from renamed';
  grant execute on function public.accounts_of(uuid), public.rename_accounts(uuid[], text) to tenant_service, tenant_user`;

export class MovingTenant {
  readonly id = randomUUID();
  readonly directory = new TestDirectory();
  epoch = 1;
  here: Place;
  cutOvers = 0;

  /** A token that both Marquee and the project take for one of an owner's. */
  get token(): string {
    return `owner:${this.places.find(({ engine }) => engine === 'supabase')?.id}`;
  }

  private constructor(readonly places: readonly Place[]) {
    this.here = places[0] as Place;
  }

  /** On a shared and a dedicated PostgreSQL source and on a Supabase project that keeps fences; it begins on the first. */
  static async create(): Promise<MovingTenant> {
    const places: Place[] = [];
    const add = async (name: string, database: TenantDatabase, project?: string) => {
      const admin = new pg.Client({ connectionString: database.adminUrl });
      admin.on('error', () => {});
      await admin.connect();
      after(() => admin.end());
      const engine = project ? 'supabase' : 'postgresql';
      places.push({
        ...{ name, engine, database, id: randomUUID(), url: project ?? database.routerUrl, admin },
      });
    };
    for (const name of ['shared', 'dedicated']) {
      const database = await createTenantDatabase();
      await database.sql(FUNCTIONS);
      await add(name, database);
    }
    const project = await startProject({ fenced: true, prepare: ({ sql }) => sql(FUNCTIONS) });
    await add('project', project.database, project.url);
    const tenant = new MovingTenant(places);
    // In one place the ids are the same.
    tenant.here.id = tenant.id;
    await tenant.here.admin.query('select tenancy.open_fence($1, 1)', [tenant.id]);
    tenant.#route();
    return tenant;
  }

  newManager(
    settings: DataSourceManagerDependencies['settings'] = {},
    verifyAccessToken?: DataSourceManagerDependencies['verifyAccessToken'],
  ): DataSourceManager {
    const manager = new DataSourceManager(async () => ({
      directory: this.directory,
      verifyAccessToken: verifyAccessToken ?? ((token) => this.#verify(token)),
      settings: { moveWaitMs: 60_000, allowedFunctions: ['accounts_of', 'rename_accounts'], ...settings },
    }));
    after(() => manager.close());
    return manager;
  }

  async #verify(token: string) {
    if (token !== this.token) throw new Error('not our token');
    return { tenantId: this.id, userId: randomUUID(), userRole: 'owner' };
  }

  /** Waits for the tenant's statements that run, as a cut-over does. */
  async cutOver(to: Place, { notify = false, closedMs = 0 }: CutOverOptions = {}): Promise<void> {
    const from = this.here;
    await from.admin.query("select tenancy.close_fence($1, 'moved')", [from.id]);
    for (const table of TABLES) await carry(table, from, to);
    for (const table of TABLES) await remove(table, from);
    this.epoch += 1;
    this.here = to;
    this.#route();
    if (notify) this.directory.notify(this.id, String(this.epoch));
    if (closedMs > 0) await new Promise((resolve) => setTimeout(resolve, closedMs));
    await to.admin.query('select tenancy.open_fence($1, $2)', [to.id, this.epoch]);
    this.cutOvers += 1;
  }

  /** The accounts in a place, by id: `[name, notes]`. */
  async accountsIn(place: Place): Promise<Record<string, [string, string | null]>> {
    const { rows } = await place.admin.query('select id, name, notes from accounts where tenant_id = $1', [
      place.id,
    ]);
    return Object.fromEntries(rows.map(({ id, name, notes }) => [id, [name, notes]]));
  }

  /** The accounts of the model are where the tenant is, and none are left elsewhere. */
  async expectOnly(model: ReadonlyMap<string, unknown>): Promise<void> {
    assert.deepEqual(await this.accountsIn(this.here), Object.fromEntries(model), `in ${this.here.name}`);
    for (const place of this.places) {
      if (place !== this.here) assert.deepEqual(await this.accountsIn(place), {}, `left in ${place.name}`);
    }
  }

  #route(): void {
    const { engine, database, id, url } = this.here;
    this.directory.placements.set(this.id, {
      ...{ tenantId: this.id, status: 'active', dataSourceId: database.id, engine },
      ...{ epoch: String(this.epoch), tenantIdInDataSource: id, connectionPoolConfig: {} },
      formerIds: this.places.map((place) => place.id).filter((former) => former !== id && former !== this.id),
    });
    this.directory.credentialsByTenant.set(this.id, {
      ...{ dataSourceId: database.id, engine, url },
      ...(engine === 'supabase'
        ? { anonKey: 'anon', serviceKey: 'service' }
        : { anonKey: null, serviceKey: null }),
    });
  }
}

async function carry(table: string, from: Place, to: Place): Promise<void> {
  const { rows } = await from.admin.query(
    `select coalesce(jsonb_agg(to_jsonb(t) || jsonb_build_object('tenant_id', $2::text)), '[]')::text as found
     from ${table} t where tenant_id = $1`,
    [from.id, to.id],
  );
  const { rows: columns } = await to.admin.query(
    `select string_agg(quote_ident(attname), ', ') as list from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [table],
  );
  await inReplica(to, () =>
    to.admin.query(
      `insert into ${table} (${columns[0].list}) select ${columns[0].list} from jsonb_populate_recordset(null::${table}, $1)`,
      [rows[0].found],
    ),
  );
}

function remove(table: string, from: Place): Promise<unknown> {
  return inReplica(from, () => from.admin.query(`delete from ${table} where tenant_id = $1`, [from.id]));
}

async function inReplica(place: Place, work: () => Promise<unknown>): Promise<unknown> {
  await place.admin.query('set session_replication_role = replica');
  try {
    return await work();
  } finally {
    await place.admin.query('reset session_replication_role');
  }
}
