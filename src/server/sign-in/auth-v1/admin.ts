import { Hono } from 'hono';
import { z } from 'zod';
import { TENANT_ROLES, type Tenant, type User, type UserChanges, type UserRole } from '@/lib/application';
import { type ApiKey, countMail, rankOf, roleOfMaker, signLink, verifyUrl } from '@/lib/identity';
import type { Environment } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { hashChosenPassword } from '../chosen-password';
import { accountMail, tenantPage } from '../mailed-links';
import { readMetadata } from './account';
import { AuthError, emailExists, invalid } from './errors';
import { type AuthContext, Email, readBody, redirectOf, refuseWeak, requireService } from './request';
import { describe, factorsOf } from './user';

const PAGE = 50;
const LARGEST_PAGE = 1000;

const Attributes = z.object({
  email: Email.optional(),
  password: z.string().optional(),
  phone: z.string().optional(),
  email_confirm: z.boolean().optional(),
  user_metadata: z.record(z.string(), z.unknown()).optional(),
  app_metadata: z.object({ user_role: z.enum(TENANT_ROLES).optional() }).optional(),
  ban_duration: z.string().max(40).optional(),
});
type Attributes = z.infer<typeof Attributes>;
const NewUser = Attributes.extend({ id: z.guid().optional() });
const Invitation = z.object({ email: Email, data: z.record(z.string(), z.unknown()).nullish() });
const Link = z.object({
  type: z.string(),
  email: Email,
  data: z.record(z.string(), z.unknown()).nullish(),
  redirect_to: z.string().nullish(),
});

/** Kinds of links, and the purpose of their tokens. */
const LINKS = { recovery: 'recovery', magiclink: 'magiclink', invite: 'invite' } as const;

/** `/admin`, `/invite`: a tenant's users, for its service key. Other tenants' users and operators are not reachable. */
export function adminRoutes(parts: ServerDependencies): Hono<Environment> {
  const routes = new Hono<Environment>();
  const { users } = parts.application;

  const requireColleague = async (tenant: Tenant, id: string): Promise<User> => {
    const user = await users.find(id);
    if (user?.tenantId === tenant.id) return user;
    throw new AuthError(404, 'user_not_found', 'User not found');
  };

  /** A key makes and changes users up to the role of its maker: else an admin’s key would make, or become, an owner. */
  const refuseAbove = async (key: ApiKey, ...roles: (UserRole | undefined)[]): Promise<void> => {
    const highest = rankOf(await roleOfMaker(users, key));
    if (roles.every((role) => role === undefined || rankOf(role) <= highest)) return;
    throw new AuthError(403, 'not_admin', 'User not allowed: the maker of this key has a lower role');
  };

  /** Makes an account without a password, or finds the one whose invitation is pending. */
  const invited = async (
    context: AuthContext,
    { email, data }: { email: string; data?: Record<string, unknown> | null | undefined },
  ) => {
    const { tenant, key, author } = await requireService(context, parts);
    const known = await users.findByEmail(tenant.id, checkedEmail(email));
    if (known?.status === 'invited') {
      await refuseAbove(key, known.role);
      return { tenant, key, user: known };
    }
    const profile = readMetadata(data ?? {});
    const account = { tenantId: tenant.id, email, role: 'viewer', status: 'invited' } as const;
    const user = await users.create(
      { ...account, ...withoutNulls(profile), displayName: profile.displayName ?? email },
      author,
    );
    await parts.people.copy(tenant.id);
    return { tenant, key, user };
  };

  routes.get('/admin/users', async (context) => {
    const { tenant } = await requireService(context, parts);
    const page = Math.max(1, Number(context.req.query('page')) || 1);
    const perPage = Math.min(LARGEST_PAGE, Math.max(1, Number(context.req.query('per_page')) || PAGE));
    const all = await users.list(tenant.id);
    const last = Math.max(1, Math.ceil(all.length / perPage));
    const link = (to: number, rel: string) => `</admin/users?page=${to}&per_page=${perPage}>; rel="${rel}"`;
    const links = [...(page < last ? [link(page + 1, 'next')] : []), link(last, 'last')];
    context.header('x-total-count', String(all.length));
    context.header('link', links.join(', '));
    const found = all.slice((page - 1) * perPage, page * perPage);
    return context.json({ users: found.map((user) => describe(user)), aud: 'authenticated' });
  });

  routes.get('/admin/users/:id', async (context) => {
    const { tenant } = await requireService(context, parts);
    return context.json(describe(await requireColleague(tenant, context.req.param('id'))));
  });

  routes.post('/admin/users', async (context) => {
    const { tenant, key, author } = await requireService(context, parts);
    const attributes = await readBody(context, NewUser);
    const { id, email, password, email_confirm: isConfirmed = false } = attributes;
    if (email === undefined) throw invalid('An email address is required');
    const { displayName = email, role = 'viewer', ...profile } = changesOf(attributes);
    await refuseAbove(key, role);
    if (password !== undefined) refuseWeak(password);
    const account = { tenantId: tenant.id, email: checkedEmail(email), displayName };
    // Where both the id and the address are taken, clients want to know the latter.
    if (id && (await users.findByEmail(tenant.id, account.email))) throw emailExists();
    const user = await users.create(
      {
        ...{
          ...account,
          ...(id && { id }),
          role,
          ...withoutNulls(profile),
          status: isConfirmed ? 'active' : 'invited',
        },
        ...(password && { passwordHash: await hashChosenPassword(parts, account, password) }),
      },
      author,
    );
    await parts.people.copy(tenant.id);
    return context.json(describe(user));
  });

  routes.put('/admin/users/:id', async (context) => {
    const { tenant, key, author } = await requireService(context, parts);
    let user = await requireColleague(tenant, context.req.param('id'));
    const attributes = await readBody(context, Attributes);
    const changes = changesOf(attributes);
    await refuseAbove(key, user.role, changes.role);
    if (attributes.email !== undefined) changes.email = checkedEmail(attributes.email);
    if (attributes.email_confirm && user.status === 'invited') changes.status = 'active';
    const { password } = attributes;
    if (password !== undefined) refuseWeak(password);
    const hash = password && (await hashChosenPassword(parts, user, password));
    if (Object.keys(changes).length > 0) user = await users.update(user.id, changes, author);
    if (hash) user = await users.setPassword(user.id, hash, author);
    await parts.people.copy(tenant.id);
    return context.json(describe(user));
  });

  routes.delete('/admin/users/:id', async (context) => {
    const { tenant, key, author } = await requireService(context, parts);
    const user = await requireColleague(tenant, context.req.param('id'));
    await refuseAbove(key, user.role);
    const { should_soft_delete: soft } = await readBody(
      context,
      z.object({ should_soft_delete: z.boolean().nullish() }),
    );
    if (soft) await users.update(user.id, { status: 'disabled' }, author);
    else await users.remove(user.id, author);
    await parts.people.copy(tenant.id);
    return context.json({});
  });

  routes.get('/admin/users/:id/factors', async (context) => {
    const { tenant } = await requireService(context, parts);
    return context.json(factorsOf(await requireColleague(tenant, context.req.param('id'))));
  });

  routes.delete('/admin/users/:id/factors/:factor', async (context) => {
    const { tenant, key, author } = await requireService(context, parts);
    const user = await requireColleague(tenant, context.req.param('id'));
    await refuseAbove(key, user.role);
    if (context.req.param('factor') !== user.id || !user.totpConfirmedAt) {
      throw new AuthError(404, 'mfa_factor_not_found', 'Factor not found');
    }
    await users.setTotpSecret(user.id, null, author);
    return context.json({ id: user.id });
  });

  routes.post('/invite', async (context) => {
    const { tenant, key, user } = await invited(context, await readBody(context, Invitation));
    await countMail(parts, { tenant, user: key });
    const client = { redirectTo: redirectOf(context, parts) };
    await accountMail(parts).queue('invitation', user, tenantPage(context, tenant), { client });
    return context.json(describe(user));
  });

  // The link is returned, not mailed: the service key's owner sends it.
  routes.post('/admin/generate_link', async (context) => {
    const { tenant, key } = await requireService(context, parts);
    const { type, email, data } = await readBody(context, Link);
    if (!(type in LINKS)) throw invalid(`type must be one of ${Object.keys(LINKS).join(', ')}`);
    const purpose = LINKS[type as keyof typeof LINKS];
    const known = await users.findByEmail(tenant.id, email);
    const user = purpose === 'invite' ? (await invited(context, { email, data })).user : known;
    if (!user || user.status === 'disabled') throw new AuthError(404, 'user_not_found', 'User not found');
    await refuseAbove(key, user.role);
    const redirectTo = redirectOf(context, parts);
    const page = tenantPage(context, tenant);
    const { token, code } = await parts.signIn.codes.issue(user, purpose);
    const pages = { recovery: 'reset-password', invite: 'accept-invitation' } as const;
    const ownLink = async (name: keyof typeof pages) =>
      `${page}/${pages[name]}#${await signLink(parts.tokens, name === 'invite' ? 'invitation' : 'reset-password', user)}`;
    return context.json({
      ...describe(user),
      action_link:
        redirectTo === undefined && purpose !== 'magiclink'
          ? await ownLink(purpose)
          : verifyUrl(page, purpose, token, redirectTo ?? `${page}/`),
      email_otp: code,
      hashed_token: token,
      redirect_to: redirectTo ?? page,
      verification_type: type,
    });
  });

  routes.all('/admin/*', async (context) => {
    await requireService(context, parts);
    throw new AuthError(404, 'not_found', 'This is not offered');
  });
  return routes;
}

/** @throws AuthError `validation_failed` for what is not kept */
function changesOf({
  phone,
  user_metadata: data,
  app_metadata: app,
  ban_duration: ban,
}: Attributes): UserChanges {
  if (phone) throw new AuthError(422, 'phone_provider_disabled', 'Phone numbers are not offered');
  return {
    ...readMetadata(data ?? {}),
    ...(app?.user_role === undefined ? {} : { role: app.user_role }),
    // Bans have no end date here; `none` lifts one.
    ...(ban === undefined ? {} : { status: ban === 'none' ? 'active' : 'disabled' }),
  };
}

function checkedEmail(email: string): string {
  const address = email.trim().toLowerCase();
  if (z.email().safeParse(address).success) return address;
  throw new AuthError(400, 'email_address_invalid', 'The email address is not valid');
}

function withoutNulls({ locale, timeZone }: Pick<UserChanges, 'locale' | 'timeZone'>) {
  return { ...(locale ? { locale } : {}), ...(timeZone ? { timeZone } : {}) };
}
