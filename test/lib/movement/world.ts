// Databases to move tenants between, and a tenant at work.
import { randomBytes, randomUUID } from 'node:crypto';
import { after } from 'node:test';
import pg from 'pg';
import { migrateApplicationDatabase, openApplicationDatabase } from '@/lib/application';
import { directoryOf } from '@/lib/data-sources';
import { DataSourceManager } from '@/lib/data-sources/manager';
import { loginUrl } from '@/lib/data-sources/provisioning/logins';
import { moveDependencies } from '@/lib/movement/control/adapters';
import type { MoveHooks, MovePoint } from '@/lib/movement/control/hooks';
import type { Move, MoveMode, MoveOptions } from '@/lib/movement/control/move';
import { MoveStore } from '@/lib/movement/control/move-store';
import { runMove } from '@/lib/movement/control/state-machine';
import { migrateOperationsDatabase, openOperationsDatabase } from '@/lib/operations';
import { createTestDatabase } from '../../support/postgres';
import { testSecretBox } from '../application/application-database';
import { createTenantDatabase, type TenantDatabase } from '../data-sources/tenant-database';

export type World = Awaited<ReturnType<typeof createWorld>>;

type Way = (url: string) => string;
const direct: Way = (url) => url;

/** Other tests' transactions on a shared server delay the creation of a slot. */
const SLOT_TIMEOUT_MS = 600_000;

/** A busy machine may pause for longer than a tenant should wait. */
const PAUSE_LIMIT_MS = 60_000;

export interface WorldOptions {
  /** Superuser URLs of the databases to use instead of the shared server's. */
  databases?: (string | undefined)[];
  /** By which URLs routers and movers reach them. */
  ways?: { router?: Way; mover?: Way }[];
  /** Superuser URLs of the servers of the application and the operations database, instead of the shared one. */
  servers?: { application?: string; operations?: string };
}

/** Two tenant data databases, application and operations database, and a manager that routes. */
export async function createWorld(options: WorldOptions = {}) {
  const { servers = {} } = options;
  const applicationUrl = await createTestDatabase('application', 'application', servers.application);
  const operationsUrl = await createTestDatabase('operations', 'operations', servers.operations);
  await migrateApplicationDatabase(applicationUrl);
  await migrateOperationsDatabase(operationsUrl);
  const key = randomBytes(32).toString('hex');
  /** For a process of its own. */
  const keys = { applicationUrl, operationsUrl, applicationKey: key, operationsKey: key };
  const secretBox = testSecretBox(key);
  const application = openApplicationDatabase({ url: applicationUrl, secretBox, maxConnections: 4 });
  const operations = openOperationsDatabase({ url: operationsUrl, secretBox, maxConnections: 12 });
  after(() => Promise.all([application.close(), operations.close()]));
  const databases = [
    await addDatabase(options.databases?.[0], options.ways?.[0]),
    await addDatabase(options.databases?.[1], options.ways?.[1]),
  ] as const;
  let hooks: MoveHooks = () => {};
  const dependencies = moveDependencies({
    application,
    operations,
    hooks: (point) => hooks(point),
  });
  const manager = new DataSourceManager(async () => ({
    directory: directoryOf(application),
    verifyAccessToken: () => Promise.reject(new Error('no users here')),
    // However busy the machine is: no statement of a test gives up before its move goes on.
    settings: { moveWaitMs: 120_000 },
  }));
  after(() => manager.close());
  /** A manager that receives no notifications of route changes. */
  const deafManager = () => {
    const deaf = new DataSourceManager(async () => ({
      directory: { ...directoryOf(application), listen: async () => ({ close: async () => {} }) },
      verifyAccessToken: () => Promise.reject(new Error('no users here')),
    }));
    after(() => deaf.close());
    return deaf;
  };

  /** @param ways the URLs that routers and movers are given */
  async function addDatabase(url?: string, ways: { router?: Way; mover?: Way } = {}) {
    const database = await createTenantDatabase(url ?? (await createTestDatabase('database', 'tenant_data')));
    const { router = direct, mover = direct } = ways;
    database.routerUrl = router(database.routerUrl);
    const source = await operations.dataSources.create({
      name: `database-${randomBytes(4).toString('hex')}`,
      kind: 'shared',
      adminUrl: database.ownerUrl,
      routerUrl: database.routerUrl,
      moverUrl: mover(loginUrl(database.adminUrl, database.logins.mover)),
    });
    return Object.assign(database, { id: source.id });
  }

  const store = new MoveStore(operations.pool);
  return {
    application,
    secretBox,
    operations,
    keys,
    deafManager,
    dependencies,
    manager,
    store,
    databases,
    addDatabase,
    /** Makes moves go wrong, or look on. */
    onPoint(hook: MoveHooks) {
      hooks = hook;
    },
    failAt(point: MovePoint, error: Error = new Error(`failed at ${point}`)) {
      let failed = false;
      hooks = (reached) => {
        if (reached !== point || failed) return;
        failed = true;
        throw error;
      };
    },
    /** An active tenant with some rows in the database. */
    async tenant(database: TenantDatabase, rows = 50, idInDataSource?: string): Promise<string> {
      const id = randomUUID();
      const there = idInDataSource ?? id;
      await database.sql('select tenancy.open_fence($1, 1)', [there]);
      await application.tenants.create({
        ...{
          id,
          name: 'Booths & Co',
          subdomain: `t-${id.slice(0, 13)}`,
          status: 'active',
          tenantIdInDataSource: there,
        },
        place: {
          dataSourceId: database.id,
          engine: 'postgresql',
          url: database.routerUrl,
          anonKey: null,
          serviceKey: null,
        },
      });
      await fill(database, there, rows);
      return id;
    },
    start(
      tenantId: string,
      to: { id: string },
      given: {
        mode?: MoveMode;
        options?: MoveOptions;
        toTenantId?: string;
        from?: { id: string };
        fromTenantId?: string;
      } = {},
    ): Promise<Move> {
      return store.create({
        ...{ tenantId, fromSource: given.from?.id ?? databases[0].id, toSource: to.id },
        ...{ fromTenantId: given.fromTenantId ?? tenantId, toTenantId: given.toTenantId ?? tenantId },
        ...{
          mode: given.mode ?? 'logical',
          options: {
            ...{ load: false, slotTimeoutMs: SLOT_TIMEOUT_MS, pauseLimitMs: PAUSE_LIMIT_MS },
            ...given.options,
          },
          requestedBy: 'test',
        },
      });
    },
    /** @param own hooks of this run, instead of those of all */
    run: (move: Pick<Move, 'id'>, own?: MoveHooks) =>
      runMove({ ...dependencies, ...(own ? { hooks: own } : {}) }, move.id, { returnWhenWaiting: true }),
    async want(move: Pick<Move, 'id'>, wanted: Parameters<MoveStore['want']>[1]) {
      await store.want(move.id, wanted);
      return runMove(dependencies, move.id, { returnWhenWaiting: true });
    },
  };
}

/** Rows that refer to each other in a circle, large values that are stored apart, arrays, ranges, nulls. */
export async function fill(database: TenantDatabase, tenantId: string, rows: number): Promise<void> {
  const client = new pg.Client({ connectionString: database.adminUrl });
  await client.connect();
  try {
    await client.query('begin; set local session_replication_role = replica');
    await client.query(
      `insert into locations (tenant_id, name, lat) select $1, 'Hall ' || n, n / 7.0 from generate_series(1, $2::int) n`,
      [tenantId, Math.ceil(rows / 2)],
    );
    await client.query(
      `insert into accounts (tenant_id, name, email) select $1, 'Account ' || n, case when n % 3 = 0 then null else 'a' || n || '@example.com' end
       from generate_series(1, $2::int) n`,
      [tenantId, rows],
    );
    await client.query(
      `insert into templates (tenant_id, type, name, content)
       select $1, 'email', 'Template ' || n, (select string_agg(md5(n::text || m::text), '') from generate_series(1, 200) m) from generate_series(1, 5) n`,
      [tenantId],
    );
    await client.query(
      `insert into user_integrations (tenant_id, provider, scopes) values ($1, 'calendar', '{a,"b c",null}')`,
      [tenantId],
    );
    // An opportunity needs its lead, whose deletion would empty the reference.
    await client.query(
      `with pairs as (select gen_random_uuid() as lead, gen_random_uuid() as opportunity from generate_series(1, 2)),
         made as (insert into leads (tenant_id, id, first_name, converted_opportunity_id) select $1, lead, 'Ada', opportunity from pairs)
       insert into opportunities (tenant_id, id, name, lead_id, currency) select $1, opportunity, 'Wedding', lead, 'USD' from pairs`,
      [tenantId],
    );
    await client.query('commit');
  } finally {
    await client.end();
  }
}

/** A tenant at work: writes, remembers what was acknowledged, and checks it. */
export class Writer {
  readonly acknowledged: string[] = [];
  readonly waits: number[] = [];
  readonly errors: unknown[] = [];
  #running = true;
  #loops: Promise<void>[];

  constructor(
    private readonly manager: DataSourceManager,
    private readonly tenantId: string,
    options: { writers?: number; pauseMs?: number } = {},
  ) {
    const { writers = 4, pauseMs = 2 } = options;
    this.#loops = Array.from({ length: writers }, () => this.#write(pauseMs));
  }

  async stop(): Promise<void> {
    this.#running = false;
    await Promise.all(this.#loops);
  }

  /** @returns acknowledged writes that are missing, and rows that are there more than once */
  async check(
    database: TenantDatabase,
    tenantId = this.tenantId,
  ): Promise<{ lost: number; doubled: number }> {
    const { rows } = await database.sql(
      `select website as id, count(*)::int as n from accounts where tenant_id = $1 and website is not null group by 1`,
      [tenantId],
    );
    const found = new Map(rows.map(({ id, n }) => [id as string, n as number]));
    return {
      lost: this.acknowledged.filter((id) => !found.has(id)).length,
      doubled: [...found.values()].filter((n) => n > 1).length,
    };
  }

  async #write(pauseMs: number): Promise<void> {
    while (this.#running) {
      const id = randomUUID();
      const started = performance.now();
      try {
        await this.manager.execute(this.tenantId, {
          text: 'insert into accounts (name, website) values ($1, $2)',
          values: ['written', id],
        });
        this.acknowledged.push(id);
        this.waits.push(performance.now() - started);
      } catch (error) {
        this.errors.push(error);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }
}

/** What a move has left in a database: must be nothing when it has ended. */
export async function leftovers(
  database: TenantDatabase,
  moveId: string,
  tenantId: string,
): Promise<Record<string, number>> {
  const like = `marquee_move_${moveId.replaceAll('-', '')}%`;
  const { rows } = await database.sql(
    `select (select count(*)::int from pg_replication_slots where slot_name like $1) as slots,
       (select count(*)::int from pg_publication where pubname like $1) as publications,
       (select count(*)::int from pg_trigger where tgname like $1) as triggers,
       (select count(*)::int from tenancy.move_progress where move_id = $2) as progress,
       (select count(*)::int from tenancy.move_log where move_id = $2) as log,
       (select count(*)::int from tenancy.fence where tenant_id = $3) as fences,
       (select count(*)::int from accounts where tenant_id = $3) as rows`,
    [like, moveId, tenantId],
  );
  return rows[0] as Record<string, number>;
}

export const NOTHING = { slots: 0, publications: 0, triggers: 0, progress: 0, log: 0, fences: 0, rows: 0 };
