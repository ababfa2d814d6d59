import { LRUCache } from 'lru-cache';
import type { ApplicationDatabase, Author, User } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';
import type { Assurance, Tokens } from '@/lib/secrets';
import { type ApiKey, ApiKeys } from './api-keys';
import { AttemptLimits, accountKey, addressKey, type Counter, type Limit } from './attempt-limits';
import { IdentityError } from './errors';
import { MailCodes } from './mail-codes';
import { matchesPassword } from './passwords';
import { takeCode } from './second-factor';
import { isOver, limitsOf, type NewSession, type SessionRecord, Sessions } from './sessions';

/** Seconds. */
const ACCESS_TOKEN_LIFETIME = 3600;
/** Of a scoped key. */
const KEY_TOKEN_LIFETIME = 60;
/** A signature takes half a millisecond: one serves the requests of so long. */
const KEY_TOKEN_KEPT_MS = 30_000;
const DEVICE_LIFETIME = 365 * 86_400;
/** How long a session is believed where no word of a change can come: each change is announced, see `start`. */
const BELIEVED_MS = 10_000;
/** Its last use is written down this often. */
const TOUCH_MS = 60_000;

/** Attempts at one account from one place: slow enough to guess nothing, soon over for who mistyped. */
const FROM_HERE: Limit = { name: 'sign-in', attempts: 8, seconds: 300 };
/** From one place, at whatever account. */
const FROM_ADDRESS: Limit = { name: 'sign-in-address', attempts: 40, seconds: 600 };
/** At one account from everywhere; a device that its user has signed in on before is not counted here. */
const AT_ACCOUNT: Limit = { name: 'sign-in-account', attempts: 100, seconds: 3600 };
/** From a device that the user has signed in on before: a stranger's attempts do not count against it. */
const FROM_DEVICE: Limit = { name: 'sign-in-device', attempts: 20, seconds: 300 };
/** Codes of a second factor, once the password was right. */
const SECOND_FACTOR: Limit = { name: 'second-factor', attempts: 8, seconds: 300 };

export interface Credentials {
  /** Null for the operator's people. */
  tenantId: string | null;
  email: string;
  password: string;
  /** Six digits, or a recovery code, where the user has a second factor. */
  code?: string | undefined;
  /** Where the attempt comes from. */
  address: string;
  /** What `deviceToken` gave when the user signed in there before. */
  device?: string | undefined;
}

/** Who is signed in, as a request's token says and the databases confirm. */
export interface Session {
  user: User;
  token: string;
  /** The session's id; undefined for a token that trusted code signed for itself. */
  sessionId: string | undefined;
  /** Undefined where `sessionId` is. */
  record: SessionRecord | undefined;
}

/** Whom `recognise` lets through besides those who may do everything that their role may. */
export interface Leniency {
  /** Also somebody who has to choose a password first. */
  mayHaveToChangePassword?: boolean;
  /** Also a session that has not shown its user's second factor. */
  mayLackSecondFactor?: boolean;
}

/** Tokens as Supabase's clients keep them. */
export interface ClientTokens {
  accessToken: string;
  refreshToken: string;
  /** Of the access token, seconds. */
  expiresIn: number;
}

interface Known {
  user: User | undefined;
  session: SessionRecord | undefined;
}

/** Signs people in, and recognises them and programs' keys afterwards. */
export class SignIn {
  readonly sessions: Sessions;
  readonly keys: ApiKeys;
  readonly limits: AttemptLimits;
  readonly codes: MailCodes;
  /** By session; by user for tokens without one. */
  readonly #known = new LRUCache<string, Known>({ max: 20_000, ttl: BELIEVED_MS });
  readonly #keyTokens = new LRUCache<string, Promise<string>>({ max: 10_000, ttl: KEY_TOKEN_KEPT_MS });
  /** Raised by each change: what was read before it is not kept. */
  #changes = 0;
  #listening: Promise<{ close(): Promise<void> }> | undefined;
  readonly #watchers = new Set<(id?: string) => void>();

  constructor(
    private readonly application: ApplicationDatabase,
    operations: OperationsDatabase,
    private readonly tokens: Tokens,
  ) {
    this.sessions = new Sessions(operations.pool);
    this.keys = new ApiKeys(operations.pool, (id) => application.announceUser(id));
    this.limits = new AttemptLimits(operations.pool);
    this.codes = new MailCodes(operations.pool);
  }

  /** Hears of changed users, ended sessions and revoked keys in any process from now on. */
  async start(): Promise<void> {
    this.#listening ??= this.application.listenToUsers((id) => {
      this.forget(id);
      this.keys.forget(id);
      for (const changed of this.#watchers) changed(id);
    });
    await this.#listening;
  }

  /**
   * Calls `changed` with the id of each user or key that has changed, in any process, once it is no longer believed; without
   * one where any may have. @returns stops that
   */
  watch(changed: (id?: string) => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  async close(): Promise<void> {
    await (await this.#listening)?.close();
  }

  /**
   * Checks a password, and the second factor where there is one. The attempt is counted first.
   *
   * @param options.secondFactorLater the password alone is enough: the session then has to show the second factor
   * @throws IdentityError `sign_in_refused`, `second_factor_required`, `email_not_confirmed`, `too_many_attempts`
   */
  async authenticate(
    credentials: Credentials,
    { secondFactorLater = false }: { secondFactorLater?: boolean } = {},
  ): Promise<User> {
    const { tenantId, email, password, code } = credentials;
    const { users } = this.application;
    const user = await users.findByEmail(tenantId, email);
    const counters = await this.#countersOf(credentials, user);
    await this.limits.count(counters);
    const matches = await matchesPassword(user?.passwordHash, password);
    if (user?.status === 'invited' && matches) {
      throw new IdentityError('email_not_confirmed', 'The email address is not confirmed.', {
        hint: 'Open the link of the invitation mail.',
      });
    }
    if (!user || !matches || user.status !== 'active') {
      // The same for an unknown address, a disabled account and a wrong password: it shows nobody which addresses exist.
      throw new IdentityError('sign_in_refused', 'The email address or the password is not right.', {
        hint: 'Check both, and that this is your company.',
      });
    }
    if (user.totpConfirmedAt && !code && !secondFactorLater) {
      await this.limits.forgive(counters);
      throw new IdentityError('second_factor_required', 'This account asks for a code.', {
        hint: 'Enter the six digits of your authenticator.',
      });
    }
    if (user.totpConfirmedAt && code && !(await takeCode(users, user, code))) {
      throw new IdentityError('sign_in_refused', 'The code is not right.', {
        hint: 'Codes change every 30 seconds.',
      });
    }
    await this.limits.forgive(counters);
    return users.recordSignIn(user.id);
  }

  /**
   * Whether whoever sits at an open session knows its user's password. Counted as an attempt to sign in.
   *
   * @throws IdentityError `password_wrong`, `too_many_attempts`
   */
  async confirmPassword(user: User, password: string, address: string): Promise<void> {
    const counters = [{ limit: FROM_HERE, of: `${addressKey(address)} ${user.id}` }];
    await this.limits.count(counters);
    if (!(await this.hasPassword(user, password))) {
      throw new IdentityError('password_wrong', 'The password is not right.', {
        hint: 'Enter the one you sign in with.',
      });
    }
    await this.limits.forgive(counters);
  }

  /** Whether this is the user's password now. Not counted: for whoever has shown already who they are. */
  async hasPassword(user: User, password: string): Promise<boolean> {
    const current = await this.application.users.findByEmail(user.tenantId, user.email);
    return matchesPassword(current?.passwordHash, password);
  }

  /**
   * Takes a code of the user's second factor, or a recovery code; the session has shown it from then on. The attempt is
   * counted first.
   *
   * @throws IdentityError `code_wrong`, `too_many_attempts`, `not_signed_in` where the session is over
   */
  async showSecondFactor(user: User, sessionId: string, code: string): Promise<ClientTokens> {
    const counters = [{ limit: SECOND_FACTOR, of: user.id }];
    await this.limits.count(counters);
    if (!(await takeCode(this.application.users, user, code))) throw codeWrong();
    await this.limits.forgive(counters);
    return this.#raise(user, sessionId);
  }

  /**
   * The first code of an authenticator: it is in force from then on, this session has shown it, and all others end.
   *
   * @throws IdentityError `code_wrong`, `not_signed_in` where the session is over
   */
  async confirmSecondFactor(
    user: User,
    sessionId: string,
    code: string,
    by: Author,
  ): Promise<{ user: User; tokens: ClientTokens }> {
    const { users } = this.application;
    if (!(await takeCode(users, user, code))) throw codeWrong();
    const confirmed = await users.confirmTotp(user.id, [], by);
    await this.keepSession(confirmed, sessionId);
    return { user: confirmed, tokens: await this.#raise(confirmed, sessionId) };
  }

  /**
   * Lets one session survive a change of the user that was made in it, such as a new password; all others end.
   *
   * @param user as it is now
   */
  async keepSession(user: User, sessionId: string | undefined): Promise<void> {
    if (sessionId !== undefined) await this.sessions.renew(sessionId, user.tokenVersion);
    await this.sessions.endOthers(user.id, sessionId);
    await this.#announce(user.id);
  }

  /** Begins a session in a browser. @returns its token, for a cookie, and how long that lasts, seconds */
  async beginBrowserSession(
    user: User,
    from: Omit<NewSession, 'kind' | 'secondFactor'>,
  ): Promise<{ token: string; lifetime: number }> {
    const secondFactor = user.totpConfirmedAt !== null;
    const session = await this.sessions.begin(user, { ...from, kind: 'browser', secondFactor });
    const lifetime = limitsOf('browser', user.tenantId).absolute;
    return { token: await this.#signToken(user, lifetime, session), lifetime };
  }

  /**
   * Begins a session of a client: an access token of an hour, and a refresh token. A second factor is shown in it later, see
   * `showSecondFactor`.
   */
  async beginClientSession(
    user: User,
    from: Omit<NewSession, 'kind' | 'secondFactor'>,
  ): Promise<ClientTokens> {
    const session = await this.sessions.begin(user, { ...from, kind: 'client', secondFactor: false });
    return this.#clientTokens(user, session);
  }

  /** A token for trusted code that acts as a user for a moment: no session, ends by itself or with the user's other tokens. */
  signToken(user: User, lifetimeSeconds: number): Promise<string> {
    return this.#signToken(user, lifetimeSeconds, undefined);
  }

  /**
   * A token for a moment with which a scoped key acts; rows that it writes name the key as their author.
   *
   * @param key as `keys.recognise` gave it for this request: the token itself knows of no revocation
   */
  signKeyToken({ id: userId, tenantId, role }: ApiKey): Promise<string> {
    let token = this.#keyTokens.get(userId);
    if (!token) {
      const claims = { userId, tenantId, role: role ?? 'viewer', tokenVersion: 0 };
      token = this.tokens.signAccessToken(claims, KEY_TOKEN_LIFETIME);
      this.#keyTokens.set(userId, token);
    }
    return token;
  }

  /**
   * New tokens for a refresh token, which is of no use afterwards: one that is used again ends the session.
   *
   * @throws IdentityError `not_signed_in`, `refresh_token_reused`; SecretError `token_*`
   */
  async refresh(refreshToken: string): Promise<{ user: User; tokens: ClientTokens }> {
    const { subject, data } = await this.tokens.verifyPurposeToken(refreshToken, 'refresh');
    const [id, number] = [String(data.session), Number(data.number)];
    const { user } = await this.#confirm({ userId: subject, sessionId: id, fresh: true });
    const session = await this.sessions.rotate(id, number);
    if (session === undefined) throw sessionEnded();
    if (session === 'reused') {
      await this.#announce(subject);
      throw new IdentityError(
        'refresh_token_reused',
        'This refresh token was used before: the session has ended.',
        {
          hint: 'Sign in again.',
        },
      );
    }
    return { user, tokens: await this.#clientTokens(user, session) };
  }

  /**
   * Whose token this is.
   *
   * @throws IdentityError `not_signed_in`, `password_change_required`, `insufficient_aal`; SecretError `token_*`
   */
  async recognise(token: string, leniency: Leniency = {}): Promise<Session> {
    const { userId, sessionId, tokenVersion } = await this.tokens.verifyAccessToken(token);
    const { user, session: record } = await this.#confirm({ userId, sessionId, tokenVersion });
    if (!leniency.mayLackSecondFactor && record && lacksSecondFactor(user, record)) {
      throw new IdentityError('insufficient_aal', 'This session has not shown the second factor.', {
        hint: 'Enter a code of your authenticator: auth.mfa.challengeAndVerify.',
      });
    }
    if (user.mustChangePassword && !leniency.mayHaveToChangePassword) {
      throw new IdentityError(
        'password_change_required',
        'This password was given out and must be changed first.',
        {
          hint: 'Choose one of your own: in the application, or with auth.updateUser({ password }).',
        },
      );
    }
    return { token, user, sessionId, record };
  }

  /** Ends one session, at once and in every process. @returns whether there was one */
  async end(userId: string, sessionId: string, reason: 'signed_out' | 'revoked'): Promise<boolean> {
    const ended = await this.sessions.end(userId, sessionId, reason);
    await this.#announce(userId);
    return ended;
  }

  /** Ends every session of the user; all but one, where one is named. */
  async endAll(userId: string, keep?: string): Promise<void> {
    if (keep === undefined) await this.application.users.bumpTokenVersion(userId);
    await this.sessions.endOthers(userId, keep);
    await this.#announce(userId);
  }

  /** The user, or any user, has changed: read again before they are believed again. */
  forget(userId?: string): void {
    this.#changes += 1;
    if (userId === undefined) this.#known.clear();
    for (const [key, { user, session }] of this.#known.entries()) {
      if (key === userId || user?.id === userId || session?.userId === userId) this.#known.delete(key);
    }
  }

  /** Proves later that the user has signed in on this device before. */
  deviceToken(user: User): Promise<string> {
    return this.tokens.signPurposeToken('device', user.id, {}, DEVICE_LIFETIME);
  }

  static readonly deviceLifetime = DEVICE_LIFETIME;

  async #raise(user: User, sessionId: string): Promise<ClientTokens> {
    const session = await this.sessions.raise(sessionId);
    await this.#announce(user.id);
    if (!session) throw sessionEnded();
    return this.#clientTokens(user, session);
  }

  async #clientTokens(user: User, session: SessionRecord): Promise<ClientTokens> {
    const remaining = Math.max(1, Math.floor((session.expiresAt.getTime() - Date.now()) / 1000));
    const expiresIn = Math.min(ACCESS_TOKEN_LIFETIME, remaining);
    const { id, refreshNumber: number } = session;
    const [accessToken, refreshToken] = await Promise.all([
      this.#signToken(user, expiresIn, session),
      this.tokens.signPurposeToken('refresh', user.id, { session: id, number }, remaining),
    ]);
    return { accessToken, refreshToken, expiresIn };
  }

  #signToken(user: User, lifetime: number, session: SessionRecord | undefined): Promise<string> {
    const { id: userId, tenantId, role, tokenVersion, email } = user;
    const claims = { userId, tenantId, role, tokenVersion, sessionId: session?.id };
    if (!session) return this.tokens.signAccessToken(claims, lifetime);
    const { method, secondFactor } = session;
    const assurance: Assurance = {
      level: secondFactor ? 'aal2' : 'aal1',
      wanted: lacksSecondFactor(user, session) ? 'aal2' : undefined,
      methods: secondFactor ? [method, 'totp'] : [method],
      email,
    };
    return this.tokens.signAccessToken({ ...claims, assurance }, lifetime);
  }

  async #confirm(claims: {
    userId: string;
    sessionId: string | undefined;
    /** Checked where the token carries it. */
    tokenVersion?: number;
    /** Read from the databases, whatever is known. */
    fresh?: boolean;
  }): Promise<{ user: User; session: SessionRecord | undefined }> {
    const { userId, sessionId, tokenVersion, fresh } = claims;
    const key = sessionId ?? userId;
    const known = (fresh ? undefined : this.#known.get(key)) ?? (await this.#read(key, userId, sessionId));
    const { user, session } = known;
    // A session may outlive a change made in it; a token without one does not.
    const version = session?.tokenVersion ?? tokenVersion;
    if (user?.status !== 'active' || user.tokenVersion !== version) throw sessionEnded();
    if (sessionId !== undefined && (session?.userId !== userId || isOver(session))) throw sessionEnded();
    if (session) this.#touch(session);
    return { user, session };
  }

  async #read(key: string, userId: string, sessionId: string | undefined): Promise<Known> {
    const before = this.#changes;
    const [user, session] = await Promise.all([
      this.application.users.find(userId),
      sessionId === undefined ? undefined : this.sessions.find(sessionId),
    ]);
    const known = { user, session };
    if (this.#changes === before) this.#known.set(key, known);
    return known;
  }

  #touch(session: SessionRecord): void {
    if (session.lastUsedAt.getTime() + TOUCH_MS > Date.now()) return;
    session.lastUsedAt = new Date();
    // One that is lost is written down by the next request.
    this.sessions.touch(session.id).catch(() => {});
  }

  async #announce(userId: string): Promise<void> {
    this.forget(userId);
    await this.application.announceUser(userId);
  }

  async #countersOf(
    { tenantId, email, address, device }: Credentials,
    user: User | undefined,
  ): Promise<Counter[]> {
    if (user && device && (await this.#isDeviceOf(user, device))) {
      return [{ limit: FROM_DEVICE, of: `${addressKey(address)} ${user.id}` }];
    }
    const account = accountKey(tenantId, email);
    return [
      { limit: FROM_ADDRESS, of: addressKey(address) },
      { limit: FROM_HERE, of: `${addressKey(address)} ${account}` },
      { limit: AT_ACCOUNT, of: account },
    ];
  }

  async #isDeviceOf(user: User, device: string): Promise<boolean> {
    const { subject } = await this.tokens
      .verifyPurposeToken(device, 'device')
      .catch(() => ({ subject: undefined }));
    return subject === user.id;
  }
}

function lacksSecondFactor(user: User, session: SessionRecord): boolean {
  return user.totpConfirmedAt !== null && !session.secondFactor;
}

function codeWrong(): IdentityError {
  return new IdentityError('code_wrong', 'The code is not right.', {
    hint: 'Codes change every 30 seconds.',
  });
}

function sessionEnded(): IdentityError {
  return new IdentityError('not_signed_in', 'The session has ended.', { hint: 'Sign in again.' });
}
