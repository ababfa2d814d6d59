// The keys that sign tokens. Each token names the id of its key. While one key replaces another, both verify.
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
  /** The key verifies as soon as it is stored. It signs from this time on, until a later key does. */
  signsFrom: Date;
}

/** Where the keys are stored: the operations database, or `tokenKeysOf`. */
export interface TokenKeys {
  /** All keys that verify; at least one of them signs. */
  read(): Promise<TokenKey[]>;
  /** Called before signing a token that expires later than any earlier one: the key has to verify until then. */
  noteExpiry(id: string, at: Date): Promise<void>;
}

/** A key that is ready for use. */
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

/** If a token names an unknown key, the keys are read again, but at most once in this time, ms. */
const MISS_EVERY_MS = 100;
/** The noted expiry is later than the token's by this much, ms, so that it is noted about once a day and not for each token. */
const NOTED_AHEAD_MS = 86_400_000;

/** The stored keys as this process knows them. */
export class KeyRing {
  #keys: Promise<OpenTokenKey[]> | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #reads = 0;
  /** Number of the read that returned the known keys. */
  #readNumber = 0;
  #nextReread: Promise<void> | undefined;
  /** The latest expiry that was noted, by key, ms since 1970. */
  readonly #noted = new Map<string, number>();

  /**
   * @param knownMs how long keys are used before they are read again, ms
   * @param revoked called when a known key no longer exists
   */
  constructor(
    private readonly stored: TokenKeys,
    private readonly knownMs: number,
    private readonly revoked: () => void,
  ) {}

  /** All keys that verify. The first one signs. */
  async all(): Promise<OpenTokenKey[]> {
    await this.refresh();
    return inOrder((await this.#keys) ?? []);
  }

  /** Starts reading the keys again if they are old. @returns the reading to wait for, if the known keys may be too old to be used */
  refresh(): Promise<unknown> | undefined {
    const age = performance.now() - this.#readAt;
    if (!this.#keys) {
      this.#keys = this.#read();
      return this.#keys;
    }
    if (age <= this.knownMs) return undefined;
    // While the database cannot be reached, the known keys are used.
    const reading = this.#read().catch(() => {});
    return age > 2 * this.knownMs ? reading : undefined;
  }

  /** The key with this id, even if it was created a moment ago. */
  async find(id: string | undefined): Promise<OpenTokenKey | undefined> {
    const known = (await this.all()).find((key) => key.id === id);
    if (known || !id) return known;
    this.#nextReread ??= sleep(MISS_EVERY_MS).then(() => {
      // A token that comes after this point may need keys that are newer than this reading: it starts another one.
      this.#nextReread = undefined;
      return this.#read().then(() => {});
    });
    await this.#nextReread;
    return (await this.all()).find((key) => key.id === id);
  }

  /** The key that signs a token. @param expiresAt when the token expires, ms since 1970 */
  async signing(expiresAt: number): Promise<OpenTokenKey> {
    const [key] = await this.all();
    // One that is yet to begin by this machine's clock may have begun by the clock that gave it its time.
    if (!key) throw new Error('There is no key that signs tokens.');
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
      // A reading that began later has newer keys.
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

  /** Reads and derives the keys. Deriving takes a millisecond, so keys that were derived before are reused. */
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

/** The latest key first. Keys that do not sign yet come last, the one that begins first before the others. */
function inOrder(keys: OpenTokenKey[]): OpenTokenKey[] {
  const now = Date.now();
  const isLater = ({ signsFrom }: OpenTokenKey) => (signsFrom > now ? 1 : 0);
  return keys.toSorted(
    (a, b) => isLater(a) - isLater(b) || (isLater(a) ? a.signsFrom - b.signsFrom : b.signsFrom - a.signsFrom),
  );
}
