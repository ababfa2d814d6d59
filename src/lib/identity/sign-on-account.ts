// Which account a user of a company's identity provider has, and which role.
import type { ApplicationDatabase, MappedRole, SingleSignOn, Tenant, User } from '@/lib/application';

/** What the provider says of a user: claims of OpenID Connect. */
export interface ProviderClaims {
  iss: string;
  sub: string;
  email?: string;
  email_verified?: boolean | string;
  name?: string;
  /** Ways in which the user was checked (RFC 8176): `mfa` is several factors. */
  amr?: string[];
  /** Seconds since 1970. */
  auth_time?: number;
  [claim: string]: unknown;
}

/** Why no account was found, for the audit log. */
interface NoAccount {
  reason: string;
  userId?: string | undefined;
}

const BY = { actor: 'system:single-sign-on' };

/**
 * The account that is linked to the provider's subject; else the account of the address, which is then linked; else a new
 * one. An address counts only where the provider has verified it: anyone could enter another's.
 */
export async function accountOf(
  { users }: Pick<ApplicationDatabase, 'users'>,
  tenant: Tenant,
  settings: SingleSignOn,
  claims: ProviderClaims,
): Promise<{ user: User } | NoAccount> {
  const { iss, sub } = claims;
  const linked = await users.findBySingleSignOn(tenant.id, iss, sub);
  const role = roleOf(settings, claims);
  if (linked) return withRole(users, settings, linked, role);

  const email = claims.email?.trim().toLowerCase();
  if (!email) return { reason: 'email_missing' };
  const known = await users.findByEmail(tenant.id, email);
  if (!isVerified(claims)) return { reason: 'email_unverified', userId: known?.id };
  if (known) {
    // Another person of the provider has the account.
    if (await users.isLinked(known.id, iss)) return { reason: 'linked_to_another', userId: known.id };
    const allowed = await withRole(users, settings, known, role);
    if ('reason' in allowed) return allowed;
    return { user: await users.linkSingleSignOn(known.id, iss, sub, BY) };
  }
  if (!settings.createsUsers) return { reason: 'user_unknown' };
  if (role === null) return { reason: 'no_role' };
  const displayName = claims.name?.trim().slice(0, 200) || email;
  const user = await users.create({ tenantId: tenant.id, email, displayName, role }, BY);
  return { user: await users.linkSingleSignOn(user.id, iss, sub, BY) };
}

/** Some providers write it as text; Microsoft Entra has a claim of its own, for addresses of a domain that the company owns. */
function isVerified({ email_verified, xms_edov }: ProviderClaims): boolean {
  return (
    [true, 'true'].includes(email_verified as boolean) || [true, 'true', 1, '1'].includes(xms_edov as boolean)
  );
}

/** The role of the first group that the user has. */
function roleOf({ roleClaim, roles, defaultRole }: SingleSignOn, claims: ProviderClaims): MappedRole | null {
  const given = roleClaim ? claims[roleClaim] : undefined;
  const values = new Set([given].flat().filter((value) => typeof value === 'string'));
  return roles.find(({ value }) => values.has(value))?.role ?? defaultRole;
}

/** Where roles are mapped, the provider decides at each sign-in, but not over owners: the company's owners decide who owns it. */
async function withRole(
  users: ApplicationDatabase['users'],
  { roleClaim }: SingleSignOn,
  user: User,
  role: MappedRole | null,
): Promise<{ user: User } | NoAccount> {
  if (user.status === 'disabled') return { reason: 'user_disabled', userId: user.id };
  if (user.role === 'owner' || !roleClaim || user.role === role) return { user };
  if (role === null) return { reason: 'no_role', userId: user.id };
  return { user: await users.update(user.id, { role }, BY) };
}
