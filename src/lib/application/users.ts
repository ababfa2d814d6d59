import type { SecretBox } from '@/lib/secrets';
import { type Author, type Database, violatedConstraint } from './database';
import { ApplicationError } from './errors';
import { isId } from './tenant';

/** Roles of a tenant's users. */
export const TENANT_ROLES = ['owner', 'admin', 'manager', 'sales', 'staff', 'viewer'] as const;
export type UserRole = (typeof TENANT_ROLES)[number] | 'operator';
export type UserStatus = 'invited' | 'active' | 'disabled';

/** Someone who signs in. */
export interface User {
  id: string;
  /** Null for the operator's people. */
  tenantId: string | null;
  email: string;
  displayName: string;
  role: UserRole;
  status: UserStatus;
  /** Raised to revoke every session. */
  tokenVersion: number;
  totpConfirmedAt: Date | null;
  /** Another person chose the password: the user can only replace it. */
  mustChangePassword: boolean;
  lastSignInAt: Date | null;
  locale: string | null;
  timeZone: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** What sign-in needs besides. Never send it to anyone. */
export interface UserForSignIn extends User {
  /** Argon2id, in its encoded form; null until a password is set. */
  passwordHash: string | null;
}

export interface NewUser {
  id?: string;
  tenantId: string | null;
  email: string;
  displayName: string;
  role: UserRole;
  passwordHash?: string;
  mustChangePassword?: boolean;
  status?: UserStatus;
  locale?: string;
  timeZone?: string;
}

export interface UserChanges {
  email?: string;
  displayName?: string;
  role?: UserRole;
  status?: UserStatus;
  locale?: string | null;
  timeZone?: string | null;
}

const COLUMNS = `id, tenant_id "tenantId", email, display_name "displayName", role, status, token_version "tokenVersion",
  totp_confirmed_at "totpConfirmedAt", must_change_password "mustChangePassword",
  last_sign_in_at "lastSignInAt", locale, time_zone "timeZone", created_at "createdAt", updated_at "updatedAt"`;

/** The table `users`. */
export class Users {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
    /** Told of each change of this process before its caller hears that it is done; others hear of it from the database. */
    private readonly changed: (userId: string) => void,
  ) {}

  async find(id: string): Promise<User | undefined> {
    if (!isId(id)) return undefined;
    const [user] = await this.database.read<User & object>(`select ${COLUMNS} from users where id = $1`, [
      id,
    ]);
    return user;
  }

  /** @param tenantId null for the operator's people */
  async findByEmail(tenantId: string | null, email: string): Promise<UserForSignIn | undefined> {
    const [user] = await this.database.read<UserForSignIn & object>(
      `select ${COLUMNS}, password_hash "passwordHash" from users
       where tenant_id is not distinct from $1::uuid and email = $2`,
      [tenantId, normalise(email)],
    );
    return user;
  }

  /** A tenant's users, or the operator's people, by name. */
  list(tenantId: string | null): Promise<User[]> {
    return this.database.read<User & object>(
      `select ${COLUMNS} from users where tenant_id is not distinct from $1::uuid order by lower(display_name), id`,
      [tenantId],
    );
  }

  /** @throws ApplicationError `email_taken`, `tenant_unknown`, `user_invalid` */
  create(user: NewUser, by?: Author): Promise<User> {
    return this.#changeOne(
      `insert into users (id, tenant_id, email, display_name, role, password_hash, status, locale, time_zone, must_change_password)
       values (coalesce($1, gen_random_uuid()), $2, $3, $4, $5, $6, $7, $8, $9, $10) returning ${COLUMNS}`,
      [
        ...[user.id, user.tenantId, normalise(user.email), user.displayName.trim(), user.role],
        ...[user.passwordHash, user.status ?? 'active', user.locale, user.timeZone],
        user.mustChangePassword ?? false,
      ],
      by,
    );
  }

  /**
   * What is left out stays. A new role, email address or status ends the user's sessions.
   *
   * @throws ApplicationError `user_unknown`, `email_taken`, `user_invalid`, `last_owner`
   */
  update(id: string, changes: UserChanges, by?: Author): Promise<User> {
    const { email, displayName, role, status, locale, timeZone } = changes;
    const given = Object.entries({
      email: email === undefined ? undefined : normalise(email),
      display_name: displayName?.trim(),
      role,
      status,
      locale,
      time_zone: timeZone,
    }).filter(([, value]) => value !== undefined);
    const revokes = email !== undefined || role !== undefined || status !== undefined;
    const assignments = given.map(([name], index) => `${name} = $${index + 2}`);
    if (revokes) assignments.push('token_version = token_version + 1');
    if (assignments.length === 0) assignments.push('id = id');
    return this.#set(
      id,
      assignments.join(', '),
      given.map(([, value]) => value),
      by,
    );
  }

  /**
   * Sets the password and ends the user's sessions. An invited user is active from then on.
   *
   * @param passwordHash argon2id, encoded
   * @param mustChange whether another person chose it, so that its user must choose another first
   */
  setPassword(id: string, passwordHash: string, by?: Author, mustChange = false): Promise<User> {
    return this.#set(
      id,
      `password_hash = $2, must_change_password = $3, token_version = token_version + 1,
       status = case status when 'invited' then 'active' else status end`,
      [passwordHash, mustChange],
      by,
    );
  }

  /** Ends every session of the user. */
  bumpTokenVersion(id: string, by?: Author): Promise<User> {
    return this.#set(id, 'token_version = token_version + 1', [], by);
  }

  recordSignIn(id: string, by?: Author): Promise<User> {
    return this.#set(id, 'last_sign_in_at = now()', [], by);
  }

  /**
   * Stores a second factor that is yet to be confirmed, where none is in force. Sessions go on: it asks nothing of them yet.
   *
   * @returns whether it was stored
   */
  async beginTotp(id: string, secret: string, by?: Author): Promise<boolean> {
    if (!isId(id)) return false;
    const envelope = await this.box.encrypt(secret, { owner: id, column: 'totp_secret' });
    const { rowCount } = await this.database.change(by, (client) =>
      client.query('update users set totp_secret = $2 where id = $1 and totp_confirmed_at is null', [
        id,
        envelope,
      ]),
    );
    return rowCount === 1;
  }

  /** Stores a second factor that is yet to be confirmed; null takes it away. Ends the user's sessions. */
  async setTotpSecret(id: string, secret: string | null, by?: Author): Promise<User> {
    const envelope =
      secret === null ? null : await this.box.encrypt(secret, { owner: id, column: 'totp_secret' });
    return this.#set(
      id,
      "totp_secret = $2, totp_confirmed_at = null, recovery_code_hashes = '{}', token_version = token_version + 1",
      [envelope],
      by,
    );
  }

  /**
   * The user has shown a code: the second factor is in force, and the user's sessions end.
   *
   * @param recoveryCodeHashes SHA-256 of each code, hexadecimal
   */
  confirmTotp(id: string, recoveryCodeHashes: readonly string[], by?: Author): Promise<User> {
    return this.#set(
      id,
      'totp_confirmed_at = now(), recovery_code_hashes = $2, token_version = token_version + 1',
      [recoveryCodeHashes],
      by,
    );
  }

  /** The secret of the second factor, decrypted; undefined where there is none. */
  async totpSecret(id: string): Promise<string | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await this.database.read<{ secret: string | null }>(
      'select totp_secret secret from users where id = $1',
      [id],
    );
    if (!row?.secret) return undefined;
    return this.box.decrypt(row.secret, { owner: id, column: 'totp_secret' });
  }

  /** Whether no code of this period, or a later one, was used before; it is used now. @param step 30 seconds since 1970 */
  async takeTotpStep(id: string, step: number, by?: Author): Promise<boolean> {
    if (!isId(id)) return false;
    const { rowCount } = await this.database.change(by, (client) =>
      client.query(
        'update users set totp_last_step = $2 where id = $1 and coalesce(totp_last_step, -1) < $2::bigint',
        [id, step],
      ),
    );
    return rowCount === 1;
  }

  /** Whether it was one of the user's unused recovery codes; it is used now. */
  async takeRecoveryCode(id: string, hash: string, by?: Author): Promise<boolean> {
    if (!isId(id)) return false;
    const { rowCount } = await this.database.change(by, (client) =>
      client.query(
        `update users set recovery_code_hashes = array_remove(recovery_code_hashes, $2)
         where id = $1 and $2 = any (recovery_code_hashes)`,
        [id, hash],
      ),
    );
    return rowCount === 1;
  }

  /** @throws ApplicationError `user_unknown`, `last_owner` */
  async remove(id: string, by?: Author): Promise<void> {
    if (!isId(id)) throw unknownUser();
    await this.#changeOne(`delete from users where id = $1 returning ${COLUMNS}`, [id], by);
  }

  async #set(
    id: string,
    assignments: string,
    values: readonly unknown[],
    by: Author | undefined,
  ): Promise<User> {
    if (!isId(id)) throw unknownUser();
    return this.#changeOne(
      `update users set ${assignments} where id = $1 returning ${COLUMNS}`,
      [id, ...values],
      by,
    );
  }

  async #changeOne(text: string, values: unknown[], by: Author | undefined): Promise<User> {
    try {
      const [user] = await this.database.change(
        by,
        async (client) => (await client.query<User & object>(text, values)).rows,
      );
      if (!user) throw unknownUser();
      this.changed(user.id);
      return user;
    } catch (error) {
      throw refusal(error) ?? error;
    }
  }
}

function normalise(email: string): string {
  return email.trim().toLowerCase();
}

function unknownUser(): ApplicationError {
  return new ApplicationError('user_unknown', 'There is no such user.', {
    hint: 'List the users of the tenant.',
  });
}

function refusal(error: unknown): ApplicationError | undefined {
  if ((error as { code?: string }).code === 'MQ012') {
    return new ApplicationError('last_owner', 'The company needs an owner who can sign in.', {
      hint: 'Make another active person owner first.',
    });
  }
  const constraint = violatedConstraint(error);
  if (constraint === undefined) return undefined;
  if (constraint === 'users_email_unique') {
    return new ApplicationError('email_taken', 'Another user of this tenant has this email address.', {
      hint: 'Sign in with it, or use another one.',
    });
  }
  if (constraint === 'users_tenant_id_fkey') {
    return new ApplicationError('tenant_unknown', 'The tenant of this user does not exist.', {
      hint: 'Create the tenant first.',
    });
  }
  return new ApplicationError('user_invalid', `The user is not valid (${constraint}).`, {
    hint: 'Check email address, name and role; only an operator has no tenant.',
    cause: error,
  });
}
