import { Hono } from 'hono';
import type { Environment } from '../../context';
import type { ServerDependencies } from '../../dependencies';
import { accountRoutes } from './account';
import { adminRoutes } from './admin';
import { AuthError, sendAuthError } from './errors';
import { factorRoutes } from './factors';
import { mailedRoutes } from './mailed';
import { signInRoutes } from './sign-in';

/**
 * `/auth/v1`: Supabase Auth's HTTP interface, for its clients: sign-in by password or mail, and invitations. Other
 * features are refused in that interface's own form.
 */
export function authRoutes(parts: ServerDependencies): Hono<Environment> {
  const routes = new Hono<Environment>();
  routes.onError((error, context) => sendAuthError(context, error));

  routes.get('/health', (context) =>
    context.json({
      version: 'v1',
      name: 'Marquee',
      description: 'Sign-in of Marquee, for clients of Supabase Auth',
    }),
  );
  routes.get('/settings', (context) =>
    context.json({
      external: { email: true, phone: false, anonymous_users: false },
      disable_signup: true,
      mailer_autoconfirm: false,
      phone_autoconfirm: false,
      sms_provider: '',
      mfa_enabled: true,
      saml_enabled: false,
    }),
  );
  routes.get('/.well-known/jwks.json', async (context) => {
    context.header('cache-control', 'public, max-age=600');
    return context.json(await parts.tokens.publicKeys());
  });
  routes.route('/', signInRoutes(parts));
  routes.route('/', mailedRoutes(parts));
  routes.route('/', accountRoutes(parts));
  routes.route('/', factorRoutes(parts));
  routes.route('/', adminRoutes(parts));
  routes.all('*', () => {
    throw new AuthError(404, 'not_found', 'This is not offered');
  });
  return routes;
}
