import { randomBytes } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { type Context, Hono } from 'hono';
import { z } from 'zod';
import type { User } from '@/lib/application';
import { type Environment, getTenantContext, type ServerParts, type TenantContext } from '../context';
import { RequestError } from '../errors';
import { readBody } from '../session-routes';

const Role = z.enum(['owner', 'admin', 'manager', 'sales', 'staff', 'viewer']);
const NewPerson = z.object({
  email: z.email().max(320),
  displayName: z.string().min(1).max(200),
  role: Role,
});
const PersonChanges = z.object({
  displayName: z.string().min(1).max(200).optional(),
  role: Role.optional(),
  status: z.enum(['active', 'disabled']).optional(),
});

/** `/api/people`: who works for the company. Everyone sees names; owners and admins manage accounts. */
export function peopleRoutes(parts: ServerParts): Hono<Environment> {
  const routes = new Hono<Environment>();
  const { users } = parts.application;

  routes.get('/', async (context) => {
    const asker = await getTenantContext(context, parts);
    if (asker instanceof Response) return asker;
    return context.json({ people: (await users.list(asker.tenant.id)).map(describe) });
  });

  routes.post('/', async (context) => {
    const asker = await requireManager(context, parts);
    if (asker instanceof Response) return asker;
    const person = await readBody(context, NewPerson);
    refuseOwnership(asker, person.role);
    const password = randomBytes(12).toString('base64url');
    const author = { actor: `user:${asker.user.id}`, requestId: context.get('requestId') };
    const user = await users.create(
      { ...person, tenantId: asker.tenant.id, passwordHash: await hash(password) },
      author,
    );
    // Shown once, to be handed over; only its hash is kept.
    return context.json({ person: describe(user), firstPassword: password }, 201);
  });

  routes.patch('/:id', async (context) => {
    const asker = await requireManager(context, parts);
    if (asker instanceof Response) return asker;
    const changes = await readBody(context, PersonChanges);
    const person = await colleague(asker, context.req.param('id'), parts);
    refuseOwnership(asker, person.role);
    if (changes.role) refuseOwnership(asker, changes.role);
    await keepAnOwner(asker, person, changes, parts);
    const author = { actor: `user:${asker.user.id}`, requestId: context.get('requestId') };
    return context.json({ person: describe(await users.update(person.id, changes, author)) });
  });

  return routes;
}

async function requireManager(
  context: Context<Environment>,
  parts: ServerParts,
): Promise<TenantContext | Response> {
  const asker = await getTenantContext(context, parts);
  if (asker instanceof Response || asker.role === 'owner' || asker.role === 'admin') return asker;
  throw new RequestError('forbidden', 'Only owners and admins manage people.', { hint: 'Ask one of them.' });
}

/** Only an owner makes, changes or removes an owner. */
function refuseOwnership(asker: TenantContext, role: string): void {
  if (role !== 'owner' || asker.role === 'owner') return;
  throw new RequestError('forbidden', 'Only an owner decides who owns the company’s account.');
}

async function colleague(asker: TenantContext, id: string, parts: ServerParts): Promise<User> {
  const user = await parts.application.users.find(id);
  if (user && user.tenantId === asker.tenant.id) return user;
  throw new RequestError('not_found', 'There is no such person in your company.');
}

async function keepAnOwner(
  asker: TenantContext,
  person: User,
  changes: z.infer<typeof PersonChanges>,
  parts: ServerParts,
): Promise<void> {
  const stays = (changes.role ?? 'owner') === 'owner' && (changes.status ?? 'active') === 'active';
  if (person.role !== 'owner' || stays) return;
  const all = await parts.application.users.list(asker.tenant.id);
  if (all.some((one) => one.id !== person.id && one.role === 'owner' && one.status === 'active')) return;
  throw new RequestError('last_owner', 'The company needs an owner.', {
    hint: 'Make somebody else owner first.',
  });
}

function describe({ id, email, displayName, role, status, lastSignInAt }: User) {
  return { id, email, displayName, role, status, lastSignInAt };
}
