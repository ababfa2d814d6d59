import { hash } from 'node:crypto';
import { formatPostgresUrl, parsePostgresUrl } from '@/lib/postgres';

/** A parameter of a router's URL; PostgreSQL's drivers take no notice of it. */
const PARAMETER = 'marquee_seal';

/** The URL with the key of the login it names: 64 hexadecimal digits, which the database knows too. */
export function withSealKey(url: string, key: string): string {
  const sealed = parsePostgresUrl(url);
  if (!sealed) throw new Error('A login with a seal key has a PostgreSQL URL.');
  sealed.parameters.set(PARAMETER, key);
  return formatPostgresUrl(sealed);
}

/** The key that goes with a router's URL; undefined for a login whose claims need no seal. */
export function sealKeyOf(url: string): Buffer | undefined {
  const key = parsePostgresUrl(url)?.parameters.get(PARAMETER);
  return key ? Buffer.from(key, 'hex') : undefined;
}

/**
 * Claims that the tenant data database knows to be the router's, and not made by SQL inside a tenant's context
 * (see `tenancy.router_keys` in schema/01_tenancy.sql).
 *
 * @param claims a JSON object with at least one member
 * @param key without one they stay as they are
 */
export function sealClaims(claims: string, key: Buffer | undefined): string {
  if (!key) return claims;
  const sealed = `${claims.slice(0, -1)},"seal":"`;
  const inner = hash('sha256', Buffer.concat([key, Buffer.from(sealed)]), 'buffer');
  return `${sealed}${hash('sha256', Buffer.concat([key, inner]), 'hex')}"}`;
}
