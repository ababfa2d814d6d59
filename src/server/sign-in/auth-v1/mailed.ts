import { Hono } from 'hono';
import { z } from 'zod';
import type { Tenant } from '@/lib/application';
import type { ClientMail, MailCode, MailCodePurpose } from '@/lib/identity';
import type { Environment } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { accountMail, tenantPage } from '../mailed-links';
import { AuthError, invalid, otpExpired } from './errors';
import { apply, redeem } from './redeem';
import { type AuthContext, countMailTo, Email, readBody, redirectOf, requireUser, tenantOf } from './request';
import { phoneDisabled } from './sign-in';

export const Challenge = {
  code_challenge: z.string().max(200).nullish(),
  code_challenge_method: z.string().max(10).nullish(),
};
const Wanted = z.object({ email: Email.optional(), phone: z.string().nullish(), ...Challenge });
const Resend = Wanted.extend({ type: z.string() });
const Verification = z.object({
  type: z.string(),
  token_hash: z.string().optional(),
  email: Email.optional(),
  phone: z.string().nullish(),
  token: z.string().max(200).optional(),
});

/** What `type` of a link or a code may stand for. */
const PURPOSES: Record<string, MailCodePurpose[]> = {
  recovery: ['recovery'],
  magiclink: ['magiclink'],
  invite: ['invite'],
  signup: ['invite'],
  email: ['magiclink', 'invite'],
  email_change: ['email_change'],
};

/** `/recover`, `/otp` and its older name `/magiclink`, `/resend`, `/reauthenticate`, `/verify`: mailed links and codes, and their verification. */
export function mailedRoutes(parts: ServerDependencies): Hono<Environment> {
  const routes = new Hono<Environment>();

  /** Answers alike whether or not there is such an account. */
  const mailTo = async (
    context: AuthContext,
    wanted: z.infer<typeof Wanted>,
    purpose: 'reset-password' | 'sign-in',
  ) => {
    if (wanted.email === undefined) {
      throw wanted.phone
        ? phoneDisabled('Phone logins are disabled')
        : invalid('An email address is required');
    }
    const tenant = await tenantOf(context, parts);
    await countMailTo(context, parts, tenant, wanted.email);
    const mail = accountMail(parts);
    const user = await parts.application.users.findByEmail(tenant.id, wanted.email);
    if (user && user.status !== 'disabled') {
      const isInvitation = user.status === 'invited' && purpose === 'reset-password';
      const client = { redirectTo: redirectOf(context, parts), ...challengeOf(wanted) };
      await mail.queue(isInvitation ? 'invitation' : purpose, user, tenantPage(context, tenant), { client });
    }
    return context.json({});
  };
  routes.post('/recover', async (context) =>
    mailTo(context, await readBody(context, Wanted), 'reset-password'),
  );
  for (const path of ['/otp', '/magiclink'])
    routes.post(path, async (context) => mailTo(context, await readBody(context, Wanted), 'sign-in'));

  routes.post('/resend', async (context) => {
    const { type, ...wanted } = await readBody(context, Resend);
    if (type === 'signup') return mailTo(context, wanted, 'reset-password');
    throw invalid(
      type === 'email_change'
        ? 'Ask for the change again with updateUser'
        : 'type must be signup or email_change',
    );
  });

  routes.get('/reauthenticate', async (context) => {
    const { user, tenant } = await requireUser(context, parts, { mayHaveToChangePassword: true });
    await countMailTo(context, parts, tenant, user.email);
    await accountMail(parts).queue('reauthentication', user, tenantPage(context, tenant), { client: {} });
    return context.json({});
  });

  routes.post('/verify', async (context) => {
    const { type, token_hash: hash, email, phone, token } = await readBody(context, Verification);
    if (phone) throw phoneDisabled('Phone logins are disabled');
    const purposes = PURPOSES[type];
    if (!purposes) throw invalid(`Verify requires a verification type: ${Object.keys(PURPOSES).join(', ')}`);
    const { codes } = parts.signIn;
    if (hash !== undefined) {
      const taken = await codes.takeToken(purposes, hash);
      if (!taken) throw otpExpired();
      return context.json(await redeem(context, parts, taken));
    }
    if (email === undefined || token === undefined)
      throw invalid('Verify requires token_hash, or email and token');
    const tenant = await tenantOf(context, parts);
    const userId = await userOfCode(parts, tenant, type, email);
    for (const purpose of userId === undefined ? [] : purposes) {
      const taken = await codes.takeCode(userId ?? '', purpose, token);
      if (taken) return context.json(await redeem(context, parts, taken));
    }
    throw otpExpired();
  });

  // The link of a mail. Its target gets tokens after `#`, or a code that only the requesting client can exchange.
  routes.get('/verify', async (context) => {
    const { type = '', token = context.req.query('token_hash') ?? '' } = context.req.query();
    const asked = context.req.query('redirect_to');
    const redirectTo = redirectOf(context, parts);
    const purposes = PURPOSES[type];
    if (!purposes) throw invalid('Verify requires a verification type');
    if (asked !== undefined && redirectTo === undefined)
      throw invalid('redirect_to is not an allowed address');
    if (asked === undefined && type !== 'email_change') throw invalid('redirect_to is missing');
    const page = redirectTo ?? `${tenantPage(context, await tenantOf(context, parts))}/`;
    try {
      const taken = await parts.signIn.codes.takeToken(purposes, token);
      if (!taken) throw otpExpired();
      return context.redirect(
        await leadBack(context, parts, taken, { page, type, signsIn: asked !== undefined }),
        303,
      );
    } catch (error) {
      if (!(error instanceof AuthError)) throw error;
      const problem = { error: 'access_denied', error_code: error.code, error_description: error.message };
      return context.redirect(withFragment(page, problem), 303);
    }
  });

  return routes;
}

async function leadBack(
  context: AuthContext,
  parts: ServerDependencies,
  taken: MailCode,
  { page, type, signsIn }: { page: string; type: string; signsIn: boolean },
): Promise<string> {
  const { challenge } = taken.data;
  if (challenge && signsIn) {
    const user = await apply(context, parts, taken);
    const { token: code } = await parts.signIn.codes.issue(user, 'pkce', { challenge });
    const target = new URL(page);
    target.searchParams.set('code', code);
    return target.href;
  }
  if (!signsIn) {
    await apply(context, parts, taken);
    return page;
  }
  const { user: _, ...session } = await redeem(context, parts, taken);
  return withFragment(page, { ...session, type });
}

function withFragment(page: string, values: Record<string, unknown>): string {
  const target = new URL(page);
  target.hash = new URLSearchParams(
    Object.entries(values).map(([name, value]) => [name, String(value)]),
  ).toString();
  return target.href;
}

/** A changed address is not confirmed yet. */
async function userOfCode(
  parts: ServerDependencies,
  tenant: Tenant,
  type: string,
  email: string,
): Promise<string | undefined> {
  const user = await parts.application.users.findByEmail(tenant.id, email);
  if (user || type !== 'email_change') return user?.id;
  return parts.signIn.codes.changingTo(tenant.id, email.trim().toLowerCase());
}

/** From a client that wants a code instead of tokens (RFC 7636). */
export function challengeOf(wanted: {
  code_challenge?: string | null | undefined;
  code_challenge_method?: string | null | undefined;
}): Pick<ClientMail, 'challenge'> {
  const { code_challenge: text, code_challenge_method: named } = wanted;
  if (!text) return {};
  const method = named?.toLowerCase() === 'plain' ? 'plain' : 's256';
  return { challenge: { text, method } };
}
