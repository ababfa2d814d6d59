// Passkeys (WebAuthn): a device proves its user by a key pair. It checks the user itself, so it counts as two factors.
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
  WebAuthnCredential,
} from '@simplewebauthn/server';
import type { ApplicationDatabase, Author, Passkey, User } from '@/lib/application';
import type { Tokens } from '@/lib/secrets';
import { type AttemptLimits, addressKey, type Limit } from './attempt-limits';
import { IdentityError } from './errors';
import { recordRefusal, recordSignIn, recordWrongProof } from './sign-in-record';
import type { UsedTokens } from './used-tokens';

/** Loaded when a passkey is used: with its certificates it takes longer to load than anything else of sign-in. */
const webAuthn = () => import('@simplewebauthn/server');

/** Seconds between asking for options and the device's answer. */
const CHALLENGE_LIFETIME = 300;
const MOST_PASSKEYS = 20;
/** COSE: Ed25519, ECDSA with P-256, RSA. */
const ALGORITHMS = [-8, -7, -257];
const FROM_ADDRESS: Limit = { name: 'passkey-address', attempts: 40, seconds: 600 };

/** The page on which the browser uses a passkey. */
export interface PasskeyPage {
  /** `https://a.example.com`; the passkey belongs to its host name. */
  origin: string;
}

/** What the browser is to do, and a token that belongs to its answer. */
export interface PasskeyRequest<Options> {
  options: Options;
  token: string;
}

export interface PasskeyAnswer<Response> {
  token: string;
  response: Response;
}

type Purpose = 'passkey-new' | 'passkey-sign-in' | 'passkey-proof';

export class Passkeys {
  constructor(
    private readonly application: ApplicationDatabase,
    private readonly parts: { tokens: Tokens; limits: AttemptLimits; usedTokens: UsedTokens },
  ) {}

  list(user: User): Promise<Passkey[]> {
    return this.application.passkeys.list(user.id);
  }

  /** Begins to add a passkey. */
  async creation(
    user: User,
    page: PasskeyPage,
  ): Promise<PasskeyRequest<PublicKeyCredentialCreationOptionsJSON>> {
    const known = await this.list(user);
    const { generateRegistrationOptions } = await webAuthn();
    const options = await generateRegistrationOptions({
      rpName: 'Marquee',
      rpID: hostOf(page),
      userName: user.email,
      userDisplayName: user.displayName,
      userID: new TextEncoder().encode(user.id),
      timeout: CHALLENGE_LIFETIME * 1000,
      excludeCredentials: known.map(transportsOf),
      supportedAlgorithmIDs: ALGORITHMS,
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    });
    return { options, token: await this.#token('passkey-new', user.id, options.challenge) };
  }

  /** Adds the passkey of a device's answer. @throws IdentityError `passkey_invalid` */
  async create(
    user: User,
    { token, response }: PasskeyAnswer<RegistrationResponseJSON>,
    { page, name, by }: { page: PasskeyPage; name: string; by: Author },
  ): Promise<void> {
    const challenge = await this.#challenge('passkey-new', user.id, token);
    const { verifyRegistrationResponse } = await webAuthn();
    const { registrationInfo } = challenge
      ? await verifyRegistrationResponse({
          response,
          expectedChallenge: challenge,
          expectedOrigin: page.origin,
          expectedRPID: hostOf(page),
          requireUserVerification: true,
          supportedAlgorithmIDs: ALGORITHMS,
        }).catch(() => ({ registrationInfo: undefined }))
      : {};
    if (!registrationInfo) {
      throw new IdentityError('passkey_invalid', 'The device’s answer is not valid, or came too late.');
    }
    const { id, publicKey, counter, transports = [] } = registrationInfo.credential;
    const passkey = {
      ...{ id, publicKey: Buffer.from(publicKey).toString('base64url'), counter, transports, name },
      ...{ createdAt: new Date().toISOString(), lastUsedAt: null },
    };
    if (await this.application.passkeys.add(user.id, passkey, MOST_PASSKEYS, by)) return;
    throw new IdentityError('passkey_invalid', `You have this passkey already, or ${MOST_PASSKEYS} others.`, {
      hint: 'Remove one first.',
    });
  }

  /** @returns whether the user had it */
  remove(user: User, id: string, by: Author): Promise<boolean> {
    return this.application.passkeys.remove(user.id, id, by);
  }

  /** Begins a sign-in: the browser offers the passkeys that it has for the page. */
  signIn(page: PasskeyPage): Promise<PasskeyRequest<PublicKeyCredentialRequestOptionsJSON>> {
    return this.#request('passkey-sign-in', '', page, []);
  }

  /**
   * The user whose passkey answered.
   *
   * @param from the tenant (null for operators), and the client's IP address
   * @throws IdentityError `passkey_refused`, `single_sign_on_required`, `too_many_attempts`
   */
  async authenticate(
    answer: PasskeyAnswer<AuthenticationResponseJSON>,
    { tenantId, page, address }: { tenantId: string | null; page: PasskeyPage; address: string },
  ): Promise<User> {
    const counters = [{ limit: FROM_ADDRESS, of: addressKey(address) }];
    await this.parts.limits.count(counters);
    const userId = Buffer.from(answer.response.response.userHandle ?? '', 'base64url').toString();
    const found = await this.application.users.find(userId);
    // A passkey of another tenant's user, or of an operator, is as unknown as any.
    const user = found?.tenantId === tenantId && found.status === 'active' ? found : undefined;
    if (!user || !(await this.#accepts('passkey-sign-in', '', user, answer, page))) {
      const attempt = { tenantId, email: user?.email ?? '', userId: user?.id, address };
      await recordRefusal(this.application, { ...attempt, reason: 'passkey_refused' });
      throw passkeyRefused();
    }
    await this.parts.limits.forgive(counters);
    return recordSignIn(this.application, user, { address, method: 'passkey' });
  }

  /** Begins to prove a signed-in user once more. */
  async proof(user: User, page: PasskeyPage): Promise<PasskeyRequest<PublicKeyCredentialRequestOptionsJSON>> {
    return this.#request('passkey-proof', user.id, page, (await this.list(user)).map(transportsOf));
  }

  /** @throws IdentityError `passkey_refused`, `too_many_attempts` */
  async prove(
    user: User,
    answer: PasskeyAnswer<AuthenticationResponseJSON>,
    { page, address }: { page: PasskeyPage; address: string },
  ): Promise<void> {
    const counters = [{ limit: FROM_ADDRESS, of: addressKey(address) }];
    await this.parts.limits.count(counters);
    if (!(await this.#accepts('passkey-proof', user.id, user, answer, page))) {
      await recordWrongProof(this.application, user, 'passkey_refused', address);
      throw passkeyRefused();
    }
    await this.parts.limits.forgive(counters);
  }

  async #request(
    purpose: Purpose,
    subject: string,
    page: PasskeyPage,
    allowed: { id: string; transports: string[] }[],
  ): Promise<PasskeyRequest<PublicKeyCredentialRequestOptionsJSON>> {
    const { generateAuthenticationOptions } = await webAuthn();
    const options = await generateAuthenticationOptions({
      rpID: hostOf(page),
      timeout: CHALLENGE_LIFETIME * 1000,
      userVerification: 'required',
      ...(allowed.length > 0 && { allowCredentials: allowed }),
    });
    return { options, token: await this.#token(purpose, subject, options.challenge) };
  }

  async #accepts(
    purpose: Purpose,
    subject: string,
    user: User,
    { token, response }: PasskeyAnswer<AuthenticationResponseJSON>,
    page: PasskeyPage,
  ): Promise<boolean> {
    const passkey = (await this.list(user)).find(({ id }) => id === response.id);
    const challenge = passkey && (await this.#challenge(purpose, subject, token));
    if (!challenge) return false;
    const { publicKey, ...stored } = passkey;
    const { verifyAuthenticationResponse } = await webAuthn();
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: page.origin,
      expectedRPID: hostOf(page),
      credential: {
        ...stored,
        publicKey: new Uint8Array(Buffer.from(publicKey, 'base64url')),
      } as WebAuthnCredential,
      requireUserVerification: true,
    }).catch(() => ({ verified: false, authenticationInfo: undefined }));
    if (!verified || !authenticationInfo) return false;
    // Two answers of a copied device carry the same count: the second is refused.
    return this.application.passkeys.use(user.id, passkey.id, authenticationInfo.newCounter, {
      actor: `user:${user.id}`,
    });
  }

  #token(purpose: Purpose, subject: string, challenge: string): Promise<string> {
    return this.parts.tokens.signPurposeToken(purpose, subject, { challenge }, CHALLENGE_LIFETIME);
  }

  /** The challenge of a token, which is used up. */
  async #challenge(purpose: Purpose, subject: string, token: string): Promise<string | undefined> {
    const verified = await this.parts.tokens.verifyPurposeToken(token, purpose).catch(() => undefined);
    if (verified?.subject !== subject || !(await this.parts.usedTokens.take(verified))) return undefined;
    return String(verified.data.challenge);
  }
}

function hostOf({ origin }: PasskeyPage): string {
  return new URL(origin).hostname;
}

function transportsOf({ id, transports }: Passkey) {
  return { id, transports };
}

function passkeyRefused(): IdentityError {
  return new IdentityError('passkey_refused', 'This passkey is not known here.', {
    hint: 'Sign in with your password.',
  });
}
