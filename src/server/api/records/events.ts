import { createRoute, z } from '@hono/zod-openapi';
import type { PostgrestSingleResponse } from '@supabase/postgrest-js';
import { failureOf } from '@/lib/crm/refusals';
import type { ServerDependencies } from '../../dependencies';
import { requireTenantContext } from '../../tenant-context';
import { ById, createRouter, Id, json, jsonBody, Money } from '../router';

const Time = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, 'must be a time such as 18:00');
const Question = z
  .object({
    dates: z
      .array(
        z.object({
          event_date: z.iso.date(),
          start_time: Time,
          end_time: Time,
          setup_time: Time.optional(),
          teardown_minutes: z.number().int().min(0).max(2880).optional(),
          timezone: z.string().max(60).optional(),
        }),
      )
      .min(1)
      .max(31),
    package_id: Id.optional(),
    booth_type_id: Id.optional(),
    location_id: Id.optional(),
    booths_needed: z.number().int().min(1).max(1000).optional(),
    crew_needed: z.number().int().min(0).max(1000).optional(),
    without_event: Id.optional().openapi({ description: 'Ignore what this event has reserved.' }),
  })
  .openapi('AvailabilityQuestion');

const Answer = z
  .object({
    available: z.boolean(),
    dates: z.array(z.record(z.string(), z.unknown())),
    alternatives: z.array(z.object({ shift_days: z.number().int(), event_dates: z.array(z.string()) })),
  })
  .openapi('Availability');

const Readiness = z
  .object({
    event_id: Id,
    score: z.number().int(),
    paid: z.boolean(),
    signed: z.boolean(),
    designed: z.boolean(),
    staffed: z.boolean(),
    packed: z.boolean(),
    briefed: z.boolean(),
    next_fix: z.string().nullable(),
  })
  .openapi('Readiness');

const Earned = z.object({
  currency: z.string(),
  revenue: Money,
  labour: Money,
  custom_items: Money,
  fees: Money,
  travel: Money,
  profit: Money,
  margin_percent: z.number().nullable(),
});

const Profit = Earned.extend({
  others: z.array(Earned).openapi({ description: 'The same in each further currency of its invoices.' }),
}).openapi('Profit');

/** Questions that a function of the database answers: availability, readiness, profit, search. */
export function eventRoutes(parts: ServerDependencies) {
  const routes = createRouter();

  const availability = createRoute({
    method: 'post',
    path: '/availability',
    tags: ['Events'],
    summary: 'Whether an event can be taken.',
    description:
      'For each date: booths, equipment, crew and travel, each with the reason; and the nearest days that fit.',
    request: { body: jsonBody(Question) },
    responses: { 200: json(Answer, 'Yes or no, and why.') },
  });
  routes.openapi(availability, async (context) => {
    const { client } = await requireTenantContext(context, parts);
    const answer = answerOf(await client.rpc('check_availability', context.req.valid('json')));
    return context.json(answer as z.infer<typeof Answer>, 200);
  });

  const readiness = createRoute({
    method: 'get',
    path: '/events/readiness',
    tags: ['Events'],
    summary: 'How ready upcoming events are, and what each needs next.',
    request: {
      query: z.object({ days: z.coerce.number().int().min(1).max(730).default(60), event: Id.optional() }),
    },
    responses: { 200: json(z.object({ events: z.array(Readiness) }), 'The soonest first.') },
  });
  routes.openapi(readiness, async (context) => {
    const { client } = await requireTenantContext(context, parts);
    const { days, event } = context.req.valid('query');
    const question = event ? { for_event: event } : { days };
    const events = answerOf(await client.rpc('event_readiness', question));
    return context.json({ events }, 200);
  });

  const profit = createRoute({
    method: 'get',
    path: '/events/{id}/profit',
    tags: ['Events'],
    summary: 'What an event earned. For owners, admins and managers.',
    request: { params: ById },
    responses: {
      200: json(Profit, 'Minor units of its currency; the company’s own where the event has amounts in it.'),
    },
  });
  routes.openapi(profit, async (context) => {
    const { client } = await requireTenantContext(context, parts);
    const { id } = context.req.valid('param');
    const [earned, ...others] = answerOf(await client.rpc('event_profit', { event_id: id }));
    return context.json({ ...earned, others } as z.infer<typeof Profit>, 200);
  });

  const search = createRoute({
    method: 'get',
    path: '/search',
    tags: ['Search'],
    summary: 'Finds records by a few letters, tolerating typing errors, among those the caller may see.',
    request: {
      query: z.object({
        q: z.string().min(1).max(200),
        limit: z.coerce.number().int().min(1).max(100).default(20),
      }),
    },
    responses: { 200: json(z.object({ found: z.array(z.record(z.string(), z.unknown())) }), 'Best first.') },
  });
  routes.openapi(search, async (context) => {
    const { client } = await requireTenantContext(context, parts);
    const { q: query, limit: max_results } = context.req.valid('query');
    const found = answerOf(await client.rpc('search_records', { query, max_results }));
    return context.json({ found }, 200);
  });
  return routes;
}

/** What a function of the tenant's database returned. @throws RepositoryError with the rule's own message */
function answerOf<T>({ data, error, status }: PostgrestSingleResponse<T>): T {
  if (error) throw failureOf(error, status);
  return data;
}
