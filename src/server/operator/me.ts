import { createRoute, z } from '@hono/zod-openapi';
import { OPERATOR_ROLES } from '@/lib/application';
import { mayOperator, OPERATOR_PERMISSIONS, type OperatorPermission, stateOfSupport } from '@/lib/identity';
import { type AnswerOf, createRouter, Id, json } from '../api/router';
import type { ServerDependencies } from '../dependencies';
import { RequestError } from '../errors';
import { requireSession } from '../session';

const PERMISSIONS = Object.keys(OPERATOR_PERMISSIONS) as OperatorPermission[];

const Me = z
  .object({
    id: Id,
    role: z.enum(OPERATOR_ROLES).nullable(),
    secondFactor: z
      .boolean()
      .openapi({ description: 'Whether this session has shown one: all else needs it.' }),
    permissions: z.array(z.enum(PERMISSIONS as [OperatorPermission, ...OperatorPermission[]])),
    support: z
      .array(z.object({ id: Id, tenant: z.string(), subdomain: z.string(), until: z.date() }))
      .openapi({ description: 'Companies to whose data this operator has access now.' }),
  })
  .openapi('OperatorSelf');
export type OperatorSelf = AnswerOf<typeof Me>;

/** `/api/operator/me`: who acts, and what they may do. */
export function operatorSelfRoutes(parts: ServerDependencies) {
  const routes = createRouter();
  const who = createRoute({
    method: 'get',
    path: '/',
    tags: ['Operator'],
    summary: 'The signed-in operator: role, permissions, open support access.',
    responses: { 200: json(Me, 'Also before a second factor was shown.') },
  });
  routes.openapi(who, async (context) => {
    const { user, record } = await requireSession(context, parts);
    if (user.role !== 'operator')
      throw new RequestError('forbidden', 'This is for the operator of the service.');
    const { id, operatorRole: role } = user;
    const secondFactor = record?.secondFactor ?? false;
    const permissions = PERMISSIONS.filter((permission) => mayOperator(user, permission));
    const support = secondFactor ? await openSupport(parts, id) : [];
    return context.json({ id, role, secondFactor, permissions, support }, 200);
  });
  return routes;
}

async function openSupport({ signIn, application }: ServerDependencies, operatorId: string) {
  const accesses = await signIn.support.list();
  const open = accesses.filter(
    (access) => access.operatorId === operatorId && stateOfSupport(access) === 'open',
  );
  return Promise.all(
    open.map(async ({ id, tenantId, allowedUntil }) => {
      const tenant = await application.tenants.find(tenantId);
      const { name = '', subdomain = '' } = tenant ?? {};
      return { id, tenant: name, subdomain, until: allowedUntil ?? new Date() };
    }),
  );
}
