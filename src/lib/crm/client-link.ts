import { createHash, randomBytes } from 'node:crypto';
import { ClientLinkError } from './errors';

export { ClientLinkError };

/** A link for a client without an account. Only the hash is kept, in the row the link opens (`token_hash`). */
export interface ClientLink {
  /** Part of the address. Begins with the tenant's id, since the token is checked in the tenant's database. */
  token: string;
  /** Hex SHA-256 of the secret part. */
  hash: string;
}

/** 32 random bytes cannot be guessed, so an unsalted hash is enough. */
const SECRET_BYTES = 32;

/** Makes a link for one document of a tenant. */
export function createClientLink(tenantId: string): ClientLink {
  const tenant = Buffer.from(tenantId.replaceAll('-', ''), 'hex');
  if (tenant.length !== 16) throw malformed();
  const secret = randomBytes(SECRET_BYTES);
  return { token: Buffer.concat([tenant, secret]).toString('base64url'), hash: hashOf(secret) };
}

/**
 * Reads a link's token.
 *
 * @returns the tenant (application's id) and the hash to look for
 * @throws ClientLinkError `link_malformed`
 */
export function readClientLink(token: string): { tenantId: string; hash: string } {
  const bytes = Buffer.from(token, 'base64url');
  if (bytes.length !== 16 + SECRET_BYTES || bytes.toString('base64url') !== token) throw malformed();
  const hex = bytes.subarray(0, 16).toString('hex');
  const tenantId = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  return { tenantId, hash: hashOf(bytes.subarray(16)) };
}

function hashOf(secret: Buffer): string {
  return createHash('sha256').update(secret).digest('hex');
}

function malformed(): ClientLinkError {
  return new ClientLinkError('link_malformed', 'This link is not complete.', {
    hint: 'Open it from the mail again, or ask for a new one.',
  });
}
