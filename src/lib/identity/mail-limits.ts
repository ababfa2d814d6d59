import type { AttemptLimits, Limit } from './attempt-limits';

/** Mails sent by hand, by one user or key, and by all users of a tenant. Reminders and other automatic mails are not counted. */
const BY_USER: Limit = { name: 'mail-user', attempts: 100, seconds: 3600 };
const BY_TENANT: Limit = { name: 'mail-tenant', attempts: 1_000, seconds: 86_400 };

/**
 * Counts a mail before it is queued, since anyone signed in can send mails in a company's name to any address.
 *
 * @throws IdentityError `too_many_attempts`
 */
export function countMail(
  { signIn }: { signIn: { limits: AttemptLimits } },
  { tenant, user }: Record<'tenant' | 'user', { id: string }>,
): Promise<void> {
  return signIn.limits.count([
    { limit: BY_USER, of: user.id },
    { limit: BY_TENANT, of: tenant.id },
  ]);
}
