import type { AttemptLimits, Limit } from './attempt-limits';

/** Mails that one person, or one key, has sent by hand, and a company's people together. Reminders and the like are not counted. */
const BY_USER: Limit = { name: 'mail-user', attempts: 100, seconds: 3600 };
const BY_TENANT: Limit = { name: 'mail-tenant', attempts: 1_000, seconds: 86_400 };

/**
 * Counts a mail before it is queued: what is sent in a company's name to whatever address must not become a flood.
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
