// The data engines of a PostgreSQL source. There is one for each set of privileges, since `select=*` means the columns that the role may read.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import type { TextRow } from '@/lib/postgres';
import type { EngineRequest, RunTransaction } from '@/lib/rest';
import { Engine, loadSchemaCache, type SchemaCache } from '@/lib/rest';
import type { SchemaRole } from '../../routing/route';

/** Runs statements of the source itself, as a role and for no tenant. */
export type RunAsRole = (role: SchemaRole) => RunTransaction;

/** How often the schema is checked for changes, ms; a check costs the database about 5 ms. If the last check is twice as old, requests wait for a new one. */
const CHECK_EVERY_MS = 10_000;
/** A request that names something unknown makes the schema be read again, but at most once in this time, ms. */
const MISS_EVERY_MS = 100;

/** Functions of the tenant schema read their caller from the claims, never from HTTP headers. */
const SETTINGS = {
  schemas: ['public'],
  requestContext: false,
  bounded: true,
  estimateAbove: 5_000,
  aggregatesEnabled: true,
  catalogNames: false,
  openApi: { followPrivileges: true, securityActive: true, uri: publicUri },
} as const;

/** The address of `/rest/v1` as the client sees it. */
function publicUri({ headers }: EngineRequest): URL {
  const protocol = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http';
  const address = `${protocol}://${headers.host ?? 'localhost'}/rest/v1`;
  return new URL(URL.canParse(address) ? address : 'http://localhost/rest/v1');
}

/** Number of engines in memory. While databases are being migrated there are two versions of each. */
const MAX_ENGINES = 24;
/** Number of engines of one source: three roles, before and after a migration. */
const MAX_OWN_ENGINES = 6;
/**
 * Engines by role and by a digest of the whole schema, so that databases with the same schema share one. The key is not the version that
 * the database reports: a customer's database could report a false one and so affect the engine of other tenants.
 */
const engines = new LRUCache<string, Engine>({ max: MAX_ENGINES });

export class Engines {
  /** This source's engines, by role and fingerprint. */
  readonly #engines = new LRUCache<string, Promise<Engine>>({ max: MAX_OWN_ENGINES });
  /** The engines of the current fingerprint, by role. */
  readonly #ready = new Map<SchemaRole, Engine>();
  #fingerprint: Promise<string> | undefined;
  #checkedAt = Number.NEGATIVE_INFINITY;
  #nextReread: Promise<void> | undefined;

  constructor(private readonly runAsRole: RunAsRole) {}

  /** The engine for a role. It is no promise if it is known and the schema was checked recently. */
  of(role: SchemaRole): Engine | Promise<Engine> {
    const ready = this.#ready.get(role);
    return ready && performance.now() - this.#checkedAt <= CHECK_EVERY_MS ? ready : this.#find(role);
  }

  async #find(role: SchemaRole): Promise<Engine> {
    const age = performance.now() - this.#checkedAt;
    if (age > CHECK_EVERY_MS) {
      const checked = this.#check();
      if (age > 2 * CHECK_EVERY_MS) await checked;
    }
    const fingerprint = this.#fingerprint;
    const key = `${role}:${await fingerprint}`;
    let making = this.#engines.get(key);
    if (!making) {
      making = this.#make(role);
      this.#engines.set(key, making);
      making.catch(() => this.#engines.delete(key));
    }
    const engine = await making;
    if (this.#fingerprint === fingerprint) this.#ready.set(role, engine);
    return engine;
  }

  /** The engine of the current schema, for a request that named something that its engine did not know. */
  async afterMiss(role: SchemaRole): Promise<Engine> {
    this.#nextReread ??= sleep(MISS_EVERY_MS).then(() => {
      // A request that comes after this point may need a newer schema: it starts another reading.
      this.#nextReread = undefined;
      return this.#reread();
    });
    await this.#nextReread.catch(() => {});
    return this.of(role);
  }

  /** The schema has changed, so the next request reads it again. */
  forget(): void {
    this.#use(undefined);
    this.#checkedAt = Number.NEGATIVE_INFINITY;
  }

  /** Checks the schema. Its known fingerprint stays in use during the check, and if the check fails. */
  #check(): Promise<void> {
    this.#checkedAt = performance.now();
    const known = this.#fingerprint;
    const reading = this.#read();
    if (!known) {
      this.#use(reading);
      reading.catch(() => this.forget());
      return reading.then(() => {});
    }
    return reading.then(
      () => {
        if (this.#fingerprint === known) this.#use(reading);
      },
      () => {},
    );
  }

  #use(fingerprint: Promise<string> | undefined): void {
    this.#fingerprint = fingerprint;
    this.#ready.clear();
  }

  async #reread(): Promise<void> {
    const read = await this.#read();
    this.#use(Promise.resolve(read));
    this.#checkedAt = performance.now();
  }

  /** A digest of the versions of everything that plans depend on. */
  async #read(): Promise<string> {
    const run = this.runAsRole('tenant_service');
    const [row] = await run({ readOnly: true, settings: [], statement: { text: FINGERPRINT, values: [] } });
    return createHash('sha256')
      .update(row?.join() ?? '')
      .digest('base64url');
  }

  async #make(role: SchemaRole): Promise<Engine> {
    const read = createHash('sha256').update(role);
    const run: RunTransaction = async (transaction) => {
      const rows = await this.runAsRole(role)(transaction);
      read.update(JSON.stringify(rows));
      return rows;
    };
    const schemaCache = await loadSchemaCache(run, { schemas: SETTINGS.schemas });
    const hidden = await run({ readOnly: true, settings: [], statement: { text: HIDDEN, values: [] } });
    const key = read.digest('base64url');
    const known = engines.get(key);
    if (known) return known;
    const engine = new Engine(hideColumns(schemaCache, hidden), SETTINGS);
    engines.set(key, engine);
    return engine;
  }
}

/** Leaves the columns that the role may not read out of `*`. If a request names one, the database refuses it. */
function hideColumns(cache: SchemaCache, hidden: readonly TextRow[]): SchemaCache {
  const names = new Set(hidden.map(([table, column]) => `${table}.${column}`));
  const tables = [...cache.tables].map(([key, table]) => {
    const columns = [...table.columns].map(([name, column]) => {
      return [name, names.has(`${table.name}.${name}`) ? { ...column, hidden: true } : column] as const;
    });
    return [key, { ...table, columns: new Map(columns) }] as const;
  });
  return { ...cache, tables: new Map(tables) };
}

/** The unreadable columns of relations that the role may read in part. */
const HIDDEN = `
  select c.relname, a.attname
  from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
  where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    and has_any_column_privilege(c.oid, 'select') and not has_column_privilege(c.oid, a.attnum, 'select')
  order by 1, 2`;

/**
 * Another value whenever something that plans depend on was defined anew, or its privileges were changed. It compares the versions of catalog
 * rows, since their contents (defaults and names of parameters, the queries of views, labels of enums, …) would be too much to compare.
 */
const FINGERPRINT = `
  with relation as (
    select oid, relname, relkind, relacl from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm', 'f')
  ),
  part (text) as (
    -- Other things than its definition give a relation's row another version.
    select concat_ws(' ', oid, relname, relkind, relacl) from relation
    union all select concat_ws(' ', 'column', attrelid, attnum, a.xmin) from pg_attribute a join relation r on r.oid = attrelid where attnum > 0
    union all select concat_ws(' ', 'default', d.oid, d.xmin) from pg_attrdef d join relation r on r.oid = adrelid
    union all select concat_ws(' ', 'view', w.oid, w.xmin) from pg_rewrite w join relation r on r.oid = ev_class
    union all select concat_ws(' ', 'key', oid, xmin) from pg_constraint where connamespace = 'public'::regnamespace and contype in ('p', 'u', 'f')
    union all select concat_ws(' ', 'function', oid, xmin) from pg_proc where pronamespace = 'public'::regnamespace
    union all select concat_ws(' ', 'type', oid, xmin) from pg_type where typnamespace = 'public'::regnamespace
    union all select concat_ws(' ', 'label', e.oid, e.xmin) from pg_enum e join pg_type t on t.oid = enumtypid where typnamespace = 'public'::regnamespace
    union all select concat_ws(' ', 'cast', oid, xmin) from pg_cast where castmethod = 'f' and castcontext = 'i'
    union all select concat_ws(' ', 'comment', classoid, objoid, objsubid, d.xmin) from pg_description d
      where classoid in ('pg_class'::regclass, 'pg_proc'::regclass) and objoid >= 16384
  )
  select count(*) || ' ' || sum(hashtextextended(text, 0)) from part`;
