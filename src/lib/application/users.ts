import type { SecretBox } from '@/lib/secrets';
import { type Author, type Database, violatedConstraint } from './database';
import { ApplicationError } from './errors';
import { type Statement, statements } from './statements';
import { isId } from './tenant';

/** Roles of a tenant's users. */
export const TENANT_ROLES = ['owner', 'admin', 'manager', 'sales', 'staff', 'viewer'] as const;
export type UserRole = (typeof TENANT_ROLES)[number] | 'operator';
/** What one of the operator's people may do. */
export const OPERATOR_ROLES = ['owner', 'engineer', 'support', 'auditor'] as const;
export type OperatorRole = (typeof OPERATOR_ROLES)[number];
export type UserStatus = 'invited' | 'active' | 'disabled';

/** Someone who signs in. */
export interface User {
  id: string;
  /** Null for the operator's people. */
  tenantId: string | null;
  email: string;
  displayName: string;
  role: UserRole;
  /** Null for users of tenants. */
  operatorRole: OperatorRole | null;
  status: UserStatus;
  /** Raised to revoke every session. */
  tokenVersion: number;
  totpConfirmedAt: Date | null;
  /** Unused ones. */
  recoveryCodes: number;
  /** Another person chose the password: the user can only replace it. */
  mustChangePassword: boolean;
  lastSignInAt: Date | null;
  locale: string | null;
  timeZone: string | null;
  createdAt: Date;
  updatedAt: Date;
}

/** Further columns that sign-in needs. Never send them to a client. */
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
  /** Role of an operator; default `owner`. */
  operatorRole?: OperatorRole;
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
  operatorRole?: OperatorRole;
  status?: UserStatus;
  locale?: string | null;
  timeZone?: string | null;
}

const COLUMNS = `id, tenant_id "tenantId", email, display_name "displayName", role, operator_role "operatorRole", status,
  token_version "tokenVersion", totp_confirmed_at "totpConfirmedAt", cardinality(recovery_code_hashes) "recoveryCodes", must_change_password "mustChangePassword",
  last_sign_in_at "lastSignInAt", locale, time_zone "timeZone", created_at "createdAt", updated_at "updatedAt"`;

/** An update of one user, who is its first parameter. */
const set = (assignments: string, condition = 'true') =>
  `update users set ${assignments} where id = $1::uuid and ${condition} returning ${COLUMNS}`;

export const USERS = statements('user', {
  find: `select ${COLUMNS} from users where id = $1::uuid`,
  findByEmail: `select ${COLUMNS}, password_hash "passwordHash" from users
    where tenant_id is not distinct from $1::uuid and email = $2::text`,
  findBySingleSignOn: `select ${COLUMNS} from users
    where tenant_id = $1::uuid and single_sign_on_issuer = $2::text and single_sign_on_subject = $3::text`,
  isLinked: 'select id from users where id = $1::uuid and single_sign_on_issuer = $2::text',
  linkSingleSignOn: set(
    `single_sign_on_issuer = $2::text, single_sign_on_subject = $3::text,
     status = case status when 'invited' then 'active' else status end`,
    'single_sign_on_issuer is distinct from $2::text',
  ),
  list: `select ${COLUMNS} from users where tenant_id is not distinct from $1::uuid order by lower(display_name), id`,
  create: `insert into users (id, tenant_id, email, display_name, role, password_hash, status, locale, time_zone, must_change_password,
      operator_role)
    values (coalesce($1::uuid, gen_random_uuid()), $2::uuid, $3::text, $4::text, $5::text, $6::text, $7::text, $8::text, $9::text,
      $10::boolean, coalesce($11::text, case when $5::text = 'operator' then 'owner' end)) returning ${COLUMNS}`,
  // Columns that are not given keep their values.
  update: set(
    `(email, display_name, role, operator_role, status, locale, time_zone) = (
       select given.email, given.display_name, given.role, given.operator_role, given.status, given.locale, given.time_zone
       from jsonb_populate_record(users, $2::jsonb) given),
     token_version = token_version + case when $2::jsonb ?| array['email', 'role', 'operator_role', 'status'] then 1 else 0 end`,
  ),
  setPassword: set(
    `password_hash = $2::text, must_change_password = $3::boolean, token_version = token_version + 1,
     status = case status when 'invited' then 'active' else status end`,
  ),
  bumpTokenVersion: set('token_version = token_version + 1'),
  recordSignIn: set('last_sign_in_at = now()'),
  beginTotp: set('totp_secret = $2::text', 'totp_confirmed_at is null'),
  // Codes of a factor that is gone say nothing about those of the next.
  setTotpSecret: set(
    `totp_secret = $2::text, totp_confirmed_at = null, recovery_code_hashes = '{}', token_version = token_version + 1,
     totp_last_step = case when $2::text is not null then totp_last_step end`,
  ),
  confirmTotp: set(
    'totp_confirmed_at = now(), recovery_code_hashes = $2::text[], token_version = token_version + 1',
  ),
  setRecoveryCodes: set('recovery_code_hashes = $2::text[]'),
  totpSecret: 'select totp_secret secret from users where id = $1::uuid',
  takeTotpStep: set('totp_last_step = $2::bigint', 'coalesce(totp_last_step, -1) < $2::bigint'),
  takeRecoveryCode: set(
    'recovery_code_hashes = array_remove(recovery_code_hashes, $2::text)',
    '$2::text = any (recovery_code_hashes)',
  ),
  remove: `delete from users where id = $1::uuid returning ${COLUMNS}`,
});

/** The table `users`. */
export class Users {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
    /** Called with each change made by this process before the change resolves; other processes are notified by the database. */
    private readonly changed: (userId: string) => void,
  ) {}

  async find(id: string): Promise<User | undefined> {
    if (!isId(id)) return undefined;
    const [user] = await this.database.read<User>(USERS.find, [id]);
    return user;
  }

  /** @param tenantId null for the operator's people */
  async findByEmail(tenantId: string | null, email: string): Promise<UserForSignIn | undefined> {
    const values = [tenantId, normalise(email)];
    const [user] = await this.database.read<UserForSignIn>(USERS.findByEmail, values);
    return user;
  }

  /** The user whom the tenant's identity provider knows by these claims. */
  async findBySingleSignOn(tenantId: string, issuer: string, subject: string): Promise<User | undefined> {
    const values = [tenantId, issuer, subject];
    const [user] = await this.database.read<User>(USERS.findBySingleSignOn, values);
    return user;
  }

  /** Whether the user is linked to someone at this identity provider. */
  async isLinked(id: string, issuer: string): Promise<boolean> {
    return (await this.database.read(USERS.isLinked, [id, issuer])).length > 0;
  }

  /**
   * Links a user, who is not linked to the issuer yet, with who they are at the identity provider. An invited user is active from then on.
   *
   * @throws ApplicationError `user_unknown`, also where the user is linked to another subject of the issuer
   */
  linkSingleSignOn(id: string, issuer: string, subject: string, by?: Author): Promise<User> {
    return this.#set(USERS.linkSingleSignOn, id, [issuer, subject], by);
  }

  /** A tenant's users, or the operator's people, by name. */
  list(tenantId: string | null): Promise<User[]> {
    return this.database.read<User>(USERS.list, [tenantId]);
  }

  /** @throws ApplicationError `email_taken`, `tenant_unknown`, `user_invalid` */
  create(user: NewUser, by?: Author): Promise<User> {
    const values = [
      ...[user.id, user.tenantId, normalise(user.email), user.displayName.trim(), user.role],
      ...[user.passwordHash, user.status ?? 'active', user.locale, user.timeZone],
      ...[user.mustChangePassword ?? false, user.operatorRole],
    ];
    return this.#changeOne(USERS.create, values, by);
  }

  /**
   * What is left out stays. A new role, email address or status ends the user's sessions.
   *
   * @throws ApplicationError `user_unknown`, `email_taken`, `user_invalid`, `last_owner`
   */
  update(id: string, changes: UserChanges, by?: Author): Promise<User> {
    const { email, displayName, role, operatorRole, status, locale, timeZone } = changes;
    const given = {
      email: email === undefined ? undefined : normalise(email),
      display_name: displayName?.trim(),
      role,
      operator_role: operatorRole,
      status,
      locale,
      time_zone: timeZone,
    };
    return this.#set(USERS.update, id, [JSON.stringify(given)], by);
  }

  /**
   * Sets the password and ends the user's sessions. An invited user is active from then on.
   *
   * @param passwordHash argon2id, encoded
   * @param mustChange whether another person chose it, so that its user must choose another first
   */
  setPassword(id: string, passwordHash: string, by?: Author, mustChange = false): Promise<User> {
    return this.#set(USERS.setPassword, id, [passwordHash, mustChange], by);
  }

  /** Ends every session of the user. */
  bumpTokenVersion(id: string, by?: Author): Promise<User> {
    return this.#set(USERS.bumpTokenVersion, id, [], by);
  }

  recordSignIn(id: string, by?: Author): Promise<User> {
    return this.#set(USERS.recordSignIn, id, [], by);
  }

  /**
   * Stores a second factor that is yet to be confirmed, where none is in force. Sessions go on: it asks nothing of them yet.
   *
   * @returns whether it was stored
   */
  async beginTotp(id: string, secret: string, by?: Author): Promise<boolean> {
    if (!isId(id)) return false;
    const envelope = await this.box.encrypt(secret, { owner: id, column: 'totp_secret' });
    return this.#take(USERS.beginTotp, id, envelope, by);
  }

  /** Stores a second factor that is yet to be confirmed; null takes it away. Ends the user's sessions. */
  async setTotpSecret(id: string, secret: string | null, by?: Author): Promise<User> {
    const envelope =
      secret === null ? null : await this.box.encrypt(secret, { owner: id, column: 'totp_secret' });
    return this.#set(USERS.setTotpSecret, id, [envelope], by);
  }

  /**
   * The user has shown a code: the second factor is in force, and the user's sessions end.
   *
   * @param recoveryCodeHashes of each code, hexadecimal
   */
  confirmTotp(id: string, recoveryCodeHashes: readonly string[], by?: Author): Promise<User> {
    return this.#set(USERS.confirmTotp, id, [recoveryCodeHashes], by);
  }

  /** Replaces the user's recovery codes. Sessions go on. @param hashes of each code, hexadecimal */
  setRecoveryCodes(id: string, hashes: readonly string[], by?: Author): Promise<User> {
    return this.#set(USERS.setRecoveryCodes, id, [hashes], by);
  }

  /** The secret of the second factor, decrypted; undefined where there is none. */
  async totpSecret(id: string): Promise<string | undefined> {
    if (!isId(id)) return undefined;
    const [row] = await this.database.read<{ secret: string | null }>(USERS.totpSecret, [id]);
    if (!row?.secret) return undefined;
    return this.box.decrypt(row.secret, { owner: id, column: 'totp_secret' });
  }

  /** Whether no code of this period, or a later one, was used before; it is used now. @param step 30 seconds since 1970 */
  async takeTotpStep(id: string, step: number, by?: Author): Promise<boolean> {
    return this.#take(USERS.takeTotpStep, id, step, by);
  }

  /** Whether it was one of the user's unused recovery codes; it is used now. */
  async takeRecoveryCode(id: string, hash: string, by?: Author): Promise<boolean> {
    return this.#take(USERS.takeRecoveryCode, id, hash, by);
  }

  /** @throws ApplicationError `user_unknown`, `last_owner` */
  async remove(id: string, by?: Author): Promise<void> {
    await this.#set(USERS.remove, id, [], by);
  }

  /** @returns whether the statement changed the user: false where its condition does not hold */
  async #take(
    statement: Statement,
    id: string,
    value: string | number,
    by: Author | undefined,
  ): Promise<boolean> {
    if (!isId(id)) return false;
    return (await this.database.change(by, statement, [id, value])).length === 1;
  }

  async #set(
    statement: Statement,
    id: string,
    values: readonly unknown[],
    by: Author | undefined,
  ): Promise<User> {
    if (!isId(id)) throw unknownUser();
    return this.#changeOne(statement, [id, ...values], by);
  }

  async #changeOne(statement: Statement, values: unknown[], by: Author | undefined): Promise<User> {
    try {
      const [user] = await this.database.change<User>(by, statement, values);
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
  const { code } = error as { code?: string };
  if (code === 'MQ012' || code === 'MQ013') {
    const who = code === 'MQ013' ? 'The operators need an' : 'The company needs an';
    return new ApplicationError('last_owner', `${who} owner who can sign in.`, {
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
