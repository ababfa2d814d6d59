import { createHash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { type Ed25519Key, ed25519Key, type SecretBox } from '@/lib/secrets';
import { operationsFailure } from '../errors';
import { withTransaction } from '../transaction';
import type { RecordKey } from './token-keys';

export const SIGNING_PURPOSES = ['certificates', 'checkpoints'] as const;
export type SigningPurpose = (typeof SIGNING_PURPOSES)[number];

/** A key as an operator sees it. */
export interface SigningKeyRow {
  id: string;
  purpose: SigningPurpose;
  /** The others verify what they have signed. */
  state: 'signs' | 'verifies';
  createdAt: Date;
}

export interface SigningKey extends Ed25519Key {
  id: string;
  seed: Buffer;
  createdAt: Date;
}

/** The table `signing_keys`. */
export class SigningKeys {
  constructor(
    private readonly pool: pg.Pool,
    private readonly box: SecretBox,
    private readonly record: RecordKey = async () => {},
  ) {}

  /**
   * All keys for a purpose: the first signs, all verify. One is made when there is none.
   *
   * @throws SecretError; OperationsError `operations_database_unreachable`
   */
  async read(purpose: SigningPurpose): Promise<[SigningKey, ...SigningKey[]]> {
    let stored = await this.#stored(purpose);
    if (stored.length === 0) {
      await this.#create(purpose, true);
      stored = await this.#stored(purpose);
    }
    const keys = await Promise.all(
      stored.map(async ({ id, createdAt, seed: sealed }) => {
        const seed = Buffer.from(await this.box.decrypt(sealed, { owner: id, column: SEED }), 'base64');
        return { id, createdAt, seed, ...ed25519Key(seed) };
      }),
    );
    return keys as [SigningKey, ...SigningKey[]];
  }

  /** Keys of all purposes, the latest first. */
  list(): Promise<SigningKeyRow[]> {
    return this.#query(
      `select id, purpose, created_at "createdAt",
         case when id = first_value(id) over (partition by purpose order by created_at desc, id) then 'signs' else 'verifies' end state
       from signing_keys order by purpose, created_at desc, id`,
    );
  }

  /** Makes the next key: it signs from now on, and what the others have signed stays valid. @returns its id */
  rotate(purpose: SigningPurpose): Promise<string> {
    return this.#create(purpose, false);
  }

  /** @param onlyFirst adds none if there is one already: of processes that start together, one makes it */
  async #create(purpose: SigningPurpose, onlyFirst: boolean): Promise<string> {
    const seed = randomBytes(32);
    const id = createHash('sha256').update(ed25519Key(seed).raw).digest('hex').slice(0, 16);
    const sealed = await this.box.encrypt(seed.toString('base64'), { owner: id, column: SEED });
    await withTransaction(this.pool, async (client) => {
      await client.query('lock table signing_keys in share row exclusive mode');
      const { rowCount } = await client.query(
        `insert into signing_keys (id, purpose, seed)
         select $1, $2, $3 where not ($4 and exists (select from signing_keys where purpose = $2))`,
        [id, purpose, sealed, onlyFirst],
      );
      if (rowCount !== 1) return;
      await this.record({
        ...{ action: 'signing_keys.create', entity: 'signing_keys', entityId: id },
        after: { purpose },
      });
    }).catch((error: unknown) => {
      throw operationsFailure(error);
    });
    return id;
  }

  #stored(purpose: SigningPurpose) {
    return this.#query<{ id: string; seed: string; createdAt: Date }>(
      'select id, seed, created_at "createdAt" from signing_keys where purpose = $1 order by created_at desc, id',
      [purpose],
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

export const SEED = 'signing_keys.seed';
