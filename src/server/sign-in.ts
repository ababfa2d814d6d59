import { createHash } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';
import { TOTP } from 'otpauth';
import type { ApplicationDatabase, User } from '@/lib/application';
import type { Tokens } from '@/lib/secrets';
import { RequestError } from './errors';

/** Seconds. */
export const SESSION_LIFETIME = 12 * 3600;
const ACCESS_TOKEN_LIFETIME = 3600;
const REFRESH_LIFETIME = 30 * 24 * 3600;

const LOCK_AFTER = 8;
const LOCK_SECONDS = 300;
/** Wrong passwords from one address, whoever it tries, in ten minutes. */
const ADDRESS_LIMIT = 40;
const ADDRESS_WINDOW_MS = 600_000;
const TOTP_PERIOD_MS = 30_000;
/** How long a user's row is believed: so long after a change of role or a sign-out everywhere, a session may live on. */
const USER_CACHE_MS = 2_000;

/** Argon2id of nothing anyone has: an unknown user takes as long as a wrong password. */
const NOBODY = hash('nobody has this password');

export interface Credentials {
  /** Null for the operator's people. */
  tenantId: string | null;
  email: string;
  password: string;
  /** Six digits, or a recovery code, where the user has a second factor. */
  code?: string;
  /** Where the attempt comes from. */
  address: string;
}

/** Who is signed in, as a request's token says and the database confirms. */
export interface Session {
  user: User;
  token: string;
}

/** Signs people in and recognises them afterwards. Sessions are signed tokens, revoked by the user's `token_version`. */
export class SignIn {
  readonly #failures = new Map<string, { count: number; until: number }>();
  readonly #users = new Map<string, { user: User | undefined; until: number }>();

  constructor(
    private readonly application: ApplicationDatabase,
    private readonly tokens: Tokens,
  ) {}

  /** @throws RequestError `sign_in_refused`, `second_factor_required`, `too_many_attempts` */
  async authenticate(credentials: Credentials): Promise<User> {
    this.#refuseFloods(credentials.address);
    const { users } = this.application;
    const user = await users.findByEmail(credentials.tenantId, credentials.email);
    const matches = await verify(user?.passwordHash ?? (await NOBODY), credentials.password).catch(
      () => false,
    );
    const locked = user?.lockedUntil && user.lockedUntil.getTime() > Date.now();
    if (!user?.passwordHash || !matches || locked || user.status !== 'active') {
      this.#countFailure(credentials.address);
      if (user && !locked && !matches) await users.recordFailedSignIn(user.id, LOCK_AFTER, LOCK_SECONDS);
      throw new RequestError('sign_in_refused', 'The e-mail address or the password is not right.', {
        // The same for a locked account, an unknown one and a wrong password: it tells nobody which addresses exist.
        hint: 'Check both, and that this is your company. After eight wrong attempts, wait five minutes.',
      });
    }
    await this.#checkSecondFactor(user, credentials);
    return users.recordSignIn(user.id);
  }

  /**
   * Whoever sits at an open session knows its user's password. Wrong ones count as failed sign-ins.
   *
   * @throws RequestError `password_wrong`, `too_many_attempts`
   */
  async confirmPassword(user: User, password: string, address: string): Promise<void> {
    this.#refuseFloods(address);
    const current = await this.application.users.findByEmail(user.tenantId, user.email);
    const locked = current?.lockedUntil && current.lockedUntil.getTime() > Date.now();
    if (current?.passwordHash && !locked && (await verify(current.passwordHash, password).catch(() => false)))
      return;
    this.#countFailure(address);
    if (!locked) await this.application.users.recordFailedSignIn(user.id, LOCK_AFTER, LOCK_SECONDS);
    throw new RequestError('password_wrong', 'The password is not right.', {
      hint: 'Enter the one you sign in with. After eight wrong attempts, wait five minutes.',
    });
  }

  signSession(user: User, lifetime = SESSION_LIFETIME): Promise<string> {
    const { id: userId, tenantId, role, tokenVersion } = user;
    return this.tokens.signAccessToken({ userId, tenantId, role, tokenVersion }, lifetime);
  }

  /** An access token of an hour and a refresh token, as Supabase's clients keep them. */
  async signTokens(user: User): Promise<{ accessToken: string; refreshToken: string; expiresIn: number }> {
    const data = { tokenVersion: user.tokenVersion };
    const [accessToken, refreshToken] = await Promise.all([
      this.signSession(user, ACCESS_TOKEN_LIFETIME),
      this.tokens.signPurposeToken('refresh', user.id, data, REFRESH_LIFETIME),
    ]);
    return { accessToken, refreshToken, expiresIn: ACCESS_TOKEN_LIFETIME };
  }

  /** @throws RequestError `not_signed_in`, SecretError `token_*` */
  async refresh(refreshToken: string): Promise<User> {
    const { subject, data } = await this.tokens.verifyPurposeToken(refreshToken, 'refresh');
    return this.#confirm(subject, data.tokenVersion);
  }

  /** @throws RequestError `not_signed_in`, SecretError `token_*` */
  async recognise(token: string): Promise<Session> {
    const claims = await this.tokens.verifyAccessToken(token);
    return { token, user: await this.#confirm(claims.userId, claims.tokenVersion) };
  }

  /** Ends every session of the user. */
  async revoke(userId: string): Promise<void> {
    await this.application.users.bumpTokenVersion(userId);
    this.forget(userId);
  }

  /** The user has changed: their row is read again. */
  forget(userId: string): void {
    this.#users.delete(userId);
  }

  async #confirm(userId: string, tokenVersion: unknown): Promise<User> {
    const known = this.#users.get(userId);
    const fresh = known && known.until > Date.now() ? known : await this.#read(userId);
    const { user } = fresh;
    if (user?.status === 'active' && user.tokenVersion === tokenVersion) return user;
    throw new RequestError('not_signed_in', 'The session has ended.', { hint: 'Sign in again.' });
  }

  async #read(userId: string): Promise<{ user: User | undefined; until: number }> {
    const entry = { user: await this.application.users.find(userId), until: Date.now() + USER_CACHE_MS };
    if (this.#users.size > 10_000) this.#users.clear();
    this.#users.set(userId, entry);
    return entry;
  }

  async #checkSecondFactor(user: User, credentials: Credentials): Promise<void> {
    if (!user.totpConfirmedAt) return;
    if (!credentials.code) {
      throw new RequestError('second_factor_required', 'This account asks for a code.', {
        hint: 'Enter the six digits of your authenticator.',
      });
    }
    if (await this.#takeRecoveryCode(user, credentials.code)) return;
    const secret = await this.application.users.totpSecret(user.id);
    // One period either way: clocks differ. A code that was seen over a shoulder is of no use again.
    const delta = secret ? new TOTP({ secret }).validate({ token: credentials.code, window: 1 }) : null;
    const step = Math.floor(Date.now() / TOTP_PERIOD_MS) + (delta ?? 0);
    if (delta !== null && (await this.application.users.takeTotpStep(user.id, step))) return;
    this.#countFailure(credentials.address);
    await this.application.users.recordFailedSignIn(user.id, LOCK_AFTER, LOCK_SECONDS);
    throw new RequestError('sign_in_refused', 'The code is not right.', {
      hint: 'Codes change every 30 seconds.',
    });
  }

  /** Six digits are never one. */
  async #takeRecoveryCode(user: User, code: string): Promise<boolean> {
    if (/^\d{1,6}$/.test(code)) return false;
    const digest = createHash('sha256').update(normalRecoveryCode(code)).digest('hex');
    return this.application.users.takeRecoveryCode(user.id, digest);
  }

  #refuseFloods(address: string): void {
    const failures = this.#failures.get(address);
    if (!failures || failures.until < Date.now() || failures.count < ADDRESS_LIMIT) return;
    throw new RequestError('too_many_attempts', 'There were too many attempts from this address.', {
      hint: 'Wait ten minutes.',
    });
  }

  #countFailure(address: string): void {
    const known = this.#failures.get(address);
    if (known && known.until > Date.now()) {
      known.count += 1;
      return;
    }
    if (this.#failures.size > 10_000) this.#failures.clear();
    this.#failures.set(address, { count: 1, until: Date.now() + ADDRESS_WINDOW_MS });
  }
}

/** However it was typed. */
export function normalRecoveryCode(code: string): string {
  return code.toLowerCase().replace(/[^a-z0-9]/g, '');
}
