import type { ApplicationDatabase, User, UserForSignIn } from '@/lib/application';
import type { Tokens } from '@/lib/secrets';
import { type AttemptLimits, accountKey, addressKey, type Counter, type Limit } from './attempt-limits';
import { IdentityError } from './errors';
import { matchesPassword } from './passwords';
import { takeCode } from './second-factor';
import { recordRefusal, recordSignIn, recordWrongProof } from './sign-in-record';

/** For one account from one address: too slow to guess, soon over for a typing error. */
const FROM_HERE: Limit = { name: 'sign-in', attempts: 8, seconds: 300 };
/** From one address, for any account. */
const FROM_ADDRESS: Limit = { name: 'sign-in-address', attempts: 40, seconds: 600 };
/** For one account from all addresses. Attempts from a known device are not counted here. */
const AT_ACCOUNT: Limit = { name: 'sign-in-account', attempts: 100, seconds: 3600 };
/** From a device on which the user has signed in before: attempts by others do not count against it. */
const FROM_DEVICE: Limit = { name: 'sign-in-device', attempts: 20, seconds: 300 };
/** Codes of a second factor, after the right password. */
const SECOND_FACTOR: Limit = { name: 'second-factor', attempts: 8, seconds: 300 };

/** How long a device token is valid, seconds. */
export const DEVICE_LIFETIME = 365 * 86_400;

export interface Credentials {
  /** Null for operators. */
  tenantId: string | null;
  email: string;
  password: string;
  /** Six digits, or a recovery code, where the user has a second factor. */
  code?: string | undefined;
  /** The client's IP address. */
  address: string;
  /** A device token from an earlier sign-in, see `deviceToken`. */
  device?: string | undefined;
}

/** Why a sign-in is not accepted. `reason` is for the audit log; without it the attempt is not counted. */
interface Refused {
  reason?: string;
  refusal: IdentityError;
}

/** Checks passwords and second factors. Each attempt is counted before it is checked. */
export class Authentication {
  constructor(
    private readonly application: ApplicationDatabase,
    private readonly tokens: Tokens,
    private readonly limits: AttemptLimits,
  ) {}

  /**
   * Checks a password, and the second factor where the user has one.
   *
   * @param options.secondFactorLater accept the password alone: the session then has to show the second factor
   * @throws IdentityError `sign_in_refused`, `second_factor_required`, `email_not_confirmed`, `too_many_attempts`
   */
  async authenticate(
    credentials: Credentials,
    { secondFactorLater = false }: { secondFactorLater?: boolean } = {},
  ): Promise<User> {
    const { tenantId, email } = credentials;
    const user = await this.application.users.findByEmail(tenantId, email);
    const counters = await this.#countersOf(credentials, user);
    await this.limits.count(counters);
    const { address } = credentials;
    const checked = await this.#check(credentials, user, secondFactorLater);
    if ('refusal' in checked) {
      const { reason, refusal } = checked;
      if (reason === undefined) await this.limits.forgive(counters);
      else await recordRefusal(this.application, { tenantId, email, userId: user?.id, address, reason });
      throw refusal;
    }
    await this.limits.forgive(counters);
    return recordSignIn(this.application, checked, { address, method: 'password' });
  }

  async #check(
    { password, code }: Credentials,
    user: UserForSignIn | undefined,
    secondFactorLater: boolean,
  ): Promise<User | Refused> {
    const matches = await matchesPassword(user?.passwordHash, password);
    if (user?.status === 'invited' && matches) {
      const refusal = new IdentityError('email_not_confirmed', 'The email address is not confirmed.', {
        hint: 'Open the link of the invitation mail.',
      });
      return { reason: 'email_not_confirmed', refusal };
    }
    if (!user || !matches || user.status !== 'active') {
      // The same answer for an unknown address, a disabled account and a wrong password, so that it does not reveal accounts.
      const refusal = new IdentityError(
        'sign_in_refused',
        'The email address or the password is not right.',
        { hint: 'Check both, and that this is your company.' },
      );
      const reason = !user ? 'user_unknown' : matches ? 'user_disabled' : 'password_wrong';
      return { reason, refusal };
    }
    if (user.totpConfirmedAt && !code && !secondFactorLater) {
      const refusal = new IdentityError('second_factor_required', 'This account asks for a code.', {
        hint: 'Enter the six digits of your authenticator.',
      });
      return { refusal };
    }
    if (user.totpConfirmedAt && code && !(await takeCode(this.application.users, user, code))) {
      const refusal = new IdentityError('sign_in_refused', 'The code is not right.', {
        hint: 'Codes change every 30 seconds.',
      });
      return { reason: 'code_wrong', refusal };
    }
    return user;
  }

  /**
   * Checks the password of a signed-in user again. Counted as a sign-in attempt.
   *
   * @param password left out by a user who has none
   * @throws IdentityError `password_wrong`, `too_many_attempts`
   */
  async confirmPassword(user: User, password: string | undefined, address: string): Promise<void> {
    if (password === undefined && !(await this.isPasswordSet(user))) return;
    const counters = [{ limit: FROM_HERE, of: `${addressKey(address)} ${user.id}` }];
    await this.limits.count(counters);
    if (password === undefined || !(await this.hasPassword(user, password))) {
      await recordWrongProof(this.application, user, 'password_wrong', address);
      throw new IdentityError('password_wrong', 'The password is not right.', {
        hint: 'Enter the one you sign in with.',
      });
    }
    await this.limits.forgive(counters);
  }

  /** Users of an identity provider may have none. */
  async isPasswordSet({ tenantId, email }: User): Promise<boolean> {
    const current = await this.application.users.findByEmail(tenantId, email);
    return typeof current?.passwordHash === 'string';
  }

  /** Whether this is the user's password now. Not counted: call it only after the user was authenticated. */
  async hasPassword(user: User, password: string): Promise<boolean> {
    const current = await this.application.users.findByEmail(user.tenantId, user.email);
    return matchesPassword(current?.passwordHash, password);
  }

  /**
   * Uses up a code of the user's second factor, or a recovery code.
   *
   * @param address the client's IP address
   * @throws IdentityError `code_wrong`, `too_many_attempts`
   */
  async checkCode(user: User, code: string, address: string): Promise<void> {
    const counters = [{ limit: SECOND_FACTOR, of: user.id }];
    await this.limits.count(counters);
    if (!(await takeCode(this.application.users, user, code))) {
      await recordWrongProof(this.application, user, 'code_wrong', address);
      throw codeWrong();
    }
    await this.limits.forgive(counters);
  }

  /** A token for a device: attempts that carry it are counted apart from those of other devices. */
  deviceToken(user: User): Promise<string> {
    return this.tokens.signPurposeToken('device', user.id, {}, DEVICE_LIFETIME);
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

export function codeWrong(): IdentityError {
  return new IdentityError('code_wrong', 'The code is not right.', {
    hint: 'Codes change every 30 seconds.',
  });
}
