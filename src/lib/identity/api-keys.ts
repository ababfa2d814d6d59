// Keys of a tenant's programs: the table `api_keys` of the operations database.
import { createHash, randomBytes } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type pg from 'pg';
import type { ApplicationDatabase } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';
import { IdentityError, type IdentityErrorCode } from './errors';
import { KeyUse } from './key-use';

export const API_KEY_KINDS = ['anon', 'service', 'scoped'] as const;
export type ApiKeyKind = (typeof API_KEY_KINDS)[number];

/** Roles that a scoped key may have: none that manages people, settings or other keys. */
export const API_KEY_ROLES = ['manager', 'sales', 'staff', 'viewer'] as const;
export type ApiKeyRole = (typeof API_KEY_ROLES)[number];

export interface ApiKey {
  id: string;
  tenantId: string;
  /** `anon` names the tenant and allows nothing by itself; `service` is the whole tenant; `scoped` is what `role` may. */
  kind: ApiKeyKind;
  role: ApiKeyRole | null;
  name: string;
  createdAt: Date;
  /** A user's id, or who acted at the command line: `cli:<system user>@<host>`, `user:<id of an operator>`. */
  createdBy: string;
  /** Null where it does not expire. */
  expiresAt: Date | null;
  /** To the minute; null where it was never used. */
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}

export interface NewApiKey {
  tenantId: string;
  kind: ApiKeyKind;
  /** Role of a scoped key. */
  role?: ApiKeyRole | undefined;
  name: string;
  /** A user's id, or who acted at the command line: `cli:<system user>@<host>`, `user:<id of an operator>`. */
  createdBy: string;
  expiresAt?: Date | undefined;
}

/** `mq_service_…`: says what it is, so that people and scanners for leaked secrets know it. */
const FORM = /^mq_(anon|service|scoped)_[\w-]{43}$/;
const BELIEVED_MS = 10_000;
const TOUCH_MS = 60_000;
const COLUMNS = `id, tenant_id "tenantId", kind, role, name, created_at "createdAt", created_by "createdBy",
  expires_at "expiresAt", last_used_at "lastUsedAt", revoked_at "revokedAt"`;

/** Where keys are stored, and how other processes learn that one has changed. */
interface ApiKeyDatabases {
  application: Pick<ApplicationDatabase, 'announceUser' | 'audit'>;
  operations: Pick<OperationsDatabase, 'pool'>;
}

export class ApiKeys {
  readonly #known = new LRUCache<string, ApiKey>({ max: 10_000, ttl: BELIEVED_MS });
  /** Raised by each change: what was read before a change is not cached. */
  #changes = 0;

  readonly #use: KeyUse;

  constructor(private readonly databases: ApiKeyDatabases) {
    this.#use = new KeyUse(databases);
  }

  get #pool(): pg.Pool {
    return this.databases.operations.pool;
  }

  /** Whether a text has the form of a key. */
  static isKey(text: string): boolean {
    return FORM.test(text);
  }

  /** @returns the key, which cannot be read again, and what is kept of it */
  async create({
    tenantId,
    kind,
    role,
    name,
    createdBy,
    expiresAt,
  }: NewApiKey): Promise<{ key: string; apiKey: ApiKey }> {
    const key = `mq_${kind}_${randomBytes(32).toString('base64url')}`;
    const { rows } = await this.#pool.query<ApiKey>(
      `insert into api_keys (tenant_id, kind, role, name, key_hash, created_by, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7) returning ${COLUMNS}`,
      [tenantId, kind, role, name, hashOf(key), createdBy, expiresAt],
    );
    return { key, apiKey: rows[0] as ApiKey };
  }

  /** A tenant's keys, also revoked ones, the newest first. */
  async list(tenantId: string): Promise<ApiKey[]> {
    const text = `select ${COLUMNS} from api_keys where tenant_id = $1 order by created_at desc, id`;
    return (await this.#pool.query<ApiKey>(text, [tenantId])).rows;
  }

  /** Ends a key at once, in every process. @returns undefined where the tenant has no such key */
  async revoke(tenantId: string, id: string): Promise<ApiKey | undefined> {
    const { rows } = await this.#pool.query<ApiKey>(
      `update api_keys set revoked_at = coalesce(revoked_at, now()) where tenant_id = $1 and id = $2 returning ${COLUMNS}`,
      [tenantId, id],
    );
    this.forget(id);
    await this.databases.application.announceUser(id);
    return rows[0];
  }

  /**
   * The key of this text, if it is valid.
   *
   * @param address the client's IP address
   * @throws IdentityError `api_key_invalid`, `api_key_revoked`, `api_key_expired`
   */
  async recognize(key: string, address: string): Promise<ApiKey> {
    const found = this.#known.get(key) ?? (await this.#read(key));
    try {
      const known = usable(found);
      this.#touch(known);
      if (known.kind === 'service') this.#use.used(known, address);
      return known;
    } catch (error) {
      if (error instanceof IdentityError) this.#use.refused(found, error.code, address);
      throw error;
    }
  }

  /** The key of this id, as long as it may be used. @throws as `recognize` */
  async get(tenantId: string, id: string): Promise<ApiKey> {
    const text = `select ${COLUMNS} from api_keys where tenant_id = $1 and id = $2`;
    return usable((await this.#pool.query<ApiKey>(text, [tenantId, id])).rows[0]);
  }

  /** Drops what is cached of one key, or of all. */
  forget(id?: string): void {
    this.#changes += 1;
    if (id === undefined) this.#known.clear();
    for (const [key, known] of this.#known.entries()) if (known.id === id) this.#known.delete(key);
  }

  async #read(key: string): Promise<ApiKey | undefined> {
    if (!FORM.test(key)) return undefined;
    const before = this.#changes;
    const text = `select ${COLUMNS} from api_keys where key_hash = $1`;
    const [found] = (await this.#pool.query<ApiKey>(text, [hashOf(key)])).rows;
    if (found && this.#changes === before) this.#known.set(key, found);
    return found;
  }

  #touch(known: ApiKey): void {
    if (known.lastUsedAt && known.lastUsedAt.getTime() + TOUCH_MS > Date.now()) return;
    known.lastUsedAt = new Date();
    // A failed write is made up for by a later request.
    this.#pool.query('update api_keys set last_used_at = now() where id = $1', [known.id]).catch(() => {});
  }
}

/** @throws IdentityError `api_key_invalid`, `api_key_revoked`, `api_key_expired` */
function usable(known: ApiKey | undefined): ApiKey {
  if (!known) throw refused('api_key_invalid', 'This API key is not valid.');
  if (known.revokedAt) throw refused('api_key_revoked', 'This API key has been revoked.');
  if (known.expiresAt && known.expiresAt.getTime() <= Date.now()) {
    throw refused('api_key_expired', 'This API key has expired.');
  }
  return known;
}

function hashOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}

function refused(code: IdentityErrorCode, message: string): IdentityError {
  return new IdentityError(code, message, {
    hint: 'Make a new one under Settings, API keys, or with marquee key create.',
  });
}
