import { createRoute, z } from '@hono/zod-openapi';
import { MAPPED_ROLES } from '@/lib/application';
import { authorOf } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { RequestError } from '../../errors';
import { OWNERS, requireRole } from '../../require-role';
import { requireRecentProof } from '../../session';
import { redirectUri } from '../../sign-in/single-sign-on';
import { requireTenantContext, type TenantContext } from '../../tenant-context';
import { type AnswerOf, type BodyOf, createRouter, json, jsonBody } from '../router';

const Role = z.enum(MAPPED_ROLES);
const Settings = z
  .object({
    issuer: z.url({ protocol: /^https?$/ }).max(500),
    clientId: z.string().trim().min(1).max(500),
    label: z
      .string()
      .trim()
      .min(1)
      .max(60)
      .openapi({ description: 'What the sign-in page calls the provider.' }),
    roleClaim: z.string().trim().max(200).openapi({
      description: 'The claim that lists a user’s groups. Empty where the provider decides no roles.',
    }),
    roles: z
      .array(z.object({ value: z.string().trim().min(1).max(500), role: Role }))
      .max(100)
      .openapi({ description: 'The first group that the user has decides.' }),
    defaultRole: Role.nullable().openapi({
      description: 'Of users in none of the groups; null: they may not sign in.',
    }),
    createsUsers: z
      .boolean()
      .openapi({ description: 'People without an account get one at their first sign-in.' }),
    required: z.boolean().openapi({ description: 'All but owners have to use it.' }),
  })
  .openapi('SingleSignOn');
const NewSettings = Settings.extend({
  /** Left out: the present one stays. Null: the client has none. */
  clientSecret: z.string().min(1).max(2000).nullable().optional(),
});
const Present = z.object({
  settings: Settings.nullable(),
  hasSecret: z.boolean(),
  redirectUri: z.string().openapi({ description: 'To be registered at the provider.' }),
});

export type SingleSignOnAnswer = AnswerOf<typeof Present>;
export type NewSingleSignOn = BodyOf<typeof NewSettings>;

/** `/api/single-sign-on`: the company's own identity provider, for owners only, since it decides who can sign in. */
export function singleSignOnSettingRoutes(parts: ServerDependencies) {
  const routes = createRouter(parts);
  const { singleSignOn } = parts.application;

  const present = async (context: Parameters<typeof redirectUri>[0], { tenant }: TenantContext) => ({
    settings: (await singleSignOn.find(tenant.id)) ?? null,
    hasSecret: (await singleSignOn.secret(tenant.id)) !== undefined,
    redirectUri: redirectUri(context),
  });

  const read = createRoute({
    method: 'get',
    path: '/',
    tags: ['Single sign-on'],
    summary: 'The company’s identity provider. For owners.',
    responses: { 200: json(Present, 'Never the client’s secret.') },
  });
  routes.openapi(read, async (context) => {
    const caller = requireRole(await requireTenantContext(context, parts), OWNERS);
    return context.json(await present(context, caller), 200);
  });

  const change = createRoute({
    method: 'put',
    path: '/',
    tags: ['Single sign-on'],
    summary:
      'Sets up the company’s identity provider, after it was found at its address. For owners, with a recent proof.',
    request: { body: jsonBody(NewSettings) },
    responses: { 200: json(Present, 'In force from the next sign-in.') },
  });
  routes.openapi(change, async (context) => {
    const caller = requireRole(await requireTenantContext(context, parts), OWNERS);
    requireRecentProof(caller);
    const { tenant, user } = caller;
    const { clientSecret, ...settings } = context.req.valid('json');
    const before = await singleSignOn.find(tenant.id);
    if (clientSecret === undefined && before && before.issuer !== settings.issuer) {
      throw new RequestError('request_malformed', 'Another provider needs its own client secret.', {
        hint: 'Enter the secret that the new provider gave you.',
      });
    }
    const secret = clientSecret === undefined ? await singleSignOn.secret(tenant.id) : clientSecret;
    await parts.signIn.singleSignOn.check(settings, secret ?? undefined);
    await singleSignOn.set(tenant.id, settings, clientSecret, authorOf(context, `user:${user.id}`));
    return context.json(await present(context, caller), 200);
  });

  const remove = createRoute({
    method: 'delete',
    path: '/',
    tags: ['Single sign-on'],
    summary: 'Removes the company’s identity provider. For owners, with a recent proof.',
    responses: { 204: { description: 'People sign in with a password again.' } },
  });
  routes.openapi(remove, async (context) => {
    const caller = requireRole(await requireTenantContext(context, parts), OWNERS);
    requireRecentProof(caller);
    const by = authorOf(context, `user:${caller.user.id}`);
    await singleSignOn.set(caller.tenant.id, null, null, by);
    return context.body(null, 204);
  });

  return routes;
}
