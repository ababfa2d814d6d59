import { createRoute, z } from '@hono/zod-openapi';
import { readChanges, readHealth, readSamples, type SourceHealth } from '@/lib/fleet/health';
import { MessageDescriptor } from '../../api/message-descriptor';
import { type AnswerOf, createRouter, json } from '../../api/router';
import type { ServerDependencies } from '../../dependencies';
import { RequestError } from '../../errors';
import { forOperators } from '..';
import { BySource } from '../named';

const State = z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']);
const Finding = z.object({
  cause: z.string().openapi({ description: 'Stable; for programs. docs/health.md lists them.' }),
  level: z.enum(['degraded', 'unhealthy']),
  title: z.string(),
  evidence: z.string().openapi({ description: 'What was seen, with numbers.' }),
  nextStep: z.string(),
  said: MessageDescriptor.optional().openapi({ description: 'The evidence as code and values.' }),
});
const Source = z
  .object({
    id: z.uuid(),
    name: z.string(),
    region: z.string().nullable(),
    status: z.string().openapi({ description: 'In the registry. Only active and draining ones are probed.' }),
    state: State,
    since: z.date().nullable(),
    probedAt: z.date().nullable(),
    findings: z.array(Finding).openapi({ description: 'The most telling first.' }),
    measures: z
      .record(z.string(), z.number())
      .openapi({ description: 'Of the last round: `_ms`, `_s`, `_bytes`, shares from 0 to 1.' }),
    facts: z.record(z.string(), z.string()),
  })
  .openapi('SourceHealth');
export type SourceHealthAnswer = AnswerOf<typeof Source>;

const Change = z.object({
  at: z.date(),
  from: State,
  to: State,
  cause: z.string().nullable(),
  title: z.string().nullable(),
  evidence: z.string().nullable(),
  said: MessageDescriptor.optional(),
});
const Sample = z.object({
  at: z.date(),
  rounds: z.number().int(),
  degraded: z.number().int(),
  unhealthy: z.number().int(),
  cause: z.string().nullable(),
  measures: z.record(z.string(), z.object({ avg: z.number(), max: z.number() })),
});
const WithHistory = Source.extend({ changes: z.array(Change), samples: z.array(Sample) });
export type SourceHealthHistory = AnswerOf<typeof WithHistory>;

const Hours = z.object({
  hours: z.coerce
    .number()
    .min(1)
    .max(90 * 24)
    .default(24)
    .openapi({ description: 'Up to 6: single rounds; up to a week: by 5 minutes; else by the hour.' }),
});

/** `/api/operator/health`: for operators. */
export function operatorHealthRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'data_sources.read'),
    tags: ['Operator'],
    summary: 'The health of every data source, the worst first.',
    request: {
      query: z.object({
        limit: z.coerce.number().int().min(1).max(1_000).optional().openapi({ description: 'Default: all.' }),
      }),
    },
    responses: { 200: json(z.object({ sources: z.array(Source) }), 'As of the last rounds of probes.') },
  });
  routes.openapi(list, async (context) => {
    const { limit } = context.req.valid('query');
    return context.json({ sources: await readHealth(parts.operations.pool, undefined, limit) }, 200);
  });

  const one = createRoute({
    method: 'get',
    path: '/{source}',
    middleware: forOperators(parts, 'data_sources.read'),
    tags: ['Operator'],
    summary: 'The health of one data source, with its changes and its history.',
    request: { params: BySource, query: Hours },
    responses: {
      200: json(WithHistory, 'Samples: oldest first.'),
    },
  });
  routes.openapi(one, async (context) => {
    const source = await find(parts, context.req.valid('param').source);
    const [changes, samples] = await Promise.all([
      readChanges(parts.operations.pool, source.id),
      readSamples(parts.operations.pool, source.id, context.req.valid('query').hours),
    ]);
    return context.json({ ...source, changes, samples }, 200);
  });

  return routes;
}

async function find({ operations }: ServerDependencies, name: string): Promise<SourceHealth> {
  const [source] = await readHealth(operations.pool, name);
  if (source) return source;
  throw new RequestError('data_source_unknown', 'There is no data source of this name.');
}
