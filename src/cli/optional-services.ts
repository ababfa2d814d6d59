import type { Configuration } from '@/lib/configuration';

/** Something that companies can use only after the operator has set it up. */
export interface OptionalService {
  /** The first of its variables. */
  code: string;
  name: string;
  state: 'ready' | 'incomplete' | 'not set up';
  /** What companies see and miss while it is not ready. */
  without: string;
  /** Variables that are still to be set. */
  missing: string[];
  /** The address to enter where Marquee is registered with the provider. */
  redirectUrl?: string;
}

const SERVICES: {
  name: string;
  variables: (keyof Configuration)[];
  without: string;
  provider?: string;
}[] = [
  {
    name: 'Email',
    variables: ['SMTP_URL', 'MAIL_FROM'],
    without:
      'mail is written to files in the outbox and reaches no one; owners read “not available on this service yet”',
  },
  {
    name: 'Public address',
    variables: ['PUBLIC_URL'],
    without: 'links begin with the address of the request; mails sent by jobs have no links',
  },
  {
    name: 'Reports of undelivered mail',
    variables: ['MAIL_REPORT_SECRET'],
    without: 'mail that comes back later still counts as sent',
  },
  {
    name: 'Backups',
    variables: ['BACKUP_URL'],
    without: 'tenants are not backed up; only what the databases’ own operator backs up can be restored',
  },
  {
    name: 'Google Calendar',
    variables: ['GOOGLE_CLIENT_ID', 'GOOGLE_CLIENT_SECRET'],
    without: 'people cannot connect a calendar; calendar feeds work',
    provider: 'google',
  },
  {
    name: 'QuickBooks Online',
    variables: ['QUICKBOOKS_CLIENT_ID', 'QUICKBOOKS_CLIENT_SECRET'],
    without: 'companies cannot connect their books',
    provider: 'quickbooks',
  },
];

/**
 * What the operator has set up of the services that work only then. Card payments are not among them: each company connects its
 * own Stripe account.
 *
 * @param given the environment as it was set: a default does not count
 */
export function optionalServices(given: Partial<Configuration>): OptionalService[] {
  const base = given.PUBLIC_URL?.replace(/\/$/, '') ?? '<PUBLIC_URL>';
  return SERVICES.map(({ name, variables, without, provider }) => {
    const missing = variables.filter((variable) => !isSet(given[variable]));
    return {
      code: variables[0] as string,
      name,
      state:
        missing.length === 0 ? 'ready' : missing.length === variables.length ? 'not set up' : 'incomplete',
      without,
      missing,
      ...(provider ? { redirectUrl: `${base}/api/integrations/${provider}/callback` } : {}),
    };
  });
}

/** The default sender cannot receive mail, and servers refuse it. */
function isSet(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !value.endsWith('.invalid');
}
