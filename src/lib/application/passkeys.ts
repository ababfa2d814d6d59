import type { Author, Database } from './database';
import { type Statement, statements } from './statements';
import { isId } from './tenant';

/** A public key with which a device proves that its user is there. */
export interface Passkey {
  /** The credential's id, base64url. */
  id: string;
  /** COSE, base64url. */
  publicKey: string;
  /** Uses that the device counted; 0 where it counts none. */
  counter: number;
  /** How the browser reaches it: `internal`, `usb`, `hybrid`, … */
  transports: string[];
  /** What its user calls it. */
  name: string;
  /** ISO 8601. */
  createdAt: string;
  lastUsedAt: string | null;
}

export const PASSKEYS = statements('passkey', {
  list: 'select passkeys from users where id = $1::uuid',
  add: `update users set passkeys = passkeys || $2::jsonb
    where id = $1::uuid and jsonb_array_length(passkeys) < $3::int
      and not passkeys @> jsonb_build_array(jsonb_build_object('id', $2::jsonb ->> 'id')) returning id`,
  use: `update users set passkeys = (
      select jsonb_agg(case when one ->> 'id' = $2::text then one || jsonb_build_object('counter', $3::bigint, 'lastUsedAt', now()) else one end
        order by position)
      from jsonb_array_elements(passkeys) with ordinality as each (one, position))
    where id = $1::uuid and exists (
      select from jsonb_array_elements(passkeys) one
      where one ->> 'id' = $2::text and ($3::bigint = 0 or (one ->> 'counter')::bigint < $3::bigint)) returning id`,
  remove: `update users set passkeys = coalesce((
      select jsonb_agg(one order by position)
      from jsonb_array_elements(passkeys) with ordinality as each (one, position) where one ->> 'id' <> $2::text), '[]')
    where id = $1::uuid and passkeys @> jsonb_build_array(jsonb_build_object('id', $2::text)) returning id`,
});

/** The column `passkeys` of `users`. */
export class Passkeys {
  constructor(private readonly database: Database) {}

  async list(userId: string): Promise<Passkey[]> {
    if (!isId(userId)) return [];
    const [row] = await this.database.read<{ passkeys: Passkey[] }>(PASSKEYS.list, [userId]);
    return row?.passkeys ?? [];
  }

  /** @param most how many a user may have @returns whether it was added: false where it is there already, or there are as many */
  async add(userId: string, passkey: Passkey, most: number, by?: Author): Promise<boolean> {
    return this.#set(PASSKEYS.add, userId, [JSON.stringify(passkey), most], by);
  }

  /** Records a use, unless one with as high a counter was recorded meanwhile. @param counter after it, as the device says */
  async use(userId: string, passkeyId: string, counter: number, by?: Author): Promise<boolean> {
    return this.#set(PASSKEYS.use, userId, [passkeyId, counter], by);
  }

  /** @returns whether the user had it */
  async remove(userId: string, passkeyId: string, by?: Author): Promise<boolean> {
    return this.#set(PASSKEYS.remove, userId, [passkeyId], by);
  }

  async #set(
    statement: Statement,
    userId: string,
    values: unknown[],
    by: Author | undefined,
  ): Promise<boolean> {
    if (!isId(userId)) return false;
    return (await this.database.change(by, statement, [userId, ...values])).length === 1;
  }
}
