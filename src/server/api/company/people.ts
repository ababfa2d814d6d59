import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { type AuditRecord, TENANT_ROLES, type User } from '@/lib/application';
import { countMail, signLink } from '@/lib/identity';
import { authorOf, type Environment } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { RequestError } from '../../errors';
import { ADMINS, requireRole } from '../../require-role';
import { requireRecentProof } from '../../session';
import { tenantPage } from '../../sign-in/mailed-links';
import { requireTenantContext, type TenantContext } from '../../tenant-context';
import {
  type AnswerOf,
  type BodyOf,
  ById,
  createRouter,
  Email,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
} from '../router';

const Role = z.enum(TENANT_ROLES);
const NewPerson = z.object({
  email: Email,
  displayName: z.string().min(1).max(200),
  role: Role,
});
const PersonChanges = z.object({
  displayName: z.string().min(1).max(200).optional(),
  role: Role.optional(),
  status: z.enum(['active', 'disabled']).optional(),
});
const Person = z
  .object({
    id: Id,
    email: z.string(),
    displayName: z.string(),
    role: z.enum([...TENANT_ROLES, 'operator']),
    status: z.enum(['invited', 'active', 'disabled']),
    lastSignInAt: z.date().nullable(),
  })
  .openapi('Person');

const Invited = z
  .object({
    person: Person,
    mailed: z.boolean(),
    link: z.url().optional().openapi({
      description: 'The invitation’s link, where this server sends no mail. Valid once, for seven days.',
    }),
  })
  .openapi('InvitedPerson');

const People = z.object({
  people: z.array(Person),
  support: z.array(z.object({ id: Id, displayName: z.string() })).openapi({
    description:
      'People of the service’s operator who had support access: the history of records names them.',
  }),
});
/** The columns of an account whose changes its history shows. */
const SHOWN_COLUMNS = ['email', 'display_name', 'role', 'status'] as const;
/** The most changes that an account's history shows. */
const MOST_CHANGES = 200;
const AccountChange = z
  .object({
    id: z.string(),
    action: z.enum(['added', 'changed', 'removed']),
    columns: z
      .record(z.string(), z.tuple([z.unknown(), z.unknown()]))
      .openapi({ description: 'Of a change: old and new value of each column.' }),
    changedAt: z.date(),
    changedBy: Id.nullable().openapi({ description: 'Null where no person of the company made it.' }),
  })
  .openapi('AccountChange');
export type AccountChange = AnswerOf<typeof AccountChange>;
export type Person = AnswerOf<typeof Person>;
export type People = AnswerOf<typeof People>;
export type InvitedPerson = AnswerOf<typeof Invited>;
export type NewPerson = BodyOf<typeof NewPerson>;
export type PersonChanges = BodyOf<typeof PersonChanges>;

/** `/api/people`: the company's users. All of them see names; owners and admins manage accounts. */
export function peopleRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { users } = parts.application;

  const list = createRoute({
    method: 'get',
    path: '/',
    tags: ['People'],
    summary: 'The company’s users.',
    responses: {
      200: json(People, 'All users, also disabled ones.'),
    },
  });
  routes.openapi(list, async (context) => {
    const { tenant } = await requireTenantContext(context, parts);
    const [people, support] = await Promise.all([
      users.list(tenant.id),
      parts.signIn.support.people(tenant.id),
    ]);
    return context.json({ people: people.map(describe), support }, 200);
  });

  const invite = createRoute({
    method: 'post',
    path: '/',
    tags: ['People'],
    summary: 'Invites a person by mail. For owners and admins, with a recent proof of who acts.',
    request: { headers: IdempotencyHeader, body: jsonBody(NewPerson) },
    responses: {
      201: json(Invited, 'The account, which has no password before the invitation is accepted.'),
    },
  });
  routes.openapi(invite, async (context) => {
    const caller = requireRole(await requireTenantContext(context, parts), ADMINS);
    requireRecentProof(caller);
    const person = context.req.valid('json');
    refuseOwnership(caller, person.role);
    const author = authorOf(context, `user:${caller.user.id}`);
    const user = await users.create({ ...person, tenantId: caller.tenant.id, status: 'invited' }, author);
    await parts.people.copy(caller.tenant.id);
    return context.json(await sendInvitation(context, caller, user), 201);
  });

  const again = createRoute({
    method: 'post',
    path: '/{id}/invitation',
    tags: ['People'],
    summary:
      'Sends an invitation again; earlier links still work until one is used. For owners and admins, with a recent proof of who acts.',
    request: { params: ById, headers: IdempotencyHeader },
    responses: { 200: json(Invited, 'The account.') },
  });
  routes.openapi(again, async (context) => {
    const caller = requireRole(await requireTenantContext(context, parts), ADMINS);
    requireRecentProof(caller);
    const person = await colleague(caller, context.req.valid('param').id, parts);
    refuseOwnership(caller, person.role);
    if (person.status !== 'invited') {
      throw new RequestError('user_not_invited', 'This person has an account already.', {
        hint: 'They can ask for a new password where they sign in.',
      });
    }
    return context.json(await sendInvitation(context, caller, person), 200);
  });

  const sendInvitation = async (context: Context<Environment>, caller: TenantContext, user: User) => {
    const page = tenantPage(context, caller.tenant);
    if (parts.services?.accountMail) await countMail(parts, caller);
    await parts.services?.accountMail?.queue('invitation', user, page);
    const mailed = parts.services?.accountMail !== undefined;
    const link = `${page}/accept-invitation#${await signLink(parts.tokens, 'invitation', user)}`;
    return { person: describe(user), mailed, ...(mailed ? {} : { link }) };
  };

  const change = createRoute({
    method: 'patch',
    path: '/{id}',
    tags: ['People'],
    summary: 'Changes a name or role, or disables an account. For owners and admins.',
    description: 'Who is invited gets the invitation again with another role: the earlier link ends.',
    request: { params: ById, body: jsonBody(PersonChanges) },
    responses: { 200: json(z.object({ person: Person }), 'The account.') },
  });
  routes.openapi(change, async (context) => {
    const caller = requireRole(await requireTenantContext(context, parts), ADMINS);
    const changes = context.req.valid('json');
    if (changes.role || changes.status) requireRecentProof(caller);
    const person = await colleague(caller, context.req.valid('param').id, parts);
    refuseOwnership(caller, person.role);
    if (changes.role) refuseOwnership(caller, changes.role);
    const author = authorOf(context, `user:${caller.user.id}`);
    const changed = await users.update(person.id, changes, author);
    await parts.people.copy(caller.tenant.id);
    // A change of the role has invalidated the link of a pending invitation.
    if (changed.status === 'invited' && changed.tokenVersion !== person.tokenVersion)
      await sendInvitation(context, caller, changed);
    return context.json({ person: describe(changed) }, 200);
  });

  const removeFactor = createRoute({
    method: 'delete',
    path: '/{id}/second-factor',
    tags: ['People'],
    summary:
      'Removes the second factor of a person who has lost it; their sessions end. For owners and admins, with a recent proof of who acts.',
    request: { params: ById },
    responses: { 204: { description: 'Removed.' } },
  });
  routes.openapi(removeFactor, async (context) => {
    const caller = requireRole(await requireTenantContext(context, parts), ADMINS);
    requireRecentProof(caller);
    const person = await colleague(caller, context.req.valid('param').id, parts);
    refuseOwnership(caller, person.role);
    if (person.id === caller.user.id)
      throw new RequestError('forbidden', 'You remove your own second factor under Settings, Security.');
    if (!person.totpConfirmedAt) throw new RequestError('not_found', 'This person has no second factor.');
    await users.setTotpSecret(person.id, null, authorOf(context, `user:${caller.user.id}`));
    return context.body(null, 204);
  });

  const changes = createRoute({
    method: 'get',
    path: '/{id}/changes',
    tags: ['People'],
    summary:
      'How an account’s name, address, role and status changed, and who did it. For owners and admins.',
    request: { params: ById },
    responses: {
      200: json(z.object({ changes: z.array(AccountChange) }), `The newest first, at most ${MOST_CHANGES}.`),
    },
  });
  routes.openapi(changes, async (context) => {
    const caller = requireRole(await requireTenantContext(context, parts), ADMINS);
    const person = await colleague(caller, context.req.valid('param').id, parts);
    const filter = { tenantId: caller.tenant.id, entity: 'users', entityId: person.id };
    const records = await parts.application.audit.list({
      ...filter,
      columns: SHOWN_COLUMNS,
      limit: MOST_CHANGES,
    });
    return context.json({ changes: records.map(accountChange) }, 200);
  });

  return routes;
}

/** A record of the audit log as an entry of an account's history. */
function accountChange({ id, occurredAt, actor, action, before, after }: AuditRecord) {
  const isUpdate = action === 'users.update';
  const columns = SHOWN_COLUMNS.filter((column) => isUpdate && (before?.[column] ?? after?.[column]) != null);
  return {
    id,
    action: isUpdate
      ? ('changed' as const)
      : action === 'users.insert'
        ? ('added' as const)
        : ('removed' as const),
    columns: Object.fromEntries(
      columns.map((column): [string, [unknown, unknown]] => [column, [before?.[column], after?.[column]]]),
    ),
    changedAt: occurredAt,
    changedBy: /^user:(.+)$/.exec(actor)?.[1] ?? null,
  };
}

/** Only an owner makes, changes or removes an owner. */
function refuseOwnership(caller: TenantContext, role: string): void {
  if (role !== 'owner' || caller.role === 'owner') return;
  throw new RequestError('forbidden', 'Only an owner decides who owns the company’s account.');
}

async function colleague(caller: TenantContext, id: string, parts: ServerDependencies): Promise<User> {
  const user = await parts.application.users.find(id);
  if (user && user.tenantId === caller.tenant.id) return user;
  throw new RequestError('user_unknown', 'There is no such person in your company.');
}

function describe({ id, email, displayName, role, status, lastSignInAt }: User) {
  return { id, email, displayName, role, status, lastSignInAt };
}
