// `/api/operator/alerts`: as `marquee alerts`.
import { createRoute, z } from '@hono/zod-openapi';
import { type Rule as AlertRule, Alerts, FIXED, parseNote, titleDescriptor } from '@/lib/alerts';
import { MessageDescriptor } from '../api/message-descriptor';
import { type AnswerOf, createRouter, IdempotencyHeader, json, jsonBody } from '../api/router';
import { authorOf } from '../context';
import { requireSession } from '../session';
import { forOperators } from '.';
import type { OperatorDependencies } from './dependencies';

const Severity = z.enum(['critical', 'warning', 'notice']);
const Alert = z
  .object({
    id: z.uuid(),
    rule: z.string(),
    severity: Severity,
    cause: z.string(),
    title: z.string(),
    says: MessageDescriptor.nullable().openapi({
      description: 'The title as code and values; null where an operator worded it.',
    }),
    tenantId: z.string().nullable(),
    recordId: z.string().nullable().openapi({ description: 'The record of the audit log that raised it.' }),
    detail: z.record(z.string(), z.unknown()),
    occurrences: z.number(),
    raisedAt: z.date(),
    lastSeenAt: z.date(),
    acknowledgedAt: z.date().nullable(),
    acknowledgedBy: z.string().nullable(),
    acknowledgedByName: z.string().nullable(),
    note: z.string().nullable(),
    noteSays: MessageDescriptor.nullable().openapi({
      description: 'The note of an alert that has ended by itself.',
    }),
    deliveries: z.array(
      z.object({
        channel: z.string(),
        attempts: z.number(),
        deliveredAt: z.date().nullable(),
        lastError: z.string().nullable(),
      }),
    ),
  })
  .openapi('Alert');
const Rule = z
  .object({
    name: z.string(),
    title: z.string(),
    says: MessageDescriptor.nullable().openapi({
      description: 'The title as code and values; null where an operator worded it.',
    }),
    severity: Severity,
    enabled: z.boolean(),
    quietMinutes: z.number(),
    match: z.record(z.string(), z.unknown()),
    when: z.record(z.string(), z.unknown()),
    fixed: z.boolean().openapi({ description: 'Guards the alerts themselves: it cannot be turned off.' }),
  })
  .openapi('AlertRule');
const Changes = z
  .object({
    title: z.string(),
    severity: Severity,
    enabled: z.boolean(),
    quietMinutes: z.number().int(),
    match: z.record(z.string(), z.unknown()),
    when: z.record(z.string(), z.unknown()),
  })
  .partial()
  .openapi({ description: 'Fields below `match` and `when` may be given alone; null removes one.' });
const ByName = z.object({ name: z.string().regex(/^[a-z0-9-]{1,63}$/) });
export type AlertAnswer = AnswerOf<typeof Alert>;
export type AlertRuleAnswer = AnswerOf<typeof Rule>;

export function operatorAlertRoutes(parts: OperatorDependencies) {
  const routes = createRouter(parts);
  const { application, operations, operator, actorNames } = parts;
  const channels = operator.alertChannels;
  const alerts = new Alerts({ application, operations, channels });
  const shownRule = (rule: AlertRule) => ({
    ...rule,
    says: titleDescriptor(rule) ?? null,
    fixed: (FIXED as readonly string[]).includes(rule.name),
  });

  const list = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'alerts.read'),
    tags: ['Alerts'],
    summary: 'Open alerts, or all; each with how it was delivered.',
    request: {
      query: z.object({
        all: z.enum(['true', 'false']).default('false'),
        before: z.uuid().optional().openapi({ description: '`id` of the last alert of the page before.' }),
        limit: z.coerce.number().int().min(1).max(500).default(100),
      }),
    },
    responses: {
      200: json(
        z.object({ alerts: z.array(Alert), channels: z.array(z.string()) }),
        'The newest first. Channels: where alerts go.',
      ),
    },
  });
  routes.openapi(list, async (context) => {
    const { all, ...page } = context.req.valid('query');
    const found = await alerts.list({ all: all === 'true', ...page });
    const nameOf = await actorNames.of(found.flatMap(({ acknowledgedBy }) => acknowledgedBy ?? []));
    const texts = await actorNames.inTexts(
      found.map(({ title, detail: { says = null } }) => ({ title, says })),
    );
    const shown = found.map(({ detail: { says: _, ...detail }, ...alert }, index) => ({
      ...alert,
      ...{
        title: alert.title,
        says: null,
        ...texts[index],
        detail,
        noteSays: parseNote(alert.note) ?? null,
      },
      acknowledgedByName: alert.acknowledgedBy && nameOf(alert.acknowledgedBy),
    }));
    return context.json({ alerts: shown, channels: channels.map(({ name }) => name) }, 200);
  });

  const acknowledge = createRoute({
    method: 'post',
    path: '/{id}/acknowledge',
    middleware: forOperators(parts, 'alerts.acknowledge'),
    tags: ['Alerts'],
    summary: 'Says that the cause of an alert was looked into.',
    request: {
      headers: IdempotencyHeader,
      params: z.object({ id: z.uuid() }),
      body: jsonBody(z.object({ note: z.string().trim().max(1000).optional() })),
    },
    responses: { 204: { description: 'Acknowledged; the note is kept in the audit log too.' } },
  });
  routes.openapi(acknowledge, async (context) => {
    const { user } = await requireSession(context, parts);
    const { note } = context.req.valid('json');
    const by = authorOf(context, `user:${user.id}`);
    await alerts.acknowledge(context.req.valid('param').id, by, note || undefined);
    return context.body(null, 204);
  });

  const rules = createRoute({
    method: 'get',
    path: '/rules',
    middleware: forOperators(parts, 'alerts.read'),
    tags: ['Alerts'],
    summary: 'The rules: what is worth an alert.',
    responses: { 200: json(z.object({ rules: z.array(Rule) }), 'By name.') },
  });
  routes.openapi(rules, async (context) => {
    return context.json({ rules: (await alerts.rules()).map(shownRule) }, 200);
  });

  const change = createRoute({
    method: 'put',
    path: '/rules/{name}',
    middleware: forOperators(parts, 'alerts.change'),
    tags: ['Alerts'],
    summary: 'Changes a rule, or adds one of the operator’s own.',
    request: { headers: IdempotencyHeader, params: ByName, body: jsonBody(Changes) },
    responses: { 200: json(Rule, 'As it applies from now on.') },
  });
  routes.openapi(change, async (context) => {
    const { user } = await requireSession(context, parts);
    const { name } = context.req.valid('param');
    const rule = await alerts.setRule(name, context.req.valid('json'), authorOf(context, `user:${user.id}`));
    return context.json(shownRule(rule), 200);
  });

  const reset = createRoute({
    method: 'delete',
    path: '/rules/{name}',
    middleware: forOperators(parts, 'alerts.change'),
    tags: ['Alerts'],
    summary: 'Back to the default; removes a rule of the operator’s own.',
    request: { headers: IdempotencyHeader, params: ByName },
    responses: { 204: { description: 'Done.' } },
  });
  routes.openapi(reset, async (context) => {
    const { user } = await requireSession(context, parts);
    await alerts.resetRule(context.req.valid('param').name, authorOf(context, `user:${user.id}`));
    return context.body(null, 204);
  });

  const test = createRoute({
    method: 'post',
    path: '/test',
    middleware: forOperators(parts, 'alerts.change'),
    tags: ['Alerts'],
    summary: 'Sends a test alert by every configured channel.',
    request: { headers: IdempotencyHeader },
    responses: {
      200: json(
        z.object({ results: z.array(z.object({ channel: z.string(), problem: z.string().nullable() })) }),
        'Why it was not sent, or null where it was.',
      ),
    },
  });
  routes.openapi(test, async (context) => {
    const { user } = await requireSession(context, parts);
    return context.json({ results: await alerts.test(authorOf(context, `user:${user.id}`)) }, 200);
  });
  return routes;
}
