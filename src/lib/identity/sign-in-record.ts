// Sign-ins, and ends of sessions, in the audit log. Attempts past a limit are not recorded: the limit bounds how much of the log a stranger can fill.
import type { ApplicationDatabase, Author, User } from '@/lib/application';
import { IdentityError } from './errors';
import type { EndReason, SignInMethod } from './sessions';

/**
 * Accepts a sign-in whose proof was checked, and records it.
 *
 * @param from the client's IP address
 * @returns the user as they are now
 * @throws IdentityError `single_sign_on_required`
 */
export async function recordSignIn(
  application: ApplicationDatabase,
  user: User,
  { address, method }: { address: string; method: SignInMethod },
): Promise<User> {
  const { users, audit } = application;
  const { id, tenantId, email } = user;
  await requireAllowedMethod(application, user, method).catch(async (error: IdentityError) => {
    await recordRefusal(application, { tenantId, email, userId: id, address, reason: error.code });
    throw error;
  });
  const author = { actor: `user:${id}`, address };
  const signedIn = await users.recordSignIn(id, author);
  await audit.append(
    { tenantId, action: 'session.sign_in', entity: 'users', entityId: id, details: { method } },
    author,
  );
  return signedIn;
}

/**
 * A company may require single sign-on. Its owners are exempt, so that a broken provider does not lock the company out.
 *
 * @throws IdentityError `single_sign_on_required`
 */
export async function requireAllowedMethod(
  { singleSignOn }: Pick<ApplicationDatabase, 'singleSignOn'>,
  { tenantId, role }: User,
  method: SignInMethod,
): Promise<void> {
  if (method === 'sso' || tenantId === null || role === 'owner') return;
  if (!(await singleSignOn.find(tenantId))?.required) return;
  throw new IdentityError(
    'single_sign_on_required',
    'Your company signs in with its own identity provider.',
    {
      hint: 'Use the button for it on the sign-in page.',
    },
  );
}

/** A signed-in user gave a wrong password or code where it was asked for again. */
export async function recordWrongProof(
  { audit }: ApplicationDatabase,
  { id, tenantId }: User,
  reason: string,
  address: string,
): Promise<void> {
  await audit.append(
    { tenantId, action: 'session.proof_refused', entity: 'users', entityId: id, details: { reason } },
    { actor: `user:${id}`, address },
  );
}

/** @param sessions how many ended, or the id of one */
export async function recordEnd(
  { audit }: ApplicationDatabase,
  { id, tenantId }: Pick<User, 'id' | 'tenantId'>,
  ended: { reason: EndReason; sessions: number | string },
  by: Author,
): Promise<void> {
  await audit.append(
    { tenantId, action: 'session.end', entity: 'users', entityId: id, details: { ...ended } },
    by,
  );
}

/** @param attempt.userId of the account, where there is one of this address */
export async function recordRefusal(
  { audit }: ApplicationDatabase,
  attempt: {
    tenantId: string | null;
    email: string;
    userId: string | undefined;
    address: string;
    reason: string;
  },
): Promise<void> {
  const { tenantId, email, userId, address, reason } = attempt;
  const record = {
    tenantId,
    action: 'session.sign_in_refused',
    entity: 'users',
    details: { email, reason },
  } as const;
  await audit.append(userId ? { ...record, entityId: userId } : record, { actor: 'anonymous', address });
}
