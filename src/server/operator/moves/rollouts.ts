import { createRoute, z } from '@hono/zod-openapi';
import { readNames } from '@/lib/data-sources';
import {
  commandRollout,
  type FailedGate,
  parseGate,
  parseRefusal,
  planRollout,
  possibleRolloutCommands,
  type Rollout,
  RolloutStore,
  readRolloutReport,
  startRollout,
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
import { describeMoves, ListedMove } from './answers';
import type { MoveRouteDependencies } from './dependencies';

const COMMANDS = ['run', 'pause', 'halt', 'rollback'] as const;
const STEPS = ['moving', 'soaking', 'closing', 'returning', 'halted', 'completed', 'rolled_back'] as const;
const Command = z.enum(COMMANDS);

const ListedRollout = z.object({
  id: z.uuid(),
  from: z.array(z.string()),
  to: z.string(),
  waves: z.array(z.string()),
  wave: z.number().int().openapi({ description: 'The current one, counted from 0.' }),
  step: z.enum(STEPS),
  stepSince: z.date(),
  soakMs: z.number().openapi({ description: 'How long a wave is watched after its last cut-over.' }),
  wanted: Command,
  commands: z.array(Command),
  failed: z
    .object({
      gate: z.string(),
      tenant: z.string().nullable(),
      message: z.string(),
      says: MessageDescriptor.nullable().openapi({ description: 'The message as code and values.' }),
    })
    .nullable(),
  requestedBy: z.string(),
  createdAt: z.date(),
  finishedAt: z.date().nullable(),
});
const ShownRollout = ListedRollout.extend({
  tenants: z.array(
    z.object({
      tenantId: z.uuid(),
      tenant: z.string(),
      wave: z.number().int(),
      skipped: z.string().nullable(),
      skippedSays: MessageDescriptor.nullable().openapi({
        description: 'Why it is left out, as code and values.',
      }),
      move: ListedMove.nullable(),
    }),
  ),
  events: z.array(
    z.object({
      at: z.date(),
      wave: z.number().int(),
      event: z.string(),
      detail: z.record(z.string(), z.unknown()),
      says: MessageDescriptor.nullable().openapi({
        description: 'The message of a failed gate as code and values.',
      }),
    }),
  ),
}).openapi('Rollout');
const Wish = z.object({
  from: z.array(SourceNamed).min(1).max(20),
  to: SourceNamed,
  samples: z.array(TenantNamed).max(20).optional(),
  percents: z.array(z.number().positive().max(100)).min(1).max(10).optional(),
  atOnce: z.number().int().min(1).max(50).optional(),
  soakSeconds: z
    .number()
    .min(0)
    .max(7 * 86_400)
    .optional(),
  keepRollback: z.boolean().optional(),
});
const Start = Wish.extend({
  confirm: typedName('target'),
});
const Plan = z
  .object({ waves: z.array(z.object({ name: z.string(), tenants: z.array(z.string()) })) })
  .openapi('RolloutPlan');
const Given = z.object({ command: Command, seen: Command, confirm: typedName('target').optional() });

export type ListedRolloutAnswer = AnswerOf<typeof ListedRollout>;
export type RolloutAnswer = AnswerOf<typeof ShownRollout>;
export type RolloutPlan = AnswerOf<typeof Plan>;
export type RolloutWish = BodyOf<typeof Wish>;

/** `/api/operator/rollouts`: moves of many tenants to another data source, in waves. */
export function operatorRolloutRoutes(parts: MoveRouteDependencies) {
  const routes = createRouter(parts);
  const { moves, operations } = parts;

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'moves.read'),
    tags: ['Operator'],
    summary: 'Moves of many tenants, in waves.',
    request: {
      query: z.object({
        before: Id.optional().openapi({ description: 'A rollout: those that are older.' }),
        limit: z.coerce.number().int().min(1).max(200).default(50),
      }),
    },
    responses: { 200: json(z.object({ rollouts: z.array(ListedRollout) }), 'The newest first.') },
  });
  routes.openapi(list, async (context) => {
    const rollouts = await new RolloutStore(operations.pool).list(context.req.valid('query'));
    return context.json({ rollouts: await describe(parts, rollouts) }, 200);
  });

  const plan = createRoute({
    method: 'post',
    path: '/plan',
    middleware: forOperators(parts, 'moves.read'),
    tags: ['Operator'],
    summary: 'The waves that a rollout would have. Writes nothing.',
    request: { body: jsonBody(Wish) },
    responses: { 200: json(Plan, 'In their order.') },
  });
  routes.openapi(plan, async (context) => {
    const request = await requestOf(parts, context.req.valid('json'));
    const { waves } = await planRollout(moves, request);
    const names = await readNames(
      parts,
      waves.flatMap(({ tenants }) => tenants),
    );
    return context.json(
      { waves: waves.map(({ name, tenants }) => ({ name, tenants: tenants.map(names.tenant) })) },
      200,
    );
  });

  const start = createRoute({
    method: 'post',
    path: '/',
    middleware: forOperators(parts, 'moves.change'),
    tags: ['Operator'],
    summary: 'Begins to move the tenants of data sources to another one, wave by wave.',
    request: { headers: IdempotencyHeader, body: jsonBody(Start) },
    responses: { 201: json(ShownRollout, 'Recorded.') },
  });
  routes.openapi(start, async (context) => {
    const { user } = await requireSession(context, parts);
    const { confirm, ...wish } = context.req.valid('json');
    const request = await requestOf(parts, wish);
    requireConfirmation(confirm, (await operations.dataSources.get(request.toSource)).name);
    const { id } = await startRollout(moves, { ...request, requestedBy: `user:${user.id}` });
    return context.json(await describeOne(parts, id), 201);
  });

  const one = createRoute({
    method: 'get',
    path: '/{id}',
    middleware: forOperators(parts, 'moves.read'),
    tags: ['Operator'],
    summary: 'One rollout, with its waves, its tenants’ moves and what has happened.',
    request: { params: ById },
    responses: { 200: json(ShownRollout, 'As it is now.') },
  });
  routes.openapi(one, async (context) => {
    return context.json(await describeOne(parts, context.req.valid('param').id), 200);
  });

  const command = createRoute({
    method: 'post',
    path: '/{id}/commands',
    middleware: forOperators(parts, 'moves.change'),
    tags: ['Operator'],
    summary: 'Pauses a rollout, lets it go on, halts its wave or rolls it back.',
    request: { headers: IdempotencyHeader, params: ById, body: jsonBody(Given) },
    responses: { 200: json(ShownRollout, 'Recorded.') },
  });
  routes.openapi(command, async (context) => {
    const { user } = await requireSession(context, parts);
    const { command: wanted, seen, confirm } = context.req.valid('json');
    const { id, toSource } = await new RolloutStore(operations.pool).get(context.req.valid('param').id);
    if (wanted === 'halt' || wanted === 'rollback')
      requireConfirmation(confirm, (await operations.dataSources.find(toSource))?.name ?? toSource);
    await commandRollout(moves, id, wanted, { by: `user:${user.id}`, seen });
    return context.json(await describeOne(parts, id), 200);
  });

  return routes;
}

async function requestOf(
  { application: { tenants }, operations }: MoveRouteDependencies,
  wish: z.infer<typeof Wish>,
) {
  const { from, to, samples = [], soakSeconds, ...options } = wish;
  const [target, ...sources] = await Promise.all(
    [to, ...from].map((name) => operations.dataSources.get(name)),
  );
  const found = await Promise.all(samples.map((name) => tenants.findBySubdomain(name)));
  return {
    ...options,
    fromSources: sources.map(({ id }) => id),
    toSource: target?.id ?? '',
    // A name that is no tenant's is refused as one that is in none of the data sources.
    samples: found.map((tenant, at) => tenant?.id ?? samples[at] ?? ''),
    ...(soakSeconds === undefined ? {} : { soakMs: soakSeconds * 1000 }),
  };
}

async function describe(parts: MoveRouteDependencies, rollouts: readonly Rollout[]) {
  const failedTenants = rollouts.flatMap(({ failed }) => failed?.tenantId ?? []);
  const [names, personOf] = await Promise.all([
    readNames(parts, failedTenants),
    parts.actorNames.of(rollouts.map(({ requestedBy }) => requestedBy)),
  ]);
  return rollouts.map((rollout): z.infer<typeof ListedRollout> => {
    const { id, waves, wave, step, stepSince, wanted, failed, createdAt, finishedAt } = rollout;
    return {
      ...{ id, waves, wave, step, stepSince, wanted, createdAt, finishedAt },
      from: rollout.fromSources.map(names.source),
      to: names.source(rollout.toSource),
      soakMs: rollout.options.soakMs,
      commands: possibleRolloutCommands(rollout),
      failed: failed && {
        ...{ gate: failed.gate, message: failed.message, says: saidInFailed(failed) },
        tenant: failed.tenantId ? names.tenant(failed.tenantId) : null,
      },
      requestedBy: personOf(rollout.requestedBy),
    };
  });
}

/** @throws MovementError `rollout_unknown` */
async function describeOne(parts: MoveRouteDependencies, id: string): Promise<z.infer<typeof ShownRollout>> {
  const { rollout, tenants, events } = await readRolloutReport(parts.moves, id);
  const [[listed], described, names] = await Promise.all([
    describe(parts, [rollout]),
    describeMoves(
      parts,
      tenants.flatMap(({ move }) => move ?? []),
    ),
    readNames(
      parts,
      tenants.map(({ tenantId }) => tenantId),
    ),
  ]);
  const moves = new Map(described.map((move) => [move.id, move]));
  const personOf = await parts.actorNames.of(events.map(({ detail }) => String(detail.by)));
  const reasons = await parts.actorNames.inTexts(tenants.map(({ skipped }) => skipped));
  return {
    ...(listed as z.infer<typeof ListedRollout>),
    events: events.map(({ detail, ...event }) => ({
      ...event,
      detail: typeof detail.by === 'string' ? { ...detail, by: personOf(detail.by) } : detail,
      says: event.event === 'gate_failed' ? saidInFailed(detail as unknown as FailedGate) : null,
    })),
    tenants: tenants.map(({ tenantId, wave, move }, at) => {
      const skipped = reasons[at] ?? null;
      return {
        ...{ tenantId, wave, skipped, tenant: names.tenant(tenantId) },
        skippedSays: (skipped && parseRefusal(skipped)) || null,
        move: moves.get(move?.id ?? '') ?? null,
      };
    }),
  };
}

function saidInFailed({ code, message }: FailedGate) {
  return code ? { code: `failures.${code}`, values: { message } } : (parseGate(message) ?? null);
}
