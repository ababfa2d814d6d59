import { Hono } from 'hono';
import { z } from 'zod';
import type { UserChanges } from '@/lib/application';
import { countMail, IdentityError } from '@/lib/identity';
import type { Environment } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { isRecentlyProved } from '../../session';
import { hashChosenPassword } from '../chosen-password';
import { accountMail, tenantPage } from '../mailed-links';
import { AuthError, emailExists, invalid } from './errors';
import { Challenge, challengeOf } from './mailed';
import {
  type AuthContext,
  by,
  countMailTo,
  Email,
  readBody,
  redirectOf,
  refuseWeak,
  requireUser,
  type SignedIn,
} from './request';
import { phoneDisabled } from './sign-in';
import { describe } from './user';

const Changes = z.object({
  email: Email.optional(),
  password: z.string().optional(),
  phone: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  nonce: z.string().max(20).optional(),
  current_password: z.string().optional(),
  ...Challenge,
});
type Changes = z.infer<typeof Changes>;

const Metadata = z.strictObject({
  name: z.string().trim().min(1).max(200).optional(),
  full_name: z.string().trim().min(1).max(200).optional(),
  locale: z.string().max(35).nullish(),
  time_zone: z.string().max(64).nullish(),
});

/** `/user`: who is signed in, and what they change about themselves. */
export function accountRoutes(parts: ServerDependencies): Hono<Environment> {
  const routes = new Hono<Environment>();

  routes.get('/user', async (context) => context.json(describe((await requireUser(context, parts)).user)));

  routes.put('/user', async (context) => {
    const session = await requireUser(context, parts, { mayHaveToChangePassword: true });
    const changes = await readBody(context, Changes);
    const { email, password, phone, data } = changes;
    if (phone) throw phoneDisabled('Phone numbers are not offered');
    if (
      session.user.mustChangePassword &&
      (password === undefined || email !== undefined || data !== undefined)
    ) {
      throw new IdentityError(
        'password_change_required',
        'This password was given out and must be changed first.',
        {
          hint: 'Change nothing else at once.',
        },
      );
    }
    const profile = data === undefined ? {} : readMetadata(data);
    const newEmail = email?.trim().toLowerCase();
    const changesEmail = newEmail !== undefined && newEmail !== session.user.email;
    if (changesEmail) await refuseEmail(parts, session, newEmail);
    if (password !== undefined) refuseWeak(password);
    if (password !== undefined || changesEmail) await requireRecent(context, parts, session, changes);
    if (password !== undefined) await refuseSame(parts, session, password);
    const hash = password === undefined ? undefined : await hashChosenPassword(parts, session.user, password);
    let { user } = session;
    if (Object.keys(profile).length > 0)
      user = await parts.application.users.update(user.id, profile, by(context, user));
    if (hash !== undefined) {
      user = await parts.application.users.setPassword(user.id, hash, by(context, user));
      await parts.signIn.keepSession(user, session.sessionId, by(context, user));
    }
    if (changesEmail) {
      await countMailTo(context, parts, session.tenant, newEmail);
      await countMail(parts, session);
      const client = { newEmail, redirectTo: redirectOf(context, parts), ...challengeOf(changes) };
      await accountMail(parts).queue('email-change', user, tenantPage(context, session.tenant), { client });
    }
    return context.json(describe(user, changesEmail ? newEmail : undefined));
  });

  return routes;
}

/** Stored parts of `user_metadata`: name, language and time zone. Others are refused instead of dropped silently. */
export function readMetadata(data: Record<string, unknown>): UserChanges {
  const result = Metadata.safeParse(data);
  if (!result.success) {
    throw invalid(
      'Of a user’s data only name, locale and time_zone are kept; keep others in a table of your own.',
      422,
    );
  }
  const { name, full_name: fullName, locale, time_zone: timeZone } = result.data;
  const displayName = name ?? fullName;
  return {
    ...(displayName === undefined ? {} : { displayName }),
    ...(locale === undefined ? {} : { locale }),
    ...(timeZone === undefined ? {} : { timeZone }),
  };
}

async function refuseEmail(
  parts: ServerDependencies,
  { user, tenant }: SignedIn,
  newEmail: string,
): Promise<void> {
  if (!z.email().safeParse(newEmail).success) {
    throw new AuthError(400, 'email_address_invalid', 'The email address is not valid');
  }
  const other = await parts.application.users.findByEmail(tenant.id, newEmail);
  if (!other || other.id === user.id) return;
  throw emailExists();
}

/** To be called after a proof of identity only, since it reveals whether a guess is the present password. */
async function refuseSame(parts: ServerDependencies, { user }: SignedIn, password: string): Promise<void> {
  if (!(await parts.signIn.authentication.hasPassword(user, password))) return;
  throw new AuthError(422, 'same_password', 'New password should be different from the old password.');
}

/** Needs the password or a mailed code, unless the user has proved a short while ago who they are. */
async function requireRecent(
  context: AuthContext,
  parts: ServerDependencies,
  { user, record }: SignedIn,
  { nonce, current_password: current }: Changes,
): Promise<void> {
  if (current !== undefined)
    return parts.signIn.authentication.confirmPassword(user, current, context.env.address);
  if (nonce !== undefined) {
    if (await parts.signIn.codes.takeCode(user.id, 'reauthentication', nonce)) return;
    throw new AuthError(422, 'reauthentication_not_valid', 'Nonce has expired or is invalid');
  }
  if (isRecentlyProved(record)) return;
  throw new AuthError(
    400,
    'reauthentication_needed',
    'The last proof of who you are is too old: send current_password, or the nonce that reauthenticate() mails',
  );
}
