import type { SecretBox } from '@/lib/secrets';
import { type Author, type Database, violatedConstraint } from './database';
import { ApplicationError } from './errors';
import type { Statement } from './statements';
import { isId } from './tenant';
import type { NewUser, User, UserChanges, UserForSignIn } from './user';
import { USERS } from './user-statements';

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

  /** @param tenantId null for operators */
  async findByEmail(tenantId: string | null, email: string): Promise<UserForSignIn | undefined> {
    const values = [tenantId, normalize(email)];
    const [user] = await this.database.read<UserForSignIn>(USERS.findByEmail, values);
    return user;
  }

  /** An actor as the audit log spells it. @param who so spelled, or the address of an operator or of the tenant's user; any other finds nothing */
  async actorNamed(who: string, tenantId: string | undefined): Promise<string> {
    if (!who.includes('@') || who.includes(':')) return who;
    const ofTenant = () => (tenantId === undefined ? undefined : this.findByEmail(tenantId, who));
    const user = (await this.findByEmail(null, who)) ?? (await ofTenant());
    return user ? `user:${user.id}` : who;
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

  /** A tenant's users, or operators, by name. */
  list(tenantId: string | null): Promise<User[]> {
    return this.database.read<User>(USERS.list, [tenantId]);
  }

  /** @throws ApplicationError `email_taken`, `tenant_unknown`, `user_invalid` */
  create(user: NewUser, by?: Author): Promise<User> {
    const values = [
      ...[user.id, user.tenantId, normalize(user.email), user.displayName.trim(), user.role],
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
      email: email === undefined ? undefined : normalize(email),
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
    return this.#set(USERS.setPassword, id, [passwordHash, mustChange, null], by);
  }

  /**
   * The same for a user as they were read, as by a link that works once: of two at the same time one succeeds.
   *
   * @returns undefined if the user's sessions have ended since
   */
  async setPasswordOnce(
    { id, tokenVersion }: Pick<User, 'id' | 'tokenVersion'>,
    passwordHash: string,
    by?: Author,
  ): Promise<User | undefined> {
    try {
      return await this.#set(USERS.setPassword, id, [passwordHash, false, tokenVersion], by);
    } catch (error) {
      if (error instanceof ApplicationError && error.code === 'user_unknown') return undefined;
      throw error;
    }
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

function normalize(email: string): string {
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
