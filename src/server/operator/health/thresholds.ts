// `/api/operator/health-thresholds`: as `marquee health thresholds`.
import { createRoute, z } from '@hono/zod-openapi';
import { changeThreshold, readThresholds, THRESHOLDS, type ThresholdName } from '@/lib/fleet/health';
import { type AnswerOf, createRouter, IdempotencyHeader, json, jsonBody } from '../../api/router';
import { authorOf } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { requireSession } from '../../session';
import { forOperators } from '..';

const Source = z
  .string()
  .min(1)
  .max(63)
  .optional()
  .openapi({ description: 'A data source’s name; all without it.' });
const Threshold = z
  .object({ name: z.string(), value: z.number(), default: z.number(), means: z.string() })
  .openapi('HealthThreshold');
export type HealthThresholdAnswer = AnswerOf<typeof Threshold>;

export function operatorThresholdRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { operations } = parts;
  const find = async (name: string | undefined) =>
    name === undefined ? undefined : operations.dataSources.get(name);
  const read = async (source: { id: string } | undefined) => {
    const values = (await readThresholds(operations.pool))(source?.id ?? '');
    return Object.entries(THRESHOLDS).map(([name, { default: usual, means }]) => ({
      ...{ name, value: values[name as ThresholdName], default: usual, means },
    }));
  };
  const answer = { 200: json(z.object({ thresholds: z.array(Threshold) }), 'In force.') };

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'data_sources.read'),
    tags: ['Operator'],
    summary: 'When a data source counts as degraded or unhealthy.',
    request: { query: z.object({ source: Source }) },
    responses: answer,
  });
  routes.openapi(list, async (context) => {
    return context.json({ thresholds: await read(await find(context.req.valid('query').source)) }, 200);
  });

  const change = createRoute({
    method: 'put',
    path: '/{name}',
    middleware: forOperators(parts, 'data_sources.change'),
    tags: ['Operator'],
    summary: 'Changes one, for all data sources or for one. Null goes back to the default.',
    request: {
      headers: IdempotencyHeader,
      params: z.object({ name: z.string().min(1).max(60) }),
      body: jsonBody(
        z.object({
          source: Source,
          value: z.number().nullable(),
          expected: z
            .number()
            .optional()
            .openapi({ description: 'What is in force, as it was read: refused where it is another now.' }),
        }),
      ),
    },
    responses: answer,
  });
  routes.openapi(change, async (context) => {
    const { user } = await requireSession(context, parts);
    const { source: named, ...change } = context.req.valid('json');
    const source = await find(named);
    const { name } = context.req.valid('param');
    await changeThreshold(parts, source, { name, ...change }, authorOf(context, `user:${user.id}`));
    return context.json({ thresholds: await read(source) }, 200);
  });
  return routes;
}
