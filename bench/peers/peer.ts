import { sealClaims, sealKeyOf } from '@/lib/tenant-data';

/** Another library's way to read the same rows. */
export interface Peer {
  name: string;
  /** The tenant's rows, by whatever way this peer keeps tenants apart. */
  rows(tenantId: string): Promise<unknown[]>;
  close(): Promise<void>;
}

/** What a list page shows of accounts. */
export const COLUMNS = [
  'id',
  'name',
  'account_type',
  'email',
  'phone',
  'website',
  'industry',
  'status',
  'credit_limit',
  'version',
  'created_at',
  'updated_at',
] as const;

/** What every contestant asks: the same rows in the same order. */
export const STATEMENT = `select ${COLUMNS.join(', ')} from accounts where tenant_id = $1 order by name, id limit 20`;

/** `request.jwt.claims` as the policies read them, sealed with the key of the database's URL. */
export function claimsFor(url: string): (tenantId: string) => string {
  const key = sealKeyOf(url);
  return (tenantId) => sealClaims(JSON.stringify({ role: 'tenant_service', tenant_id: tenantId }), key);
}
