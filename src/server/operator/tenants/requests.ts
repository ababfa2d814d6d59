// `/api/operator/requests`: what tenants' owners asked for in their settings, as `marquee request`.
import { createRoute, z } from '@hono/zod-openapi';
import { createExport, storeFor } from '@/lib/backups';
import { addRequestedDatabase, answerRequest } from '@/lib/fleet/requests';
import type { CustomerRequest } from '@/lib/operations';
import {
  type AnswerOf,
  type BodyOf,
  ById,
  createRouter,
  Id,
  json,
  jsonBody,
  RequiredIdempotencyHeader,
} from '../../api/router';
import { authorOf } from '../../context';
import { requireRecentProof, requireSession } from '../../session';
import { forOperators, requireOperator } from '..';
import { backupsOf } from '../backups/shared-schemas';
import type { OperatorDependencies } from '../dependencies';
import { beginTask, begun } from '../tasks/answers';

const Request = z
  .object({
    id: Id,
    tenantId: Id,
    tenant: z.string().openapi({ description: 'Subdomain.' }),
    tenantName: z.string(),
    kind: z.enum(['own_database', 'export']),
    state: z.enum(['open', 'done', 'declined', 'withdrawn']),
    note: z.string().openapi({ description: 'The owner’s words.' }),
    region: z.string().nullable(),
    requestedByName: z.string(),
    requestedAt: z.date(),
    answer: z.string().nullable().openapi({ description: 'What the owners read.' }),
    answeredByName: z.string().nullable(),
    answeredAt: z.date().nullable(),
  })
  .openapi('OperatorRequest');
const Answer = z.string().trim().max(1_000);
const Acceptance = z.object({
  answer: Answer.optional().openapi({ description: 'Words for the owners.' }),
  name: z
    .string()
    .max(63)
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/)
    .optional()
    .openapi({ description: 'Of the data source, for a database. Default: the tenant’s subdomain.' }),
});
const Refusal = z.object({ reason: Answer.min(3).openapi({ description: 'The owners read it.' }) });
export type OperatorRequest = AnswerOf<typeof Request>;
export type AcceptRequest = BodyOf<typeof Acceptance>;
export type RefuseRequest = BodyOf<typeof Refusal>;

export function operatorRequestRoutes(parts: OperatorDependencies) {
  const routes = createRouter(parts);
  const { application, operations } = parts;

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'tenants.read'),
    tags: ['Operator'],
    summary: 'What tenants’ owners asked for: a database of their own, or an export.',
    request: {
      query: z.object({
        open: z.stringbool().default(true).openapi({ description: 'Only what is not answered.' }),
      }),
    },
    responses: { 200: json(z.object({ requests: z.array(Request) }), 'The newest first, at most 200.') },
  });
  routes.openapi(list, async (context) => {
    const found = await operations.customerRequests.list({ open: context.req.valid('query').open });
    return context.json({ requests: await shown(found) }, 200);
  });

  const accept = createRoute({
    method: 'post',
    path: '/{id}/acceptance',
    middleware: forOperators(parts, 'tenants.change'),
    tags: ['Operator'],
    summary:
      'Does what was asked: makes the export, or tests and adds the database. It is answered when that has succeeded; until then it stays open.',
    description: 'An export needs `backups.give_out` and a recent proof, a database `data_sources.change`.',
    request: { headers: RequiredIdempotencyHeader, params: ById, body: jsonBody(Acceptance) },
    responses: begun,
  });
  routes.openapi(accept, async (context) => {
    const session = await requireSession(context, parts);
    const { answer = null, name } = context.req.valid('json');
    const request = await operations.customerRequests.find(context.req.valid('param').id);
    const isExport = request.kind === 'export';
    await requireOperator(context, parts, isExport ? 'backups.give_out' : 'data_sources.change');
    if (isExport) requireRecentProof(session);
    const tenant = await application.tenants.get(request.tenantId);
    const by = authorOf(context, `user:${session.user.id}`);
    const task = { title: tenant.name, joins: true };
    if (!isExport) {
      const adding = { ...task, kind: 'requests.own_database', subject: request.id };
      const begun = await beginTask(context, parts, session, adding, async () => {
        const networks = parts.customerDatabaseNetworks;
        const { dataSource, steps } = await addRequestedDatabase(parts, request, {
          name,
          answer,
          networks,
          by,
        });
        return { source: dataSource.name, steps, tenant: tenant.subdomain };
      });
      return context.json(begun, 202);
    }
    const store = await storeFor(parts.operator.backups.exports, tenant);
    const exporting = { ...task, kind: 'requests.export', subject: request.id };
    const begun = await beginTask(context, parts, session, exporting, async ({ progress, signal }) => {
      const { id, tables, rows, files, bytes } = await createExport(backupsOf(parts), {
        ...{ tenantId: tenant.id, store, format: 'csv', requestedBy: by.actor, signal },
        progress: (now) => progress({ ...now }),
      });
      await answerRequest(parts, request, 'done', answer, by);
      return { export: id, tables, rows, files, bytes, tenant: tenant.subdomain };
    });
    return context.json(begun, 202);
  });

  const refuse = createRoute({
    method: 'post',
    path: '/{id}/refusal',
    middleware: forOperators(parts, 'tenants.change'),
    tags: ['Operator'],
    summary:
      'Declines a request, with a reason that the owners read. What it had of their database is forgotten.',
    request: { headers: RequiredIdempotencyHeader, params: ById, body: jsonBody(Refusal) },
    responses: { 200: json(Request, 'Declined.') },
  });
  routes.openapi(refuse, async (context) => {
    const { user } = await requireSession(context, parts);
    const request = await operations.customerRequests.find(context.req.valid('param').id);
    const { reason } = context.req.valid('json');
    const by = authorOf(context, `user:${user.id}`);
    const [answered] = await shown([await answerRequest(parts, request, 'declined', reason, by)]);
    return context.json(answered as NonNullable<typeof answered>, 200);
  });

  async function shown(requests: readonly CustomerRequest[]) {
    const nameOf = await parts.actorNames.of(
      requests.flatMap(({ requestedBy, answeredBy }) => [
        `user:${requestedBy}`,
        ...(answeredBy ? [answeredBy] : []),
      ]),
    );
    const names = await application.tenants.names(requests.map(({ tenantId }) => tenantId));
    return requests.map(({ requestedBy, answeredBy, ...request }) => {
      const tenant = names.get(request.tenantId);
      return {
        ...request,
        ...{ tenant: tenant?.subdomain ?? request.tenantId, tenantName: tenant?.name ?? request.tenantId },
        requestedByName: nameOf(`user:${requestedBy}`),
        answeredByName: answeredBy && nameOf(answeredBy),
      };
    });
  }

  return routes;
}
