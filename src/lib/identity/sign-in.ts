import type { ApplicationDatabase, Author, User } from '@/lib/application';
import { type AddressRule, AllowedNetworks } from '@/lib/network';
import type { OperationsDatabase } from '@/lib/operations';
import type { Tokens } from '@/lib/secrets';
import { type ApiKey, ApiKeys } from './api-keys';
import { AttemptLimits } from './attempt-limits';
import { Authentication, codeWrong } from './authentication';
import { IdentityError } from './errors';
import { MailCodes } from './mail-codes';
import { Passkeys } from './passkeys';
import { takeCode } from './second-factor';
import { SessionCache, sessionEnded, userIn } from './session-cache';
import { type ClientTokens, lacksSecondFactor, SessionTokens } from './session-tokens';
import { type EndReason, limitsOf, type NewSession, type SessionRecord, Sessions } from './sessions';
import { recordEnd, recordWrongProof } from './sign-in-record';
import { SingleSignOn } from './single-sign-on';
import { SupportAccesses } from './support-access';
import { UsedTokens } from './used-tokens';

/** The session of a request's token, confirmed by the databases. */
export interface Session {
  user: User;
  token: string;
  /** Undefined for a token that trusted code signed for itself. */
  sessionId: string | undefined;
  /** Undefined where `sessionId` is. */
  record: SessionRecord | undefined;
}

/** Which incomplete sessions `recognize` accepts too. */
export interface Leniency {
  /** The user has to choose a new password first. */
  mayHaveToChangePassword?: boolean;
  /** The session has not shown the user's second factor. */
  mayLackSecondFactor?: boolean;
}

/** Sessions of users: begins them after authentication, recognizes their tokens, ends them in every process. */
export class SignIn {
  readonly authentication: Authentication;
  readonly passkeys: Passkeys;
  readonly singleSignOn: SingleSignOn;
  readonly sessions: Sessions;
  readonly keys: ApiKeys;
  readonly limits: AttemptLimits;
  readonly codes: MailCodes;
  readonly usedTokens: UsedTokens;
  readonly support: SupportAccesses;
  readonly #cache: SessionCache;
  readonly #tokens: SessionTokens;
  #listening: Promise<{ close(): Promise<void> }> | undefined;
  readonly #watchers = new Set<(id?: string) => void>();

  constructor(
    private readonly application: ApplicationDatabase,
    operations: OperationsDatabase,
    private readonly tokens: Tokens,
    /** Where identity providers of companies may be. */
    rule: AddressRule = new AllowedNetworks(),
  ) {
    this.sessions = new Sessions(operations.pool);
    this.keys = new ApiKeys({ application, operations });
    this.limits = new AttemptLimits(operations.pool);
    this.codes = new MailCodes(operations.pool);
    this.usedTokens = new UsedTokens(operations.pool);
    this.support = new SupportAccesses(operations.pool, application, {
      ...{ sessions: this.sessions, tokens, usedTokens: this.usedTokens },
    });
    this.authentication = new Authentication(application, tokens, this.limits);
    this.passkeys = new Passkeys(application, { tokens, limits: this.limits, usedTokens: this.usedTokens });
    this.singleSignOn = new SingleSignOn(application, { tokens, usedTokens: this.usedTokens, rule });
    this.#cache = new SessionCache(application, this.sessions);
    this.#tokens = new SessionTokens(tokens);
  }

  /** Listens for changed users, ended sessions and revoked keys of any process, until closed. */
  async start(): Promise<void> {
    this.#listening ??= this.application.listenToUsers((id) => {
      this.#cache.forget(id);
      this.keys.forget(id);
      for (const changed of this.#watchers) changed(id);
    });
    await this.#listening;
  }

  /**
   * Calls `changed` with the id of each user or key that has changed in any process, after the caches dropped it. Without an
   * id where any of them may have changed. @returns a function that stops it
   */
  watch(changed: (id?: string) => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  async close(): Promise<void> {
    await (await this.#listening)?.close();
  }

  /**
   * Begins a session in a browser, or of an operator at the command line.
   *
   * @param from `secondFactor` where it is not that of every user who has one
   * @returns its token, for a cookie, and how long it is valid, seconds
   */
  async beginBrowserSession(
    user: User,
    from: Omit<Partial<NewSession>, 'secondFactor'> & { secondFactor?: boolean | undefined },
  ): Promise<{ token: string; lifetime: number; session: SessionRecord }> {
    const { kind = 'browser', secondFactor = user.totpConfirmedAt !== null } = from;
    const session = await this.sessions.begin(user, { ...from, kind, secondFactor });
    const lifetime = Math.min(
      limitsOf(kind, user.tenantId).absolute,
      Math.max(1, Math.floor((session.expiresAt.getTime() - Date.now()) / 1000)),
    );
    const token = await this.#tokens.accessToken(userIn(session, user), lifetime, session);
    return { token, lifetime, session };
  }

  /** Begins a session of a client. The second factor is shown in it later, see `showSecondFactor`. */
  async beginClientSession(
    user: User,
    from: Omit<NewSession, 'kind' | 'secondFactor'>,
  ): Promise<ClientTokens> {
    const session = await this.sessions.begin(user, { ...from, kind: 'client', secondFactor: false });
    return this.#tokens.clientTokens(user, session);
  }

  /** A short-lived token with which trusted code acts as a user. It belongs to no session. @param lifetime seconds */
  signToken(user: User, lifetime: number): Promise<string> {
    return this.#tokens.accessToken(user, lifetime, undefined);
  }

  /**
   * A short-lived token with which a scoped key acts. Rows written with it name the key as their author.
   *
   * @param key as `keys.recognize` gave it for this request: the token is not checked for revocation
   */
  signKeyToken(key: ApiKey): Promise<string> {
    return this.#tokens.keyToken(key);
  }

  /**
   * New tokens for a refresh token. Each refresh token is valid once: using it again ends the session.
   *
   * @param address the client's IP address
   * @param tenantId whose token it has to be, where the request names a tenant: another's is not used up
   * @throws IdentityError `not_signed_in`, `refresh_token_reused`; SecretError `token_*`
   */
  async refresh(
    refreshToken: string,
    address: string,
    tenantId?: string,
  ): Promise<{ user: User; tokens: ClientTokens }> {
    const { subject, data } = await this.tokens.verifyPurposeToken(refreshToken, 'refresh');
    const [id, number] = [String(data.session), Number(data.number)];
    const { user } = await this.#cache.confirm({ userId: subject, sessionId: id }, { fresh: true });
    if (tenantId !== undefined && user.tenantId !== tenantId) throw sessionEnded();
    const session = await this.sessions.rotate(id, number);
    if (session === undefined) throw sessionEnded();
    if (session === 'reused') {
      const ended = { reason: 'refresh_reused', sessions: id } as const;
      await recordEnd(this.application, user, ended, { actor: 'anonymous', address });
      await this.#announce(subject);
      throw new IdentityError(
        'refresh_token_reused',
        'This refresh token was used before: the session has ended.',
        { hint: 'Sign in again.' },
      );
    }
    return { user, tokens: await this.#tokens.clientTokens(user, session) };
  }

  /**
   * The session of an access token.
   *
   * @param how `unattended`: the request is a page's own, without its user, and does not count as use of the session
   * @throws IdentityError `not_signed_in`, `password_change_required`, `insufficient_aal`; SecretError `token_*`
   */
  async recognize(
    token: string,
    { unattended = false, ...leniency }: Leniency & { unattended?: boolean } = {},
  ): Promise<Session> {
    const { userId, sessionId, tokenVersion } = await this.tokens.verifyAccessToken(token);
    const { user, session: record } = await this.#cache.confirm(
      { userId, sessionId, tokenVersion },
      { unattended },
    );
    if (!leniency.mayLackSecondFactor && record && lacksSecondFactor(user, record)) {
      throw new IdentityError('insufficient_aal', 'This session has not shown the second factor.', {
        hint: 'Enter a code of your authenticator: auth.mfa.challengeAndVerify.',
      });
    }
    if (user.mustChangePassword && !leniency.mayHaveToChangePassword) {
      throw new IdentityError(
        'password_change_required',
        'This password was given out and must be changed first.',
        { hint: 'Choose one of your own: in the application, or with auth.updateUser({ password }).' },
      );
    }
    return { token, user, sessionId, record };
  }

  /**
   * Shows the second factor in a session: uses up a code of it, or a recovery code.
   *
   * @param address the client's IP address
   * @throws IdentityError `code_wrong`, `too_many_attempts`, `not_signed_in` where the session has ended
   */
  async showSecondFactor(
    user: User,
    sessionId: string,
    code: string,
    address: string,
  ): Promise<ClientTokens> {
    await this.authentication.checkCode(user, code, address);
    return this.#raise(user, sessionId);
  }

  /**
   * Puts a second factor in force by its first code. This session has then shown it; all others end.
   *
   * @throws IdentityError `code_wrong`, `not_signed_in` where the session has ended
   */
  async confirmSecondFactor(
    user: User,
    sessionId: string,
    code: string,
    by: Author,
  ): Promise<{ user: User; tokens: ClientTokens }> {
    const { users } = this.application;
    if (!(await takeCode(users, user, code))) {
      await recordWrongProof(this.application, user, 'code_wrong', by.address ?? '');
      throw codeWrong();
    }
    const confirmed = await users.confirmTotp(user.id, [], by);
    await this.keepSession(confirmed, sessionId, by);
    return { user: confirmed, tokens: await this.#raise(confirmed, sessionId) };
  }

  /** Records that the user has proved in this session who they are. @throws IdentityError `not_signed_in` where it has ended */
  async prove(user: User, sessionId: string): Promise<void> {
    const session = await this.sessions.prove(sessionId);
    await this.#announce(user.id);
    if (!session) throw sessionEnded();
  }

  /**
   * Keeps the session in which its user was changed, such as by a new password; all others end.
   *
   * @param user as changed
   */
  async keepSession(user: User, sessionId: string | undefined, by: Author): Promise<void> {
    if (sessionId !== undefined) await this.sessions.renew(sessionId, user.tokenVersion);
    await this.#endOthers(user, sessionId, by);
  }

  /** Ends one session, at once and in every process. @returns whether there was one */
  async end(
    user: Pick<User, 'id' | 'tenantId'>,
    sessionId: string,
    reason: Extract<EndReason, 'signed_out' | 'revoked'>,
    by: Author,
  ): Promise<boolean> {
    const ended = await this.sessions.end(user.id, sessionId, reason);
    if (ended) await recordEnd(this.application, user, { reason, sessions: sessionId }, by);
    await this.#announce(user.id);
    return ended;
  }

  /** Ends every session of the user, except one where it is named. */
  async endAll(user: Pick<User, 'id' | 'tenantId'>, by: Author, except?: string): Promise<void> {
    if (except === undefined) await this.application.users.bumpTokenVersion(user.id, by);
    await this.#endOthers(user, except, by);
  }

  async #endOthers(
    user: Pick<User, 'id' | 'tenantId'>,
    except: string | undefined,
    by: Author,
  ): Promise<void> {
    const sessions = await this.sessions.endOthers(user.id, except);
    if (sessions > 0) await recordEnd(this.application, user, { reason: 'revoked', sessions }, by);
    await this.#announce(user.id);
  }

  async #raise(user: User, sessionId: string): Promise<ClientTokens> {
    const session = await this.sessions.raise(sessionId);
    await this.#announce(user.id);
    if (!session) throw sessionEnded();
    return this.#tokens.clientTokens(user, session);
  }

  async #announce(userId: string): Promise<void> {
    this.#cache.forget(userId);
    await this.application.announceUser(userId);
  }
}
