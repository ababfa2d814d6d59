import { declareFailures, MarqueeError } from '@/lib/failures';

const APPLICATION_FAILURES = declareFailures('application', 'operator', {
  tenant_unknown: {
    category: 'not-found',
    means: 'No tenant has this id or subdomain.',
    hint: 'List the tenants with: marquee tenant list',
    userText: {
      message: 'There is no company at this address.',
      hint: 'Check the address: it begins with your company’s name.',
    },
  },
  tenant_invalid: {
    category: 'invalid',
    means: 'A column of the tenant breaks a rule of the application database.',
    hint: 'Check its name, status and tenant_id_in_data_source (a UUID).',
  },
  connection_pool_config_invalid: {
    category: 'invalid',
    means: 'The column connection_pool_config has an unknown key or a value out of range.',
    hint: 'See docs/connection-pool-config.md for its keys and their ranges.',
  },
  subdomain_taken: {
    category: 'conflict',
    audience: 'user',
    means: 'Another tenant has this subdomain.',
    hint: 'Choose another one.',
  },
  subdomain_invalid: {
    category: 'invalid',
    audience: 'user',
    means: 'The subdomain is not a DNS label.',
    hint: 'Use 1 to 63 letters a to z, digits and hyphens; no hyphen at either end.',
  },
  subdomain_reserved: {
    category: 'invalid',
    audience: 'user',
    means: 'The subdomain is one that Marquee keeps for itself.',
    hint: 'Choose another one.',
  },
  route_changed: {
    category: 'conflict',
    means: 'The tenant was placed elsewhere since its route was read.',
    hint: 'Read the tenant again before you move it.',
  },
  place_taken: {
    category: 'conflict',
    means: 'Another tenant has this id in this data source.',
    hint: 'Each tenant of a data source needs a tenant_id_in_data_source of its own.',
  },
  user_unknown: {
    category: 'not-found',
    audience: 'user',
    means: 'No user has this id or address.',
    hint: 'List the users of the tenant.',
  },
  user_invalid: {
    category: 'invalid',
    audience: 'user',
    means: 'A column of the user breaks a rule of the application database.',
    hint: 'Check email address, name and role; only an operator has no tenant.',
  },
  email_taken: {
    category: 'conflict',
    audience: 'user',
    means: 'Another user of the tenant has this email address.',
    hint: 'Sign in with it, or use another one.',
  },
  last_owner: {
    category: 'conflict',
    audience: 'user',
    means: 'The change would leave the tenant without an owner who can sign in.',
    hint: 'Make another active person owner first.',
  },
  application_database_unreachable: {
    category: 'unavailable',
    means: 'No connection to the application database can be made, or it was lost.',
    hint: 'Check APPLICATION_DATABASE_URL, and that the server is up.',
    userText: { message: 'The service cannot be used right now.', hint: 'Try again in a minute.' },
  },
  application_database_closed: {
    category: 'unavailable',
    means: 'The application database was closed by this process.',
    hint: 'Open it again; close is final.',
    userText: { message: 'The service is restarting.', hint: 'Try again in a minute.' },
  },
});

/** Everything this room refuses or fails at, by stable code. */
export type ApplicationErrorCode = keyof typeof APPLICATION_FAILURES;

/** An error about tenants, users or their database. */
export class ApplicationError extends MarqueeError<ApplicationErrorCode> {}
