import { createHmac, timingSafeEqual } from 'node:crypto';

/** Which mail of which tenant. */
export interface SentMail {
  tenantId: string;
  communicationId: string;
}

/** 16 bytes in base 36: addresses may come back in lower case. */
const ID_LENGTH = 25;
/** Fills the 64 characters that an address has before its `@` (RFC 5321 4.5.3.1.1): 72 bits. */
const MAC_LENGTH = 14;
const LOCAL_PART = new RegExp(`[0-9a-z]{${2 * ID_LENGTH + MAC_LENGTH}}`, 'gi');

/**
 * Return paths that identify their mail (VERP): a bounce to one names the mail that failed. A keyed hash in it prevents
 * forging.
 */
export class ReturnPaths {
  readonly #key: Buffer;
  readonly #all: Buffer[];

  /**
   * @param secret `whsec_` and a key in base64: the one that reports are signed with
   * @param others secrets that names may also be made with: while one replaces another
   */
  constructor(secret: string, others: readonly string[] = []) {
    this.#all = [secret, ...others].map((one) => Buffer.from(one.replace(/^whsec_/, ''), 'base64'));
    this.#key = this.#all[0] ?? Buffer.alloc(0);
  }

  /** What stands before the `@`. */
  localPart({ tenantId, communicationId }: SentMail): string {
    const ids = toBase36(tenantId) + toBase36(communicationId);
    return ids + mac(this.#key, ids);
  }

  /** The first valid return path in a text. */
  find(text: string): SentMail | undefined {
    for (const [candidate] of text.matchAll(LOCAL_PART)) {
      const local = candidate.toLowerCase();
      const ids = local.slice(0, 2 * ID_LENGTH);
      const given = Buffer.from(local.slice(2 * ID_LENGTH));
      if (this.#all.some((key) => timingSafeEqual(given, Buffer.from(mac(key, ids)))))
        return {
          tenantId: fromBase36(ids.slice(0, ID_LENGTH)),
          communicationId: fromBase36(ids.slice(ID_LENGTH)),
        };
    }
    return undefined;
  }
}

function mac(key: Buffer, ids: string): string {
  const digest = createHmac('sha256', key).update(`return-path.${ids}`).digest();
  return BigInt(`0x${digest.toString('hex')}`)
    .toString(36)
    .slice(-MAC_LENGTH);
}

function toBase36(uuid: string): string {
  return BigInt(`0x${uuid.replaceAll('-', '')}`)
    .toString(36)
    .padStart(ID_LENGTH, '0');
}

function fromBase36(text: string): string {
  const digits = Array.from(text, (digit) => BigInt(Number.parseInt(digit, 36)));
  const number = digits.reduce((sum, digit) => sum * 36n + digit, 0n);
  const hex = number.toString(16).padStart(32, '0');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
