import type pg from 'pg';
import { newTokenKey, type SecretBox, type TokenKey, type TokenKeys } from '@/lib/secrets';
import { OperationsError, operationsFailure } from '../errors';
import type { ChangeAuthor } from '../registry/registry-record';

/** A key that signs tokens, as an operator sees it. */
export interface TokenKeyRow {
  id: string;
  /** `next`: published, signs later. `verifies`: its tokens are accepted until they expire. */
  state: 'signs' | 'next' | 'verifies' | 'revoked';
  createdAt: Date;
  signsFrom: Date;
  /** No token of it expires later. Null where it has signed none. */
  lastExpiry: Date | null;
}

/** A change of keys, for the audit log. */
export type RecordKey = (
  change: {
    action: 'token_keys.create' | 'token_keys.revoke' | 'signing_keys.create';
    entity: 'token_keys' | 'signing_keys';
    entityId: string;
    after?: Record<string, unknown>;
  },
  by?: ChangeAuthor,
) => Promise<void>;

/** Id of the key that signs now: the latest whose time has come. */
const SIGNING = `(select id from token_keys where revoked_at is null and signs_from <= now() order by signs_from desc, id limit 1)`;

const COLUMNS = `id, created_at "createdAt", signs_from "signsFrom", last_expiry "lastExpiry",
  case when revoked_at is not null then 'revoked' when id = ${SIGNING} then 'signs' when signs_from > now() then 'next' else 'verifies' end state`;

/** The table `token_keys`. */
export class StoredTokenKeys implements TokenKeys {
  constructor(
    private readonly pool: pg.Pool,
    private readonly box: SecretBox,
    private readonly record: RecordKey = async () => {},
  ) {}

  /** All that verify. The first is made when there is none. @throws SecretError; OperationsError `operations_database_unreachable` */
  async read(): Promise<TokenKey[]> {
    let stored = await this.#stored();
    if (stored.length === 0) {
      // Processes that start at once may make several: one of them signs, and all verify.
      await this.#create(0);
      stored = await this.#stored();
    }
    return Promise.all(
      stored.map(async ({ id, seed, signsFrom }) => ({
        id,
        seed: Buffer.from(await this.box.decrypt(seed, seedPlace(id)), 'base64'),
        signsFrom,
      })),
    );
  }

  async noteExpiry(id: string, at: Date): Promise<void> {
    await this.#query('update token_keys set last_expiry = greatest(last_expiry, $2) where id = $1', [
      id,
      at,
    ]);
  }

  /** Latest first. */
  list(): Promise<TokenKeyRow[]> {
    return this.#query(`select ${COLUMNS} from token_keys order by signs_from desc, id`);
  }

  /**
   * Makes the next key. The others verify until the last of their tokens has expired; those of which none is valid any more are deleted.
   *
   * @param leadSeconds how long it is only published before it signs
   */
  async rotate(leadSeconds: number): Promise<TokenKeyRow> {
    await this.#query(
      `delete from token_keys where signs_from <= now() and id <> ${SIGNING} and coalesce(last_expiry, created_at) < now()`,
    );
    return this.#create(leadSeconds);
  }

  /**
   * Refuses all tokens of a key from now on, in every process within ten seconds.
   *
   * @throws OperationsError `token_key_unknown`, `token_key_in_use`: it is the one that signs
   */
  async revoke(id: string): Promise<TokenKeyRow> {
    const { state } = await this.#get(id);
    if (state === 'signs') {
      throw new OperationsError('token_key_in_use', `The key ${id} signs tokens.`, {
        hint: 'Replace it first: marquee tokens rotate --lead-seconds 0',
      });
    }
    await this.record({ action: 'token_keys.revoke', entity: 'token_keys', entityId: id });
    await this.#query('update token_keys set revoked_at = coalesce(revoked_at, now()) where id = $1', [id]);
    return this.#get(id);
  }

  async #get(id: string): Promise<TokenKeyRow> {
    const [row] = await this.#query<TokenKeyRow & object>(`select ${COLUMNS} from token_keys where id = $1`, [
      id,
    ]);
    if (row) return row;
    throw new OperationsError('token_key_unknown', 'There is no key of this id.', {
      hint: 'List them with: marquee tokens status',
    });
  }

  async #create(leadSeconds: number): Promise<TokenKeyRow> {
    const { id, seed } = await newTokenKey();
    const sealed = await this.box.encrypt(seed.toString('base64'), seedPlace(id));
    await this.#query(
      'insert into token_keys (id, seed, signs_from) values ($1, $2, now() + make_interval(secs => $3))',
      [id, sealed, leadSeconds],
    );
    const row = await this.#get(id);
    const after = { signs_from: row.signsFrom.toISOString() };
    await this.record({ action: 'token_keys.create', entity: 'token_keys', entityId: id, after });
    return row;
  }

  #stored() {
    return this.#query<{ id: string; seed: string; signsFrom: Date }>(
      `select id, seed, signs_from "signsFrom" from token_keys where revoked_at is null order by id`,
    );
  }

  async #query<Row extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    return this.pool.query<Row>(text, [...values]).then(
      ({ rows }) => rows,
      (error: unknown) => {
        throw operationsFailure(error);
      },
    );
  }
}

export function seedPlace(id: string) {
  return { owner: id, column: 'token_keys.seed' };
}
