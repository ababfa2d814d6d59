import { createRoute, z } from '@hono/zod-openapi';
import { GROUPINGS, readMap } from '@/lib/fleet/map';
import { type AnswerOf, createRouter, json } from '../api/router';
import type { ServerDependencies } from '../dependencies';
import { forOperators } from '.';

const Source = z.object({
  id: z.uuid(),
  name: z.string(),
  kind: z.enum(['shared', 'dedicated', 'byod', 'supabase']),
  engine: z.enum(['postgresql', 'supabase']),
  region: z.string().nullable(),
  status: z.enum(['provisioning', 'active', 'draining', 'offline']),
  capacity: z.number().nullable(),
  state: z.enum(['healthy', 'degraded', 'unhealthy', 'unknown']),
  cause: z.string().nullable(),
  causeName: z.string().nullable().openapi({ description: 'The cause as a code.' }),
  tenants: z
    .number()
    .int()
    .nullable()
    .openapi({ description: 'Null while the application database does not answer.' }),
  transactionsPerSecond: z.number().nullable(),
  replicas: z.array(z.object({ host: z.string(), region: z.string().nullable() })),
  lagBytes: z.number().nullable(),
  isFound: z.boolean().openapi({ description: 'By the search.' }),
});
const Count = z.number().int();
const Group = z.object({
  name: z.string().openapi({ description: 'Region or kind; empty where its sources have none.' }),
  isOpen: z.boolean(),
  tenants: Count.nullable(),
  states: z
    .object({ healthy: Count, degraded: Count, unhealthy: Count, unknown: Count })
    .openapi({ description: 'How many sources it has in each.' }),
  transactionsPerSecond: z.number(),
  sources: z.array(Source).openapi({ description: 'Of an open group, the worst first.' }),
});
const FleetMap = z
  .object({
    application: z.boolean().openapi({ description: 'Whether the application database answers.' }),
    groups: z.array(Group),
    found: Count.openapi({ description: 'Sources that the search has found.' }),
    moves: z.array(
      z.object({
        ...{ id: z.uuid(), tenant: z.string(), from: z.string(), to: z.string(), step: z.string() },
        ...{ fromGroup: z.string(), toGroup: z.string() },
      }),
    ),
  })
  .openapi('FleetMap');
const Name = z.string().max(63);
const View = z.object({
  by: z.enum(GROUPINGS).optional(),
  toggled: z
    .union([Name.transform((name) => [name]), z.array(Name).max(500)])
    .optional()
    .openapi({
      description: 'Groups to open; of a fleet of up to 40 sources, whose groups are open, to close.',
    }),
  search: z
    .string()
    .max(200)
    .optional()
    .openapi({ description: 'Opens the groups in which something is found.' }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(300)
    .optional()
    .openapi({ description: 'Sources of each group.' }),
});

export type FleetMapAnswer = AnswerOf<typeof FleetMap>;

/** `/api/operator/map`: groups of data sources with health, load and number of tenants, and the moves between them. */
export function operatorMapRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const read = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'data_sources.read'),
    tags: ['Operator'],
    summary: 'The fleet as a map. The tenants of a source: GET /operator/tenants?source=…',
    request: { query: View },
    responses: { 200: json(FleetMap, 'As of the last rounds of probes.') },
  });
  routes.openapi(read, async (context) => {
    return context.json(await readMap(parts, context.req.valid('query')), 200);
  });
  return routes;
}
