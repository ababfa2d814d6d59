// `/api/operator/settings`: what is configured, and where; never a secret.
import { createRoute, z } from '@hono/zod-openapi';
import { type AnswerOf, createRouter, json } from '../api/router';
import { forOperators } from '.';
import type { OperatorDependencies } from './dependencies';

const Settings = z.object({
  settings: z.array(
    z.object({
      name: z.string().openapi({ description: 'The variable; .env.example documents it.' }),
      value: z.string().nullable().openapi({ description: 'Null where it is a secret, or not set.' }),
      isSecret: z.boolean(),
      from: z
        .enum(['environment', 'start', 'command_line', 'default', 'unset'])
        .openapi({ description: 'start: `npm start` keeps it in its state directory.' }),
    }),
  ),
  services: z.array(
    z.object({
      code: z.string().openapi({ description: 'The first of its variables.' }),
      name: z.string(),
      state: z.enum(['ready', 'incomplete', 'not set up']),
      without: z.string().openapi({ description: 'What is missing while it is not ready.' }),
      missing: z.array(z.string()),
    }),
  ),
});
export type OperatorSettings = AnswerOf<typeof Settings>;

export function operatorSettingRoutes(parts: OperatorDependencies) {
  const routes = createRouter(parts);
  const show = createRoute({
    method: 'get',
    path: '/',
    middleware: forOperators(parts, 'service.read'),
    tags: ['Operator'],
    summary: 'Every variable that is read, where it is set, and which services are set up.',
    responses: { 200: json(Settings, 'Of the process that answers.') },
  });
  routes.openapi(show, async (context) => {
    return context.json(await parts.operator.settings(), 200);
  });
  return routes;
}
