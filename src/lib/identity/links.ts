// Links that stand for a password once: to choose a new one, to accept an invitation.
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
 * A link's token. It names the user's `token_version`: choosing a password raises that, so a link is good once, and an
 * older one is no use after a newer one was used.
 */
export function signLink(tokens: Tokens, purpose: LinkPurpose, user: User): Promise<string> {
  return tokens.signPurposeToken(purpose, user.id, { version: user.tokenVersion }, LIFETIME[purpose]);
}

/**
 * Whom a link is for.
 *
 * @throws IdentityError `link_expired` where it was used, has expired, or is none of ours
 */
export async function openLink(
  { tokens, users }: { tokens: Tokens; users: Users },
  purpose: LinkPurpose,
  token: string,
): Promise<User> {
  const { subject, data } = await tokens.verifyPurposeToken(token, purpose).catch((cause: unknown) => {
    throw expired(cause);
  });
  const user = await users.find(subject);
  if (!user || user.status === 'disabled' || user.tokenVersion !== data.version) throw expired();
  return user;
}

function expired(cause?: unknown): IdentityError {
  return new IdentityError('link_expired', 'This link has been used or has expired.', {
    hint: 'Ask for a new one.',
    cause,
  });
}
