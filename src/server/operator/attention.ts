import { createRoute, z } from '@hono/zod-openapi';
import { readOverview } from '@/lib/fleet/overview';
import { MessageDescriptor } from '../api/message-descriptor';
import { type AnswerOf, createRouter, json } from '../api/router';
import type { ServerDependencies } from '../dependencies';
import { forOperators } from '.';

/** Items of each level that one answer has. */
const MOST = 100;

const Item = z.object({
  part: z.string().openapi({ description: 'What it is about: `sources`, `moves`, `backups`, …' }),
  level: z.enum(['bad', 'warning']),
  subject: z.string(),
  state: z.string(),
  detail: z.string().openapi({ description: 'What was seen.' }),
  says: z
    .object({ state: MessageDescriptor, details: z.array(MessageDescriptor.extend({ text: z.string() })) })
    .openapi({ description: 'State and detail as codes and values, for translations.' }),
  next: z.string().openapi({ description: 'The command that helps, or shows more.' }),
  place: z.string().nullable().openapi({ description: 'Id or name of what it is about, for a link.' }),
});
const Attention = z.object({
  readAt: z.date(),
  items: z.array(Item).openapi({ description: `The worst first, at most ${MOST} of each level.` }),
  counts: z
    .object({ bad: z.number().int(), warning: z.number().int() })
    .openapi({ description: 'How many there are.' }),
  parts: z.array(
    z.object({
      name: z.string(),
      state: z.enum(['read', 'unreachable', 'not-set-up']),
      summary: z.string(),
      problem: z.string().nullable(),
    }),
  ),
});
export type Attention = AnswerOf<typeof Attention>;

/** How long all operators' pages share one reading, ms: it asks every part of the fleet. One that took long is shared longer. */
const SHARED_MS = { least: 2_000, most: 5_000 };
const SHARED_TIMES = 4;

/** The reading that operators' pages share. */
export class SharedOverview {
  #shared: { at: number; until: number; reading: ReturnType<typeof readOverview> } | undefined;

  constructor(private readonly parts: ServerDependencies) {}

  read() {
    if (this.#shared && Date.now() < this.#shared.until) return this.#shared;
    const at = Date.now();
    const { application, operations, operator } = this.parts;
    const reading = readOverview({ application, operations, backups: operator?.backups });
    const mine = { at, until: Number.POSITIVE_INFINITY, reading };
    void reading.finally(() => {
      const shareMs = Math.max(SHARED_MS.least, SHARED_TIMES * (Date.now() - at));
      mine.until = Date.now() + Math.min(SHARED_MS.most, shareMs);
    });
    this.#shared = mine;
    return mine;
  }

  /** Called after an operator has changed something, so that they see the effect at once. */
  forget(): void {
    this.#shared = undefined;
  }
}

/** `/api/operator/attention`: all that is wrong across the fleet. */
export function operatorAttentionRoutes(parts: ServerDependencies, overview: SharedOverview) {
  const routes = createRouter(parts);
  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'service.read'),
    tags: ['Operator'],
    summary: 'What needs attention: each with what was seen, and one step that helps.',
    request: { query: z.object({ part: z.string().max(63).optional() }) },
    responses: {
      200: json(Attention, 'A part that cannot be read is reported as such; the others are complete.'),
    },
  });
  routes.openapi(list, async (context) => {
    const { part: wanted } = context.req.valid('query');
    const { at, reading } = overview.read();
    const found = await reading;
    const all = found
      .filter(({ name }) => wanted === undefined || name === wanted)
      .flatMap(({ name, items }) => items.map((item) => ({ part: name, ...item })));
    const byLevel = Map.groupBy(all, ({ level }) => level);
    const items = (['bad', 'warning'] as const).flatMap((level) =>
      (byLevel.get(level) ?? [])
        .slice(0, MOST)
        .map(({ part, subject, state, detail, says, next, values }) => ({
          ...{ part, level, subject, state, detail, says, next },
          place: placeOf(values),
        })),
    );
    const counts = { bad: byLevel.get('bad')?.length ?? 0, warning: byLevel.get('warning')?.length ?? 0 };
    const named = await parts.actorNames.inTexts(items);
    const shown = found.map(({ name, state, summary, problem }) => ({ name, state, summary, problem }));
    return context.json({ readAt: new Date(at), items: named, counts, parts: shown }, 200);
  });
  return routes;
}

/** The name, or id, by which the console finds the page about it. */
function placeOf({ id, name, subdomain, source, dataSource }: Record<string, unknown>): string | null {
  const found = [name, subdomain, source, dataSource, id].find((value) => typeof value === 'string');
  return (found as string | undefined) ?? null;
}
