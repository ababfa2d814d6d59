import { createRoute, z } from '@hono/zod-openapi';
import { mergeValues, readDealRows } from '@/lib/crm/closing';
import {
  COMPANY_DETAILS,
  checkSetting,
  loadMissingCompanyDetails,
  readSetting,
  SETTINGS,
  type SettingKey,
} from '@/lib/crm/settings';
import { checkTemplate, MERGE_FIELDS, mergeTemplate } from '@/lib/crm/templates';
import { GenericRepository, RepositoryError } from '@/lib/repositories';
import type { ServerDependencies } from '../../dependencies';
import { requireTenantContext } from '../../tenant-context';
import { type AnswerOf, createRouter, Id, json, jsonBody } from '../router';

const Setting = z
  .object({
    key: z.string(),
    value: z.unknown(),
    version: z.number().int().nullable().openapi({ description: 'Null while nothing is stored.' }),
  })
  .openapi('Setting');

const CompanyDetails = z.object({ missing: z.array(z.enum(COMPANY_DETAILS)) }).openapi('CompanyDetails');

export type CompanyDetails = AnswerOf<typeof CompanyDetails>;

/** `/api/settings`: each setting is checked by its schema before it is stored. */
export function settingRoutes(parts: ServerDependencies) {
  const routes = createRouter();

  const list = createRoute({
    method: 'get',
    path: '/',
    tags: ['Settings'],
    summary: 'Every setting: the stored value, or the initial one.',
    responses: { 200: json(z.object({ settings: z.array(Setting) }), 'The settings.') },
  });
  routes.openapi(list, async (context) => {
    const { client } = await requireTenantContext(context, parts);
    const keys = Object.keys(SETTINGS) as SettingKey[];
    const { rows } = await new GenericRepository(client, 'tenant_settings').list({
      filter: { key: keys },
      limit: keys.length,
    });
    const stored = new Map(rows.map((row) => [row.key, row]));
    const settings = keys.map((key) => ({
      key,
      value: readSetting(key, stored.get(key)?.value) as unknown,
      version: stored.get(key)?.version ?? null,
    }));
    return context.json({ settings }, 200);
  });

  const put = createRoute({
    method: 'put',
    path: '/{key}',
    tags: ['Settings'],
    summary: 'Changes a setting. For owners and admins.',
    request: {
      params: z.object({ key: z.string().max(60) }),
      body: jsonBody(
        z.object({
          value: z.unknown(),
          version: z.number().int().optional().openapi({
            description: 'The version as read: the change is refused if the setting changed since.',
          }),
        }),
      ),
    },
    responses: { 200: json(Setting, 'As it is stored.') },
  });
  routes.openapi(put, async (context) => {
    const { client } = await requireTenantContext(context, parts);
    const { key } = context.req.valid('param');
    const { value: given, version } = context.req.valid('json');
    const value = checkSetting(key, given);
    const settings = new GenericRepository(client, 'tenant_settings');
    const change = { value: value as never };
    const existing = await settings.findOne({ key });
    const row = existing
      ? await settings.update(existing.id, change, version === undefined ? {} : { version })
      : await settings.create({ key, ...change }).catch(async (error: unknown) => {
          // Another request stored it first.
          const made = isConflict(error) ? await settings.findOne({ key }) : undefined;
          if (!made) throw error;
          return settings.update(made.id, change);
        });
    return context.json({ key, value: row.value as unknown, version: row.version }, 200);
  });

  const details = createRoute({
    method: 'get',
    path: '/company-details',
    tags: ['Settings'],
    summary:
      'Which details of the company its clients would miss on its page, in its mail and on its documents.',
    responses: { 200: json(CompanyDetails, 'What is missing.') },
  });
  routes.openapi(details, async (context) => {
    const { client } = await requireTenantContext(context, parts);
    return context.json({ missing: await loadMissingCompanyDetails(client) }, 200);
  });

  const fields = createRoute({
    method: 'get',
    path: '/merge-fields',
    tags: ['Settings'],
    summary: 'The merge fields that templates may use, with what they stand for.',
    responses: { 200: json(z.object({ fields: z.record(z.string(), z.string()) }), 'The fields.') },
  });
  routes.openapi(fields, async (context) => {
    await requireTenantContext(context, parts);
    return context.json({ fields: { ...MERGE_FIELDS } }, 200);
  });

  const check = createRoute({
    method: 'post',
    path: '/check-template',
    tags: ['Settings'],
    summary: 'Checks a template before it is saved: unknown merge fields are refused.',
    request: { body: jsonBody(z.object({ content: z.string().max(1_000_000) })) },
    responses: { 200: json(z.object({ valid: z.literal(true) }), 'It can be saved.') },
  });
  routes.openapi(check, async (context) => {
    await requireTenantContext(context, parts);
    checkTemplate(context.req.valid('json').content);
    return context.json({ valid: true as const }, 200);
  });

  const preview = createRoute({
    method: 'post',
    path: '/preview-template',
    tags: ['Settings'],
    summary: 'A template with the values of a quote’s deal, and which values are missing.',
    request: {
      body: jsonBody(
        z.object({
          content: z.string().max(1_000_000),
          format: z.enum(['html', 'text']).default('html'),
          quoteId: Id.optional().openapi({ description: 'Without one: the company’s own values only.' }),
        }),
      ),
    },
    responses: {
      200: json(
        z.object({
          content: z
            .string()
            .openapi({ description: 'Sanitized where it is HTML; what is missing in brackets.' }),
          missing: z.array(z.string()),
        }),
        'The preview.',
      ),
    },
  });
  routes.openapi(preview, async (context) => {
    const { client } = await requireTenantContext(context, parts);
    const { content, format, quoteId } = context.req.valid('json');
    const values = await mergeValues(client, quoteId ? await readDealRows(client, quoteId) : {});
    return context.json(mergeTemplate(content, values, format), 200);
  });
  return routes;
}

function isConflict(error: unknown): boolean {
  return error instanceof RepositoryError && error.code === 'record_conflict';
}
