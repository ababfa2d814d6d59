// The connections' routes alone, with providers of a test in the place of the vendors'.
import { Hono } from 'hono';
import type { OAuthProvider } from '@/lib/crm/integrations';
import type { Environment } from '@/server';
import { integrationRoutes } from '@/server/api/integrations';
import { createLogger, Metrics } from '@/server/observability';
import { SignIn } from '@/server/sign-in';
import type { Company } from './company';

export function routesWith(company: Company, providers: Record<string, OAuthProvider>): Hono<Environment> {
  const { application, manager, tokens, services } = company;
  const parts = {
    application,
    manager,
    tokens,
    services,
    signIn: new SignIn(application, tokens),
    logger: createLogger('silent'),
    metrics: new Metrics(),
  };
  const app = new Hono<Environment>();
  app.route('/api/integrations', integrationRoutes(parts, providers));
  return app;
}
