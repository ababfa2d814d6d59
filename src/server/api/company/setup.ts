import { createRoute, z } from '@hono/zod-openapi';
import { failureOf } from '@/lib/crm/refusals';
import { sampleRecords } from '@/lib/crm/sample-data';
import { loadSettings } from '@/lib/crm/settings';
import { starterTexts } from '@/lib/crm/starter-texts';
import { GenericRepository } from '@/lib/repositories';
import type { ServerDependencies } from '../../dependencies';
import { ADMINS, requireRole } from '../../require-role';
import { requireTenantContext } from '../../tenant-context';
import { type AnswerOf, createRouter, Id, IdempotencyHeader, json, jsonBody } from '../router';

const Language = z.enum(['en', 'de']);
const StarterText = z.object({
  key: z.string(),
  type: z.enum(['contract', 'email']),
  name: z.string(),
  subject: z.string().optional(),
  content: z.string().openapi({ description: 'HTML for contracts, plain text for emails.' }),
});
const StarterTexts = z.object({ texts: z.array(StarterText) });
const Kept = z.object({
  kept: z.array(
    z.object({
      entity: z.string().openapi({ description: 'Its table.' }),
      id: Id,
      title: z.string(),
      reason: z.enum(['changed', 'in_use']),
    }),
  ),
});
export type StarterTexts = AnswerOf<typeof StarterTexts>;
export type KeptSamples = AnswerOf<typeof Kept>;

const MOST_ATTEMPTS = 9;

/** `/api/setup`: what a new company takes over: texts, and sample data to look around with. */
export function setupRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);

  const texts = createRoute({
    method: 'get',
    path: '/texts',
    tags: ['Setup'],
    summary: 'Contract and emails that a company can start with.',
    request: { query: z.object({ language: Language.default('en') }) },
    responses: { 200: json(StarterTexts, 'The texts, with merge fields.') },
  });
  routes.openapi(texts, async (context) => {
    await requireTenantContext(context, parts);
    return context.json(
      { texts: starterTexts(context.req.valid('query').language).map((text) => ({ ...text })) },
      200,
    );
  });

  const takeTexts = createRoute({
    method: 'post',
    path: '/texts',
    tags: ['Setup'],
    summary: 'Adds starter texts as templates. Those whose name is taken stay as they are.',
    request: {
      headers: IdempotencyHeader,
      body: jsonBody(z.object({ language: Language, keys: z.array(z.string()).max(50) })),
    },
    responses: { 200: json(z.object({ added: z.number().int() }), 'How many were added.') },
  });
  routes.openapi(takeTexts, async (context) => {
    const { client, user } = await requireTenantContext(context, parts);
    const { language, keys } = context.req.valid('json');
    const { rows: present } = await new GenericRepository(client, 'templates').list({ limit: 1000 });
    const isTaken = (type: string, name: string) =>
      present.some((template) => template.type === type && template.name === name);
    const hasContract = present.some(({ type, is_default }) => type === 'contract' && is_default);
    const wanted = starterTexts(language).filter(
      ({ key, type, name }) => keys.includes(key) && !isTaken(type, name),
    );
    const rows = wanted.map(({ type, name, subject, content }) => ({
      ...{ type, name, content, subject: subject ?? null },
      is_default: type === 'contract' && !hasContract,
    }));
    if (rows.length > 0) await new GenericRepository(client, 'templates').createMany(rows);
    const tasks = wanted.flatMap(({ task }) =>
      task ? [{ title: task, priority: 'high', assigned_to: user.id }] : [],
    );
    if (tasks.length > 0) await new GenericRepository(client, 'tasks').createMany(tasks);
    return context.json({ added: rows.length }, 200);
  });

  const load = createRoute({
    method: 'post',
    path: '/sample-data',
    tags: ['Setup'],
    summary: 'Loads sample data to look around with. For owners and admins.',
    description:
      'Does nothing where they are loaded. They are drafts: they reach neither books nor mailboxes.',
    request: { headers: IdempotencyHeader, body: jsonBody(z.object({ language: Language })) },
    responses: { 200: json(z.object({ loaded: z.number().int() }), 'How many records were loaded.') },
  });
  routes.openapi(load, async (context) => {
    const { tenant, user, client } = requireRole(await requireTenantContext(context, parts), ADMINS);
    const { timezone, currency, pipeline } = await loadSettings(client, ['timezone', 'currency', 'pipeline']);
    const open = pipeline.stages.filter(({ kind }) => kind === 'open').map(({ key }) => key);
    const trusted = await parts.manager.getClientForTenant(tenant.id, true);
    const options = {
      language: context.req.valid('json').language,
      ...{ now: new Date(), timezone, currency },
      stages: [open[0] ?? '', open[1] ?? open[0] ?? ''] as const,
      userId: user.id,
    };
    for (let attempt = 1; ; attempt++) {
      // Samples that were kept still have their names.
      const records = sampleRecords({ ...options, suffix: attempt > 1 ? ` ${attempt}` : '' });
      const { data, error, status } = await trusted.rpc('load_sample_data', { records: records as never });
      if (!error) return context.json({ loaded: data }, 200);
      if (error.code !== '23505' || attempt === MOST_ATTEMPTS) throw failureOf(error, status);
    }
  });

  const remove = createRoute({
    method: 'delete',
    path: '/sample-data',
    tags: ['Setup'],
    summary: 'Removes the sample data, except records that were changed or are used. For owners and admins.',
    responses: { 200: json(Kept, 'What stays, as the company’s own.') },
  });
  routes.openapi(remove, async (context) => {
    const { client } = requireRole(await requireTenantContext(context, parts), ADMINS);
    const { data } = await client.rpc('remove_sample_data').throwOnError();
    return context.json({ kept: data as KeptSamples['kept'] }, 200);
  });
  return routes;
}
