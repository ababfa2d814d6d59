// The keys that sign tokens. Each has an id, which its tokens name; several verify while one is replaced by the next.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { deriveKey, readEncryptionKey } from './encryption-key';
import { deriveSigningKey, type SigningKey } from './signing-key';

/** A stored key. Access tokens (ES256) and tokens for one purpose (HS256) are signed with keys derived from its seed. */
export interface TokenKey {
  /** The `kid` of its tokens: the thumbprint of its public key (RFC 7638). */
  id: string;
  /** 32 bytes. */
  seed: Uint8Array;
  /** It verifies from the beginning, and signs from this time on until a later one does. */
  signsFrom: Date;
}

/** Where the keys are stored: the operations database, or `tokenKeysOf`. */
export interface TokenKeys {
  /** All that verify; at least one signs. */
  read(): Promise<TokenKey[]>;
  /** Called before a token is signed that expires later than any before: its key has to verify until then. */
  noteExpiry(id: string, at: Date): Promise<void>;
}

/** A key as it is used. */
export interface OpenTokenKey {
  id: string;
  signsFrom: number;
  /** Signs access tokens. */
  pair: SigningKey;
  /** Signs tokens for one purpose. */
  secret: Buffer;
}

/** A new key, not stored yet. */
export async function newTokenKey(): Promise<{ id: string; seed: Buffer }> {
  const seed = randomBytes(32);
  return { id: (await deriveSigningKey(seed)).kid, seed };
}

/**
 * Keys that do not change, for a program without an operations database.
 *
 * @param seeds 32 bytes or 64 hexadecimal digits each; the first signs, the others only verify
 * @throws SecretError `encryption_key_invalid`
 */
export function tokenKeysOf(...seeds: (string | Uint8Array)[]): TokenKeys {
  const read = seeds.map(readEncryptionKey);
  return {
    read: () =>
      Promise.all(
        read.map(async (seed, index) => ({
          id: (await deriveSigningKey(seed)).kid,
          seed,
          signsFrom: new Date(-index),
        })),
      ),
    noteExpiry: async () => {},
  };
}

/** A token with an unknown key has the keys read again, at most this often, ms. */
const MISS_EVERY_MS = 100;
/** How far the expiry that is noted lies ahead, ms: so it is noted about once a day and not for each token. */
const NOTED_AHEAD_MS = 86_400_000;

/** The stored keys as this process knows them. */
export class KeyRing {
  #keys: Promise<OpenTokenKey[]> | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #reads = 0;
  /** Number of the read that the known keys come from. */
  #readNumber = 0;
  #nextReread: Promise<void> | undefined;
  /** The latest expiry that was noted, by key, ms since 1970. */
  readonly #noted = new Map<string, number>();

  /**
   * @param knownMs how long keys are used before they are read again
   * @param revoked called when a key that was known is not there any more
   */
  constructor(
    private readonly stored: TokenKeys,
    private readonly knownMs: number,
    private readonly revoked: () => void,
  ) {}

  /** All that verify, the one that signs first. */
  async all(): Promise<OpenTokenKey[]> {
    await this.refresh();
    return inOrder((await this.#keys) ?? []);
  }

  /** Has the keys read again where that was long ago. @returns what to wait for, where they may be too old to be used */
  refresh(): Promise<unknown> | undefined {
    const age = performance.now() - this.#readAt;
    if (!this.#keys) {
      this.#keys = this.#read();
      return this.#keys;
    }
    if (age <= this.knownMs) return undefined;
    // While the database cannot be reached, the keys known so far are used.
    const reading = this.#read().catch(() => {});
    return age > 2 * this.knownMs ? reading : undefined;
  }

  /** The key of a token, also where it was made a moment ago. */
  async find(id: string | undefined): Promise<OpenTokenKey | undefined> {
    const known = (await this.all()).find((key) => key.id === id);
    if (known || !id) return known;
    this.#nextReread ??= sleep(MISS_EVERY_MS).then(() => {
      // What is read from now on may be too old for tokens that come later.
      this.#nextReread = undefined;
      return this.#read().then(() => {});
    });
    await this.#nextReread;
    return (await this.all()).find((key) => key.id === id);
  }

  /** The key for a token that expires at a time, ms since 1970. */
  async signing(expiresAt: number): Promise<OpenTokenKey> {
    const [key] = await this.all();
    if (!key || key.signsFrom > Date.now()) throw new Error('There is no key that signs tokens.');
    if (expiresAt > (this.#noted.get(key.id) ?? 0)) {
      const until = expiresAt + NOTED_AHEAD_MS;
      await this.stored.noteExpiry(key.id, new Date(until));
      this.#noted.set(key.id, until);
    }
    return key;
  }

  async #read(): Promise<OpenTokenKey[]> {
    this.#readAt = performance.now();
    this.#reads += 1;
    const number = this.#reads;
    const before = this.#keys;
    try {
      const [keys, known] = await this.#open(before);
      // One that began later has read what is newer.
      if (number < this.#readNumber) return keys;
      this.#readNumber = number;
      this.#keys = Promise.resolve(keys);
      if (known.some(({ id }) => !keys.some((key) => key.id === id))) this.revoked();
      return keys;
    } catch (error) {
      if (!before) this.#keys = undefined;
      throw error;
    }
  }

  /** Deriving a key takes a millisecond, so those that are known are used further. */
  async #open(before: Promise<OpenTokenKey[]> | undefined): Promise<[now: OpenTokenKey[], OpenTokenKey[]]> {
    const [stored, known = []] = await Promise.all([this.stored.read(), before?.catch(() => [])]);
    const keys = await Promise.all(
      stored.map(async ({ id, seed, signsFrom }) => {
        const same = known.find((key) => key.id === id);
        return {
          id,
          signsFrom: signsFrom.getTime(),
          pair: same?.pair ?? (await deriveSigningKey(seed)),
          secret: same?.secret ?? deriveKey(seed, 'tokens'),
        };
      }),
    );
    return [keys, known];
  }
}

/** Latest first, those that do not sign yet last. */
function inOrder(keys: OpenTokenKey[]): OpenTokenKey[] {
  const now = Date.now();
  const isLater = ({ signsFrom }: OpenTokenKey) => (signsFrom > now ? 1 : 0);
  return keys.toSorted((a, b) => isLater(a) - isLater(b) || b.signsFrom - a.signsFrom);
}
