// One-time links that replace a password: to choose a new one, or to accept an invitation.
import type { User, Users } from '@/lib/application';
import type { Tokens } from '@/lib/secrets';
import { IdentityError } from './errors';

export type LinkPurpose = 'reset-password' | 'invitation';

const HOUR = 3600;
/** Seconds. */
const LIFETIME: Record<LinkPurpose, number> = {
  'reset-password': HOUR,
  invitation: 7 * 24 * HOUR,
};

/**
 * A link's token. It carries the user's `token_version`, which choosing a password raises. So a link works once, and
 * older links stop working when a newer one was used.
 */
export function signLink(tokens: Tokens, purpose: LinkPurpose, user: User): Promise<string> {
  return tokens.signPurposeToken(purpose, user.id, { version: user.tokenVersion }, LIFETIME[purpose]);
}

/**
 * The user of a link.
 *
 * @throws IdentityError `link_expired` where it was used, has expired, or was not signed here
 */
export async function openLink(
  { tokens, users }: { tokens: Tokens; users: Users },
  purpose: LinkPurpose,
  token: string,
): Promise<User> {
  const { subject, data } = await tokens.verifyPurposeToken(token, purpose).catch((cause: unknown) => {
    throw linkExpired(cause);
  });
  const user = await users.find(subject);
  if (!user || user.status === 'disabled' || user.tokenVersion !== data.version) throw linkExpired();
  return user;
}

/** The error of a link that was used, or has expired. */
export function linkExpired(cause?: unknown): IdentityError {
  return new IdentityError('link_expired', 'This link has been used or has expired.', {
    hint: 'Ask for a new one.',
    cause,
  });
}
