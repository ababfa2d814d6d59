import { createRoute, z } from '@hono/zod-openapi';
import {
  checkMove,
  commandMove,
  MovementError,
  MoveStore,
  optionsOf,
  PACES,
  type Pace,
  readPastPauses,
  requestVerification,
  type SignedCertificate,
  startMove,
  verifyCertificate,
} from '@/lib/movement';
import { MessageDescriptor } from '../../api/message-descriptor';
import {
  type AnswerOf,
  type BodyOf,
  ById,
  createRouter,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
} from '../../api/router';
import { requireSession } from '../../session';
import { forOperators } from '..';
import { requireConfirmation, typedName } from '../confirmation';
import { SourceNamed, TenantNamed } from '../named';
import { describeMove, describeMoves, findMove, ListedMove, MOVE_COMMANDS, ShownMove } from './answers';
import type { MoveRouteDependencies } from './dependencies';

const Place = z.object({
  tenant: TenantNamed,
  to: SourceNamed,
  toTenantId: Id.optional().openapi({ description: 'Another id for the tenant at the target.' }),
});
const Confirmed = z.object({ confirm: typedName('tenant') });
const Start = Place.extend(Confirmed.shape).extend({
  autoCutOver: z.boolean().optional().openapi({ description: 'Cut over as soon as every row was compared.' }),
  bytesPerSecond: z.number().int().positive().optional(),
  pace: z.enum(Object.keys(PACES) as [Pace, ...Pace[]]).optional(),
  pauseLimitMs: z.number().int().positive().max(60_000).optional(),
});
const Plan = z
  .object({
    tenant: z.string(),
    from: z.string(),
    to: z.string(),
    findings: z.array(
      z.object({
        ...{ check: z.string(), level: z.enum(['ok', 'warning', 'problem']), message: z.string() },
        says: MessageDescriptor.openapi({ description: 'The message as code and values.' }),
      }),
    ),
    isPossible: z.boolean(),
    mode: z.enum(['logical', 'change_log', 'offline']),
    modeReason: z.string(),
    rows: z.number(),
    bytes: z.number(),
    estimatedSeconds: z.number().openapi({ description: 'Of the copy, at 20 MB a second.' }),
    pauses: z
      .object({
        moves: z.number(),
        toThisSource: z.boolean(),
        medianMs: z.number().nullable(),
        longestMs: z.number().nullable(),
      })
      .openapi({ description: 'How long statements waited in the last cut-overs.' }),
  })
  .openapi('MovePlan');
const Given = z.object({
  command: z.enum(MOVE_COMMANDS),
  seen: z.enum(MOVE_COMMANDS).openapi({
    description: '`wanted` as the person saw it: refused where another command was given meanwhile.',
  }),
  confirm: Confirmed.shape.confirm.optional(),
  despiteShadowReads: z.boolean().optional(),
  despiteDifferences: z.boolean().optional().openapi({
    description: 'With `complete`: remove the source’s rows although they differ from the target’s.',
  }),
  forget: z
    .enum(['source', 'target'])
    .optional()
    .openapi({ description: 'With `complete` or `abort`: this database is lost for good.' }),
});
const Certificate = z
  .object({ certificate: z.record(z.string(), z.unknown()), signature: z.string() })
  .openapi('MoveCertificate');

export type MovePlan = AnswerOf<typeof Plan>;
export type StartMoveBody = BodyOf<typeof Start>;
export type MoveCommandBody = BodyOf<typeof Given>;

/** What cannot be taken back, or stops a tenant: its name is typed first. */
const DANGEROUS: ReadonlySet<string> = new Set(['cut_over', 'abort', 'rollback', 'complete']);

/** `/api/operator/moves`: moves of tenants between data sources. */
export function operatorMoveRoutes(parts: MoveRouteDependencies) {
  const routes = createRouter(parts);
  const { moves, operations } = parts;

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'moves.read'),
    tags: ['Operator'],
    summary: 'Moves of tenants between data sources.',
    request: {
      query: z.object({
        open: z.stringbool().optional(),
        tenant: TenantNamed.optional(),
        before: Id.optional().openapi({ description: 'A move: those that are older.' }),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
    },
    responses: { 200: json(z.object({ moves: z.array(ListedMove) }), 'The newest first.') },
  });
  routes.openapi(list, async (context) => {
    const { tenant, ...filter } = context.req.valid('query');
    const tenantId = tenant === undefined ? undefined : (await parts.application.tenants.named(tenant)).id;
    const found = await new MoveStore(operations.pool).list({ ...filter, tenantId });
    return context.json({ moves: await describeMoves(parts, found) }, 200);
  });

  const plan = createRoute({
    method: 'post',
    path: '/plan',
    middleware: forOperators(parts, 'moves.read'),
    tags: ['Operator'],
    summary: 'Checks a move before it begins, and says how long it will take. Writes nothing.',
    request: { body: jsonBody(Place) },
    responses: { 200: json(Plan, 'Findings of level `problem` keep the move from beginning.') },
  });
  routes.openapi(plan, async (context) => {
    const { tenant, from, to, request } = await placesOf(parts, context.req.valid('json'));
    await new MoveStore(operations.pool).refuseOpen(request.tenantId);
    const [result, pauses] = await Promise.all([
      checkMove(moves, request),
      readPastPauses(operations.pool, request.toSource),
    ]);
    const isPossible = result.findings.every(({ level }) => level !== 'problem');
    return context.json({ tenant, from, to, ...result, isPossible, pauses }, 200);
  });

  const start = createRoute({
    method: 'post',
    path: '/',
    middleware: forOperators(parts, 'moves.change'),
    tags: ['Operator'],
    summary: 'Begins to move a tenant. A process of Marquee carries it out.',
    request: { headers: IdempotencyHeader, body: jsonBody(Start) },
    responses: { 201: json(ShownMove, 'Recorded.') },
  });
  routes.openapi(start, async (context) => {
    const { user } = await requireSession(context, parts);
    const { confirm, tenant: _, to: __, toTenantId: ___, ...chosen } = context.req.valid('json');
    const { tenant, request } = await placesOf(parts, context.req.valid('json'));
    requireConfirmation(confirm, tenant);
    const requestedBy = `user:${user.id}`;
    const { id } = await startMove(moves, { ...request, options: optionsOf(chosen), requestedBy });
    return context.json(await describeMove(parts, id), 201);
  });

  const one = createRoute({
    method: 'get',
    path: '/{id}',
    middleware: forOperators(parts, 'moves.read'),
    tags: ['Operator'],
    summary: 'One move, with its tables, its last events and what can be done.',
    request: { params: ById },
    responses: { 200: json(ShownMove, 'As it is now.') },
  });
  routes.openapi(one, async (context) => {
    return context.json(await describeMove(parts, context.req.valid('param').id), 200);
  });

  const command = createRoute({
    method: 'post',
    path: '/{id}/commands',
    middleware: forOperators(parts, 'moves.change'),
    tags: ['Operator'],
    summary: 'Pauses a move, lets it go on, cuts over, rolls back, completes or aborts it.',
    request: { headers: IdempotencyHeader, params: ById, body: jsonBody(Given) },
    responses: { 200: json(ShownMove, 'Recorded; the process that runs the move carries it out.') },
  });
  routes.openapi(command, async (context) => {
    const { user } = await requireSession(context, parts);
    const { command: wanted, confirm, ...options } = context.req.valid('json');
    const { id, tenantId } = await findMove(parts, context.req.valid('param').id);
    if (DANGEROUS.has(wanted)) {
      const tenant = await parts.application.tenants.find(tenantId);
      requireConfirmation(confirm, tenant?.subdomain ?? tenantId);
    }
    await commandMove(moves, id, wanted, { ...options, by: `user:${user.id}` });
    return context.json(await describeMove(parts, id), 200);
  });

  const verify = createRoute({
    method: 'post',
    path: '/{id}/verification',
    middleware: forOperators(parts, 'moves.change'),
    tags: ['Operator'],
    summary: 'Requests a comparison of every row of source and target. The move itself says what it found.',
    request: { headers: IdempotencyHeader, params: ById },
    responses: { 202: json(ShownMove, 'Requested; where one runs already, nothing changes.') },
  });
  routes.openapi(verify, async (context) => {
    const { user } = await requireSession(context, parts);
    const { id, finishedAt } = await findMove(parts, context.req.valid('param').id);
    if (finishedAt) {
      throw new MovementError('move_not_possible', 'The move has ended: only one database has the rows.', {
        hint: 'The certificate says what was equal at the cut-over.',
      });
    }
    await requestVerification(operations.jobs, id, `user:${user.id}`);
    return context.json(await describeMove(parts, id), 202);
  });

  const certificate = createRoute({
    method: 'get',
    path: '/{id}/certificate',
    middleware: forOperators(parts, 'moves.read'),
    tags: ['Operator'],
    summary: 'The signed proof that the target held every row at the cut-over. Its signature was checked.',
    request: { params: ById },
    responses: { 200: json(Certificate, 'As it was signed.') },
  });
  routes.openapi(certificate, async (context) => {
    const move = await findMove(parts, context.req.valid('param').id);
    if (!move.certificate) {
      throw new MovementError('move_not_possible', 'This move has no certificate yet.', {
        hint: 'It is made after the cut-over.',
      });
    }
    const signed = move.certificate as unknown as SignedCertificate;
    await verifyCertificate(signed, moves.signatures);
    context.header('content-disposition', `attachment; filename="move-${move.id}.json"`);
    return context.json({ certificate: { ...signed.certificate }, signature: signed.signature }, 200);
  });

  return routes;
}

async function placesOf(
  parts: MoveRouteDependencies,
  { tenant: name, to, toTenantId }: z.infer<typeof Place>,
) {
  const { dataSources } = parts.operations;
  const tenant = await parts.application.tenants.named(name);
  const [from, target] = await Promise.all([dataSources.get(tenant.dataSourceId ?? ''), dataSources.get(to)]);
  return {
    ...{ tenant: tenant.subdomain, from: from.name, to: target.name },
    request: { tenantId: tenant.id, toSource: target.id, ...(toTenantId ? { toTenantId } : {}) },
  };
}
