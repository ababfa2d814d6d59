import type { User } from '@/lib/application';
import { type MailCode, recordSignIn } from '@/lib/identity';
import type { ServerDependencies } from '../../dependencies';
import { accountMail, tenantPage } from '../mailed-links';
import { otpExpired } from './errors';
import { type AuthContext, by, placeOf, tenantOf } from './request';
import { sessionOf } from './user';

/** Carries out the purpose of a mailed code, and signs its user in. @throws AuthError `otp_expired` */
export async function redeem(context: AuthContext, parts: ServerDependencies, code: MailCode) {
  const from = { ...placeOf(context), method: 'otp' } as const;
  const user = await recordSignIn(parts.application, await apply(context, parts, code), from);
  return sessionOf(user, await parts.signIn.beginClientSession(user, from));
}

/**
 * Carries out the purpose of a mailed code: its holder has read the mail of that address.
 *
 * @returns the user as they are now
 * @throws AuthError `otp_expired` where the user, or what the code was made for, has changed since
 */
export async function apply(context: AuthContext, parts: ServerDependencies, code: MailCode): Promise<User> {
  const { users } = parts.application;
  const tenant = await tenantOf(context, parts);
  const user = await users.find(code.userId);
  const isValid =
    user?.tenantId === tenant.id && user.status !== 'disabled' && user.tokenVersion === code.tokenVersion;
  if (!user || !isValid) throw otpExpired();
  const { newEmail } = code.data;
  if (code.purpose === 'email_change' && newEmail !== undefined) {
    const changed = await users.update(user.id, { email: newEmail }, by(context, user));
    await accountMail(parts).queue('email-changed', user, tenantPage(context, tenant), { to: user.email });
    return changed;
  }
  if (user.status === 'invited') return users.update(user.id, { status: 'active' }, by(context, user));
  return user;
}
