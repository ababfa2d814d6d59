import { createRoute, z } from '@hono/zod-openapi';
import { readNames } from '@/lib/data-sources';
import {
  GRANULARITIES,
  monthOf,
  periodOfMonth,
  readConsumptionPage,
  readExpensiveStatements,
  readFreshness,
  readMonth,
  readPeriod,
} from '@/lib/usage';
import { type AnswerOf, createRouter, Id, json } from '../../api/router';
import type { ServerDependencies } from '../../dependencies';
import { forOperators } from '..';

const count = (description: string) => z.number().openapi({ description });
const Consumption = z
  .object({
    start: z.date(),
    place: z
      .string()
      .openapi({ description: 'Id of a data source; `platform` for what none has a part in.' }),
    source: z.string().openapi({ description: 'Name of the data source.' }),
    statements: count('Run, also those that failed.'),
    rows: count('Read or changed.'),
    bytesIn: count('To the data source.'),
    bytesOut: count('From the data source.'),
    querySeconds: count('Statements under way.'),
    connectionSeconds: count('Connections held.'),
    egressBytes: count('HTTP answers as sent, and messages of live changes.'),
    mails: count('Sent.'),
    storageByteHours: count('Sampled once an hour; divided by `sampledHours` it is the average.'),
    fileByteHours: count('As `storageByteHours`.'),
    backupByteHours: count('As `storageByteHours`.'),
    sampledHours: count('Hours in which storage, files and backups were sampled.'),
  })
  .openapi('Consumption');
const Page = z.object({
  from: z.date(),
  to: z.date(),
  granularity: z.enum(GRANULARITIES),
  asOf: z
    .date()
    .openapi({ description: 'Usage before this time is included in the counts. Not older than 15 minutes.' }),
  lateProcesses: z
    .number()
    .int()
    .openapi({ description: 'Processes that have not added their counts for longer than that.' }),
  tenants: z.array(z.object({ id: Id, subdomain: z.string(), consumption: z.array(Consumption) })),
  next: z.string().nullable().openapi({ description: '`after` of the next page.' }),
});
const Statements = z.object({
  month: z.string(),
  statements: z.array(
    z.object({
      source: z.string(),
      fingerprint: z.string(),
      statement: z.string().openapi({ description: 'Without its values.' }),
      calls: z.number(),
      querySeconds: z.number(),
      rows: z.number(),
      share: z.number().openapi({ description: 'Of the tenant’s query time, from 0 to 1.' }),
    }),
  ),
});
export type UsagePage = AnswerOf<typeof Page>;
export type UsageStatements = AnswerOf<typeof Statements>;
const Month = z
  .string()
  .max(7)
  .optional()
  .openapi({ description: 'Such as `2026-11`. Default: this month.' });

/** `/api/operator/usage`: what tenants have used. */
export function operatorUsageRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { pool, dataSources } = parts.operations;

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'usage.read'),
    tags: ['Operator'],
    summary: 'What tenants have used, by data source and hour, day or month; tenants page by page.',
    request: {
      query: z.object({
        from: z
          .string()
          .max(30)
          .optional()
          .openapi({ description: 'Month, day or time in UTC; widened to a whole unit.' }),
        to: z.string().max(30).optional().openapi({ description: 'Not included. Default: now.' }),
        granularity: z.enum(GRANULARITIES).default('daily').openapi({
          description: 'At most 7 days hourly, 92 days daily, 3 years monthly. Hours are kept for 62 days.',
        }),
        tenant: Id.optional(),
        source: z.string().max(63).optional().openapi({ description: 'Name or id of a data source.' }),
        limit: z.coerce
          .number()
          .int()
          .min(1)
          .max(100)
          .default(10)
          .openapi({ description: 'Tenants of a page.' }),
        after: Id.optional().openapi({ description: '`next` of the page before.' }),
      }),
    },
    responses: {
      200: json(Page, 'Tenants in the order of their ids; of each, what it used in order of place and time.'),
    },
  });
  routes.openapi(list, async (context) => {
    const { granularity, tenant, source, limit, after, ...given } = context.req.valid('query');
    const period = readPeriod(given, granularity);
    const place = source === undefined ? undefined : (await dataSources.get(source)).id;
    const [{ consumption, cursor: next }, { asOf, late }] = await Promise.all([
      readConsumptionPage(pool, {
        ...period,
        granularity,
        place,
        limit,
        after,
        ...(tenant && { tenantIds: [tenant] }),
      }),
      readFreshness(pool),
    ]);
    const names = await readNames(
      parts,
      consumption.map(({ tenantId }) => tenantId),
    );
    const tenants = [...new Set(consumption.map(({ tenantId }) => tenantId))].map((id) => ({
      ...{ id, subdomain: names.tenant(id) },
      consumption: consumption
        .filter(({ tenantId }) => tenantId === id)
        .map(({ tenantId: _, startsAt: start, ...used }) => ({
          start,
          source: names.source(used.place),
          ...used,
        })),
    }));
    return context.json({ ...period, granularity, asOf, lateProcesses: late, tenants, next }, 200);
  });

  const statements = createRoute({
    method: 'get',
    path: '/{tenant}/statements',
    middleware: forOperators(parts, 'usage.read'),
    tags: ['Operator'],
    summary: 'A tenant’s most expensive, or its slowest, statements in a month.',
    request: {
      params: z.object({ tenant: Id }),
      query: z.object({
        month: Month,
        limit: z.coerce.number().int().min(1).max(50).default(10),
        order: z.enum(['time', 'slowest']).default('time').openapi({
          description: 'time: of all calls together; slowest: a call, on average.',
        }),
      }),
    },
    responses: { 200: json(Statements, 'In the order asked for.') },
  });
  routes.openapi(statements, async (context) => {
    const { month: given, limit, order } = context.req.valid('query');
    const month = given === undefined ? monthOf(new Date()) : readMonth(given);
    const { tenant } = context.req.valid('param');
    const [found, names] = await Promise.all([
      readExpensiveStatements(pool, tenant, periodOfMonth(month), limit, order),
      dataSources.names(),
    ]);
    const shown = found.map(({ place, ...statement }) => ({
      source: names.get(place) ?? place,
      ...statement,
    }));
    return context.json({ month, statements: shown }, 200);
  });

  return routes;
}
