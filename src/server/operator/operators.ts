// `/api/operator/operators`: the operators, as `marquee operator`.
import { createRoute, z } from '@hono/zod-openapi';
import { OPERATOR_ROLES, type User } from '@/lib/application';
import { addPerson, OPERATOR_PERMISSIONS, resetPerson } from '@/lib/identity';
import { type AnswerOf, ById, createRouter, Id, IdempotencyHeader, json, jsonBody } from '../api/router';
import { authorOf } from '../context';
import type { ServerDependencies } from '../dependencies';
import { RequestError } from '../errors';
import { requireRecentProof, requireSession } from '../session';
import { forOperators } from '.';
import { requireConfirmation } from './confirmation';

const Role = z.enum(OPERATOR_ROLES);
const Operator = z
  .object({
    id: Id,
    email: z.string(),
    name: z.string(),
    role: Role.nullable(),
    status: z.string(),
    lastSignInAt: z.date().nullable(),
    hasSecondFactor: z.boolean(),
  })
  .openapi('Operator');
const WithPassword = z.object({
  operator: Operator,
  password: z.string().openapi({ description: 'Given once; changed at the first sign-in.' }),
});
export type OperatorAnswer = AnswerOf<typeof Operator>;

export function operatorPeopleRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { users } = parts.application;
  const find = async (id: string): Promise<User> => {
    const user = await users.find(id);
    if (user?.role === 'operator') return user;
    throw new RequestError('user_unknown', 'There is no such operator.');
  };

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'operators.read'),
    tags: ['Operators'],
    summary: 'Operators, and what each role may do.',
    responses: {
      200: json(
        z.object({
          operators: z.array(Operator),
          permissions: z.record(z.string(), z.array(Role)),
        }),
        'By email address.',
      ),
    },
  });
  routes.openapi(list, async (context) => {
    const permissions = Object.fromEntries(
      Object.entries(OPERATOR_PERMISSIONS).map(([name, roles]) => [name, [...roles]]),
    );
    return context.json({ operators: (await users.list(null)).map(describe), permissions }, 200);
  });

  const add = createRoute({
    method: 'post',
    path: '/',
    middleware: forOperators(parts, 'operators.change'),
    tags: ['Operators'],
    summary: 'Adds an operator, with a first password. For owners, with a recent proof.',
    request: {
      headers: IdempotencyHeader,
      body: jsonBody(
        z.object({
          email: z.email().max(200),
          name: z.string().trim().min(1).max(200),
          role: Role.default('support'),
        }),
      ),
    },
    responses: { 201: json(WithPassword, 'A second factor is set up at the first sign-in.') },
  });
  routes.openapi(add, async (context) => {
    const session = await requireSession(context, parts);
    requireRecentProof(session);
    const { email, name: displayName, role: operatorRole } = context.req.valid('json');
    const by = authorOf(context, `user:${session.user.id}`);
    const person = { tenantId: null, email, displayName, role: 'operator', operatorRole } as const;
    const { user, password } = await addPerson(parts.application, person, by);
    return context.json({ operator: describe(user), password }, 201);
  });

  const change = createRoute({
    method: 'patch',
    path: '/{id}',
    middleware: forOperators(parts, 'operators.change'),
    tags: ['Operators'],
    summary: 'Changes an operator’s role or status. For owners, with a recent proof.',
    request: {
      headers: IdempotencyHeader,
      params: ById,
      body: jsonBody(z.object({ role: Role.optional(), status: z.enum(['active', 'disabled']).optional() })),
    },
    responses: { 200: json(Operator, 'Their sessions have ended.') },
  });
  routes.openapi(change, async (context) => {
    const session = await requireSession(context, parts);
    requireRecentProof(session);
    const { id } = await find(context.req.valid('param').id);
    const { role: operatorRole, status } = context.req.valid('json');
    const changes = {
      ...(operatorRole ? { role: 'operator' as const, operatorRole } : {}),
      ...(status ? { status } : {}),
    };
    return context.json(
      describe(await users.update(id, changes, authorOf(context, `user:${session.user.id}`))),
      200,
    );
  });

  const reset = createRoute({
    method: 'post',
    path: '/{id}/reset',
    middleware: forOperators(parts, 'operators.change'),
    tags: ['Operators'],
    summary: 'Gives an operator a new first password; their sessions end. For owners, with a recent proof.',
    request: {
      headers: IdempotencyHeader,
      params: ById,
      body: jsonBody(
        z.object({
          secondFactor: z
            .boolean()
            .default(false)
            .openapi({ description: 'Removes it too, of a lost phone.' }),
        }),
      ),
    },
    responses: { 200: json(WithPassword, 'Reset.') },
  });
  routes.openapi(reset, async (context) => {
    const session = await requireSession(context, parts);
    requireRecentProof(session);
    const { id } = await find(context.req.valid('param').id);
    const by = authorOf(context, `user:${session.user.id}`);
    const { user, password } = await resetPerson(parts.application, id, context.req.valid('json'), by);
    return context.json({ operator: describe(user), password }, 200);
  });

  const remove = createRoute({
    method: 'delete',
    path: '/{id}',
    middleware: forOperators(parts, 'operators.change'),
    tags: ['Operators'],
    summary: 'Removes an operator; their sessions end. For owners, with a recent proof.',
    request: {
      headers: IdempotencyHeader,
      params: ById,
      query: z.object({ confirm: z.string().openapi({ description: 'Their email address, as typed.' }) }),
    },
    responses: { 204: { description: 'Removed.' } },
  });
  routes.openapi(remove, async (context) => {
    const session = await requireSession(context, parts);
    const { id, email } = await find(context.req.valid('param').id);
    requireConfirmation(context.req.valid('query').confirm, email);
    requireRecentProof(session);
    await users.remove(id, authorOf(context, `user:${session.user.id}`));
    return context.body(null, 204);
  });
  return routes;
}

function describe({ id, email, displayName: name, operatorRole: role, status, ...user }: User) {
  return {
    ...{ id, email, name, role, status, lastSignInAt: user.lastSignInAt ?? null },
    hasSecondFactor: user.totpConfirmedAt !== null,
  };
}
