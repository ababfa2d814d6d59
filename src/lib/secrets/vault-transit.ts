import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { KeyProvider } from './key-provider';
import { type VaultServer, VaultSession } from './vault-sign-in';

const Key = z.object({ data: z.object({ latest_version: z.number(), derived: z.boolean() }) });
const Ciphertext = z.object({ data: z.object({ ciphertext: z.string() }) });
const Plaintext = z.object({ data: z.object({ plaintext: z.base64() }) });
const DataKey = z.object({ data: z.object({ ciphertext: z.string(), plaintext: z.base64() }) });

const ID_PREFIX = 'vault:';
/** How long what was read about a key (its latest version) is used, ms. */
const VERSION_KNOWN_MS = 10_000;

/**
 * The transit engine of Vault or OpenBao. If `key` was created with `derived=true`, Vault derives a key for each secret, and `rewrap`
 * brings a data key to the key's latest version without showing it to this process. Otherwise `key` must be of a type that takes
 * associated data (aes256-gcm96). A request that takes longer than 10 s fails.
 *
 * @param options.key name of the key
 * @param options.mount path of the transit engine. Default `transit`
 * @returns a provider whose methods throw SecretError `key_provider_unreachable`, `key_provider_refused`
 */
export function createVaultTransitProvider(
  options: VaultServer & { key: string; mount?: string },
): KeyProvider {
  const session = new VaultSession(options);
  const at = (action: string, key: string) =>
    `${options.mount ?? 'transit'}/${action}/${encodeURIComponent(key)}`;
  const nameOf = (keyId: string) => keyId.slice(ID_PREFIX.length);
  const known = new Map<string, { at: number; key: Promise<z.infer<typeof Key>> }>();

  const keyOf = async (name: string) => {
    let read = known.get(name);
    if (!read || performance.now() - read.at > VERSION_KNOWN_MS) {
      read = { at: performance.now(), key: session.call(at('keys', name), Key) };
      read.key.catch(() => known.delete(name));
      known.set(name, read);
    }
    return (await read.key).data;
  };
  /** The parameter that binds a data key to its context: the context of the derivation, or associated data. */
  const bound = async (name: string, context: string) => {
    const base64 = Buffer.from(context).toString('base64');
    return (await keyOf(name)).derived ? { context: base64 } : { associated_data: base64 };
  };
  const encrypt = async (name: string, dataKey: Buffer, context: string) => {
    const body = { plaintext: dataKey.toString('base64'), ...(await bound(name, context)) };
    const { data } = await session.call(at('encrypt', name), Ciphertext, body);
    return Buffer.from(data.ciphertext);
  };
  const unwrap = async (keyId: string, wrapped: Buffer, context: string) => {
    const name = nameOf(keyId);
    const body = { ciphertext: wrapped.toString(), ...(await bound(name, context)) };
    return Buffer.from((await session.call(at('decrypt', name), Plaintext, body)).data.plaintext, 'base64');
  };
  const versionOf = (_keyId: string, wrapped: Buffer) => /^vault:(v\d+):/.exec(wrapped.toString())?.[1] ?? '';

  return {
    keyId: `${ID_PREFIX}${options.key}`,
    opens: [ID_PREFIX],
    async newDataKey(context) {
      const body = await bound(options.key, context);
      if ('context' in body) {
        const { data } = await session.call(at('datakey/plaintext', options.key), DataKey, {
          ...body,
          bits: 256,
        });
        return { dataKey: Buffer.from(data.plaintext, 'base64'), wrapped: Buffer.from(data.ciphertext) };
      }
      const dataKey = randomBytes(32);
      return { dataKey, wrapped: await encrypt(options.key, dataKey, context) };
    },
    unwrap,
    versionOf,
    async rewrap(keyId, wrapped, context) {
      const name = nameOf(keyId);
      const { latest_version: latest, derived } = await keyOf(name);
      if (versionOf(keyId, wrapped) === `v${latest}`) return undefined;
      if (derived) {
        const body = { ciphertext: wrapped.toString(), ...(await bound(name, context)) };
        return Buffer.from((await session.call(at('rewrap', name), Ciphertext, body)).data.ciphertext);
      }
      const dataKey = await unwrap(keyId, wrapped, context);
      try {
        return await encrypt(name, dataKey, context);
      } finally {
        dataKey.fill(0);
      }
    },
  };
}
