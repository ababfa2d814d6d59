// Signing in proves that the client knows the password (SCRAM, RFC 5802): the driver derives a key from it, by thousands of rounds of
// hashing, for each connection. The key depends on the password, the salt and the number of rounds, so it can be kept.
import { createHash, createHmac } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import driver from 'pg/lib/crypto/utils.js';

/** Keys kept: about one for each login that this process uses. */
const KEPT = 1_000;

const derive = driver.deriveKey;
const keys = new LRUCache<string, Promise<ArrayBuffer>>({ max: KEPT });

driver.deriveKey = (password, salt, rounds) => {
  const name = createHash('sha256')
    .update(JSON.stringify([rounds, Buffer.from(salt).toString('base64'), password]))
    .digest('base64');
  const known = keys.get(name);
  if (known) return known;
  const key = derive(password, salt, rounds);
  keys.set(name, key);
  key.catch(() => keys.delete(name));
  return key;
};

// The driver's own go through the thread pool, six times for each connection: that takes longer than what they compute.
driver.hmacSha256 = async (key, message) =>
  createHmac('sha256', new Uint8Array(key)).update(message).digest();
driver.sha256 = async (bytes) => createHash('sha256').update(new Uint8Array(bytes)).digest();
