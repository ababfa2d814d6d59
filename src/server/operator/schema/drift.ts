// `/api/operator/schema-rollouts/drift`: as `marquee migrate drift`.
import { createRoute, z } from '@hono/zod-openapi';
import { acceptDrift, isHarmful, readDrift } from '@/lib/fleet/schema-rollout';
import { type AnswerOf, createRouter, IdempotencyHeader, json, jsonBody } from '../../api/router';
import { requireRecentProof, requireSession } from '../../session';
import { forOperators } from '..';
import { requireConfirmation, typedName } from '../confirmation';
import type { OperatorDependencies } from '../dependencies';
import { BySource } from '../named';

const Found = z.object({
  lookedAt: z
    .date()
    .nullable()
    .openapi({ description: 'When all databases were last compared; null if they never were.' }),
  databases: z.number(),
  drifted: z.array(z.string()),
  unread: z.array(z.string()),
});
const Drift = z
  .object({
    source: z.string(),
    reference: z
      .string()
      .openapi({ description: 'What shows what this version consists of: `migrations`, or a data source.' }),
    differences: z.array(
      z.object({
        kind: z.string(),
        name: z.string(),
        change: z.enum(['missing', 'unexpected', 'changed']),
        expected: z.string().optional(),
        found: z.string().optional(),
        harmful: z.boolean().openapi({ description: 'A migration could fail at it, or tenants be harmed.' }),
      }),
    ),
  })
  .openapi('SchemaDrift');
export type SchemaDriftAnswer = AnswerOf<typeof Drift>;
export type SchemaDriftFound = AnswerOf<typeof Found>;

export function operatorDriftRoutes(parts: OperatorDependencies) {
  const routes = createRouter(parts);
  const { operations, application } = parts;

  const found = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'service.read'),
    tags: ['Schema rollouts'],
    summary: 'Databases whose schema is not that of their version, as of the last nightly look.',
    responses: { 200: json(Found, 'By name.') },
  });
  routes.openapi(found, async (context) => {
    const [last] = await operations.jobs.history.list({
      queue: 'schema-drift',
      state: 'completed',
      limit: 1,
    });
    const {
      databases = 0,
      drifted = [],
      unread = [],
    } = (last?.output ?? {}) as Partial<z.infer<typeof Found>>;
    return context.json({ lookedAt: last?.completedAt ?? null, databases, drifted, unread }, 200);
  });

  const one = createRoute({
    method: 'get',
    path: '/{source}',
    middleware: forOperators(parts, 'service.read'),
    tags: ['Schema rollouts'],
    summary: 'What the schema of a database lacks of its own version, has beside it, or has in another form.',
    request: { params: BySource },
    responses: { 200: json(Drift, 'Read from the database now.') },
  });
  routes.openapi(one, async (context) => {
    const source = await operations.dataSources.get(context.req.valid('param').source);
    const { reference, differences } = await readDrift(operations, source);
    const shown = differences.map((difference) => ({ ...difference, harmful: isHarmful(difference) }));
    return context.json({ source: source.name, reference, differences: shown }, 200);
  });

  const accept = createRoute({
    method: 'post',
    path: '/{source}/accept',
    middleware: forOperators(parts, 'service.migrate'),
    tags: ['Schema rollouts'],
    summary: 'From now on this database’s schema is what its version consists of. Needs a recent proof.',
    request: {
      headers: IdempotencyHeader,
      params: BySource,
      body: jsonBody(z.object({ confirm: typedName('data source') })),
    },
    responses: { 204: { description: 'Accepted, for all databases of that version.' } },
  });
  routes.openapi(accept, async (context) => {
    const session = await requireSession(context, parts);
    const source = await operations.dataSources.get(context.req.valid('param').source);
    requireConfirmation(context.req.valid('json').confirm, source.name);
    requireRecentProof(session);
    await acceptDrift({ operations, application }, source);
    return context.body(null, 204);
  });
  return routes;
}
