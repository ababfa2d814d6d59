// `/api/operator/schema-rollouts`: as `marquee migrate`, for tenant data databases.
import { createRoute, z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import {
  advanceSchemaRollout,
  cancelSchemaRollout,
  decideSource,
  parseRolloutWait,
  resumeSchemaRollout,
  type SchemaRollout,
  type SchemaRolloutDependencies,
  SchemaRolloutError,
  SchemaRolloutStore,
  startSchemaRollout,
} from '@/lib/fleet/schema-rollout';
import type { Session } from '@/lib/identity';
import { OperationsError } from '@/lib/operations';
import { MessageDescriptor } from '../../api/message-descriptor';
import {
  type AnswerOf,
  type BodyOf,
  createRouter,
  Id,
  IdempotencyHeader,
  json,
  jsonBody,
} from '../../api/router';
import type { Environment } from '../../context';
import { requireSession } from '../../session';
import { forOperators } from '..';
import { requireConfirmation } from '../confirmation';
import type { OperatorDependencies } from '../dependencies';
import { SourceNamed } from '../named';
import { beginTask } from '../tasks/answers';
import { operatorDriftRoutes } from './drift';

const Problem = z.object({ code: z.string(), message: z.string() });
const Options = z.object({
  canaries: z.array(SourceNamed).optional().openapi({ description: 'Migrated first, by name.' }),
  percents: z.array(z.number().int().min(1).max(100)).min(1).max(10).optional().openapi({
    description: 'Percentage of the databases that is migrated after each wave. Default 10, 100.',
  }),
  atOnce: z.number().int().min(1).max(200).optional(),
  perServer: z.number().int().min(1).max(200).optional(),
  soakMs: z.number().int().min(0).max(86_400_000).optional(),
  onError: z.enum(['halt', 'continue']).optional(),
  lockTimeoutMs: z.number().int().min(10).max(60_000).optional(),
  lockAttempts: z.number().int().min(1).max(100).optional(),
  graceMs: z.number().int().min(0).max(86_400_000).optional(),
  allowDrift: z.boolean().optional(),
});
const Start = z.object({
  sources: z.array(SourceNamed).min(1).optional().openapi({ description: 'All of them when left out.' }),
  options: Options.optional(),
});
const Plan = z
  .object({
    toVersion: z.number(),
    sources: z.array(
      z.object({
        source: z.string(),
        version: z.number().optional(),
        expand: z.array(z.number()),
        contract: z.array(z.number()),
        functions: z.number(),
        problem: Problem.optional(),
      }),
    ),
    migrations: z.array(
      z.object({
        version: z.number(),
        name: z.string(),
        phase: z.enum(['expand', 'contract']),
        statements: z.array(
          z.object({
            statement: z.string(),
            locks: z.array(z.object({ table: z.string(), mode: z.string() })),
            blocks: z.string(),
            work: z.string().optional(),
            unknown: z.boolean().optional(),
          }),
        ),
      }),
    ),
  })
  .openapi('SchemaRolloutPlan');
const Rollout = z
  .object({
    id: Id,
    toVersion: z.number(),
    phase: z.enum(['expand', 'contract']),
    step: z.enum(['migrating', 'soaking', 'waiting', 'halted', 'completed', 'cancelled']),
    stepSince: z.date(),
    waves: z.array(z.string()),
    wave: z.number(),
    waitsFor: z.string().nullable(),
    waitsForSays: MessageDescriptor.nullable().openapi({ description: 'The same as code and values.' }),
    options: z.record(z.string(), z.unknown()),
    failed: Problem.extend({ gate: z.string(), source: z.string() }).nullable(),
    requestedBy: z.string(),
    requestedByName: z.string(),
    createdAt: z.date(),
    finishedAt: z.date().nullable(),
  })
  .openapi('SchemaRollout');
const Whole = z.object({
  rollout: Rollout,
  sources: z.array(
    z.object({
      name: z.string(),
      wave: z.number(),
      state: z.enum(['waiting', 'pinned', 'running', 'expanded', 'done', 'failed', 'skipped']),
      fromVersion: z.number().nullable(),
      version: z.number().nullable(),
      attempts: z.number(),
      tookMs: z.number().nullable(),
      problem: Problem.nullable(),
    }),
  ),
  events: z.array(z.object({ at: z.date(), event: z.string(), detail: z.record(z.string(), z.unknown()) })),
});
export type SchemaRolloutAnswer = AnswerOf<typeof Rollout>;
export type SchemaRolloutWhole = AnswerOf<typeof Whole>;
export type SchemaRolloutPlanAnswer = AnswerOf<typeof Plan>;
export type StartSchemaRolloutBody = BodyOf<typeof Start>;

export async function rolloutParts({
  operations,
  application,
  operator,
}: OperatorDependencies): Promise<SchemaRolloutDependencies> {
  return { operations, application, files: await operator.schemaFiles() };
}

/** Which rollout the person sees: another one may have been started since. */
const Seen = z.object({
  rollout: Id.optional().openapi({ description: 'Refused where this is not the open one any more.' }),
});

export function operatorSchemaRolloutRoutes(parts: OperatorDependencies) {
  const routes = createRouter(parts);
  const store = new SchemaRolloutStore(parts.operations.pool);
  routes.route('/drift', operatorDriftRoutes(parts));

  const shown = async (rollouts: SchemaRollout[]) => {
    const nameOf = await parts.actorNames.of(rollouts.map(({ requestedBy }) => requestedBy));
    return rollouts.map(({ files: _, onlyNewSince: __, options, ...rollout }) => ({
      ...{ ...rollout, options: { ...options }, requestedByName: nameOf(rollout.requestedBy) },
      waitsForSays: (rollout.waitsFor && parseRolloutWait(rollout.waitsFor)) || null,
    }));
  };
  const whole = async (found: SchemaRollout) => {
    const [sources, events] = await Promise.all([store.sources(found.id), store.events(found.id)]);
    const [rollout] = await shown([found]);
    return { rollout: rollout as NonNullable<typeof rollout>, sources, events };
  };
  const openOne = async (seen: string | undefined) => {
    const open = await store.open();
    if (seen === undefined || !open || open.id === seen) return open;
    throw new SchemaRolloutError(
      'schema_rollout_unknown',
      'This rollout has ended, and another one is open.',
      {
        hint: 'Reload the page to see the open one.',
      },
    );
  };
  /** Goes on at once in this process; where another one does, or this one ends, the job of each minute does. */
  const advance = (context: Context<Environment>, session: Session, { id, toVersion }: SchemaRollout) =>
    beginTask(
      context,
      parts,
      session,
      { kind: 'schema_rollouts.advance', subject: id, title: `Version ${toVersion}` },
      async ({ signal }) => {
        const advanced = await advanceSchemaRollout(await rolloutParts(parts), signal).catch(
          (error: unknown) => {
            if (error instanceof OperationsError && error.code === 'job_running') return undefined;
            throw error;
          },
        );
        return { step: advanced?.step ?? null };
      },
    );

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'service.read'),
    tags: ['Schema rollouts'],
    summary: 'Schema rollouts: every tenant data database is brought to this program’s schema, in waves.',
    responses: { 200: json(z.object({ rollouts: z.array(Rollout) }), 'The newest first, at most 20.') },
  });
  routes.openapi(list, async (context) => {
    return context.json({ rollouts: await shown(await store.list()) }, 200);
  });

  const plan = createRoute({
    method: 'post',
    path: '/plan',
    middleware: forOperators(parts, 'service.migrate'),
    tags: ['Schema rollouts'],
    summary: 'What a rollout would do: which databases, which statements, which locks. Changes nothing.',
    request: { body: jsonBody(Start) },
    responses: { 200: json(Plan, 'As of now.') },
  });
  routes.openapi(plan, async (context) => {
    const { user } = await requireSession(context, parts);
    const request = { ...given(context.req.valid('json')), requestedBy: `user:${user.id}`, dryRun: true };
    return context.json((await startSchemaRollout(await rolloutParts(parts), request)).plan, 200);
  });

  const start = createRoute({
    method: 'post',
    path: '/',
    middleware: forOperators(parts, 'service.migrate'),
    tags: ['Schema rollouts'],
    summary: 'Starts a rollout where a database lacks something. One is open at a time.',
    request: { headers: IdempotencyHeader, body: jsonBody(Start) },
    responses: {
      201: json(z.object({ plan: Plan, rollout: Rollout.nullable() }), 'Null: there is nothing to do.'),
    },
  });
  routes.openapi(start, async (context) => {
    const session = await requireSession(context, parts);
    const request = { ...given(context.req.valid('json')), requestedBy: `user:${session.user.id}` };
    const { plan, rollout } = await startSchemaRollout(await rolloutParts(parts), request);
    if (!rollout) return context.json({ plan, rollout: null }, 201);
    await advance(context, session, rollout);
    const [described] = await shown([rollout]);
    return context.json({ plan, rollout: described ?? null }, 201);
  });

  const command = createRoute({
    method: 'post',
    path: '/open/{command}',
    middleware: forOperators(parts, 'service.migrate'),
    tags: ['Schema rollouts'],
    summary: 'Goes on with the open rollout after a halt, or ends it: databases stay as they are.',
    request: {
      headers: IdempotencyHeader,
      query: Seen,
      params: z.object({ command: z.enum(['resume', 'cancel']) }),
      body: jsonBody(z.object({ confirm: z.string().optional() })),
    },
    responses: { 200: json(Whole, 'As it stands then. To cancel, `confirm` is the rollout’s version.') },
  });
  routes.openapi(command, async (context) => {
    const session = await requireSession(context, parts);
    const isResume = context.req.valid('param').command === 'resume';
    const open = await openOne(context.req.valid('query').rollout);
    if (!isResume && open) requireConfirmation(context.req.valid('json').confirm, String(open.toVersion));
    const rollout = await (isResume ? resumeSchemaRollout : cancelSchemaRollout)(await rolloutParts(parts));
    if (isResume) await advance(context, session, rollout);
    return context.json(await whole(rollout), 200);
  });

  const decide = createRoute({
    method: 'post',
    path: '/open/sources/{source}/{command}',
    middleware: forOperators(parts, 'service.migrate'),
    tags: ['Schema rollouts'],
    summary: 'Tries a database of the open rollout again, or leaves it out.',
    request: {
      headers: IdempotencyHeader,
      query: Seen,
      params: z.object({ source: SourceNamed, command: z.enum(['retry', 'skip']) }),
    },
    responses: { 200: json(Whole, 'As it stands then.') },
  });
  routes.openapi(decide, async (context) => {
    const session = await requireSession(context, parts);
    const { source, command } = context.req.valid('param');
    await openOne(context.req.valid('query').rollout);
    const rollout = await decideSource(await rolloutParts(parts), command, source);
    if (rollout.step !== 'halted') await advance(context, session, rollout);
    return context.json(await whole(rollout), 200);
  });

  const one = createRoute({
    method: 'get',
    path: '/{id}',
    middleware: forOperators(parts, 'service.read'),
    tags: ['Schema rollouts'],
    summary: 'One rollout with its databases and events.',
    request: { params: z.object({ id: Id }) },
    responses: { 200: json(Whole, 'As it stands.') },
  });
  routes.openapi(one, async (context) => {
    return context.json(await whole(await store.get(context.req.valid('param').id)), 200);
  });
  return routes;
}

function given({ sources, options }: z.infer<typeof Start>) {
  const set = Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== undefined));
  return { options: set, ...(sources ? { sources } : {}) };
}
