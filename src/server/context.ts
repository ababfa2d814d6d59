import type { Context } from 'hono';
import { getCookie } from 'hono/cookie';
import type { ApplicationDatabase, Tenant, User } from '@/lib/application';
import type { ConnectionServices } from '@/lib/crm/delivery';
import type { MailQueue } from '@/lib/crm/delivery/jobs';
import type { FileStorage } from '@/lib/crm/storage';
import type { TenantClient } from '@/lib/data-sources';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import type { AccountMail, Session as IdentifiedSession, Leniency, SignIn } from '@/lib/identity';
import type { OperationsDatabase } from '@/lib/operations';
import type { Tokens } from '@/lib/secrets';
import { RequestError, sendProblem } from './errors';
import type { Logger, Metrics } from './observability';
import type { PeopleRecord } from './people-record';

export const SESSION_COOKIE = 'marquee_session';

/** What the server is made of. */
export interface ServerParts {
  application: ApplicationDatabase;
  operations: OperationsDatabase;
  manager: DataSourceManager;
  tokens: Tokens;
  signIn: SignIn;
  people: PeopleRecord;
  logger: Logger;
  metrics: Metrics;
  /** Lets programs on other machines read `/metrics`. */
  metricsToken?: string;
  /** Addresses besides this server's that mailed links may lead to: a target begins with one of them. */
  allowedRedirects: readonly string[];
  /** Absent where only data are served: the API of files, links, payments and connections is then not there. */
  services?: Services;
}

/** What the business API needs besides the data. */
export interface Services extends ConnectionServices {
  storage: FileStorage;
  /** Outgoing mail, opened by its first use; absent where links are handed over by hand. */
  mail?: () => Promise<Pick<MailQueue, 'queue' | 'again'>>;
  /** Mail about accounts; absent where none is sent. */
  accountMail?: Pick<AccountMail, 'queue'>;
  /** Signs reports of what became of mails; absent where none are taken. */
  mailReportSecret?: string;
  /** The address at which clients reach this server, where it differs from the request's. */
  publicUrl?: string;
  /** Signs the local test provider's reports; absent where payments are real only. */
  testPaymentSecret?: string;
}

/** What each request carries on its way. */
export interface Environment {
  Bindings: {
    /** The tenant in the address: of the subdomain, or of `/t/<subdomain>`. */
    subdomain?: string;
    /** `/t/a` where the tenant is named by the path, else empty. */
    prefix: string;
    /** The client's address. */
    address: string;
    /** Whether the client's connection is encrypted. */
    secure: boolean;
    /** The server's configured origin, for links. Undefined where only an unknown Host header would name it. */
    origin?: string;
  };
  Variables: {
    requestId: string;
    session?: Session;
    /** What went wrong, for the log. */
    failure?: unknown;
    /** The tenant whose data the request may have changed. */
    tenantId?: string;
    /** The same for a request with an `Idempotency-Key` that is sent again; see `once`. */
    intent?: string;
  };
}

/** A signed-in user of a tenant, and a client with that user's rights. */
export interface TenantContext {
  user: User;
  /** owner, admin, manager, sales, staff or viewer. */
  role: string;
  tenant: Tenant;
  accessToken: string;
  /** Undefined for a token that trusted code signed for itself. */
  sessionId: string | undefined;
  client: TenantClient;
}

interface Session extends IdentifiedSession {
  /** From a cookie, which browsers send by themselves: unsafe methods then need proof of the same site. */
  byCookie: boolean;
}

/**
 * The session of a request: its bearer token, else its cookie.
 *
 * @throws RequestError `not_signed_in`; IdentityError `not_signed_in`, `password_change_required`, `insufficient_aal`
 */
export async function requireSession(
  context: Context<Environment>,
  parts: ServerParts,
  leniency: Leniency = {},
): Promise<Session> {
  const bearer = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
  const token = bearer ?? getCookie(context, SESSION_COOKIE);
  if (!token) throw new RequestError('not_signed_in', 'You are not signed in.', { hint: 'Sign in first.' });
  const byCookie = bearer === undefined;
  if (byCookie) refuseCrossSite(context.req.raw);
  return { ...(await parts.signIn.recognise(token, leniency)), byCookie };
}

/** The tenant that the address names. @throws RequestError `tenant_unknown`, `tenant_suspended`, `tenant_provisioning` */
export async function requireTenant(subdomain: string | undefined, parts: ServerParts): Promise<Tenant> {
  const tenant = subdomain ? await parts.application.tenants.findBySubdomain(subdomain) : undefined;
  if (!tenant) {
    throw new RequestError('tenant_unknown', 'There is no company at this address.', {
      hint: 'Check the address: it begins with your company’s name.',
    });
  }
  refuseInactive(tenant);
  return tenant;
}

/**
 * For an API route: the user, the tenant, and a client for that tenant's data; or the answer to send instead.
 *
 * A request that names a tenant in its address is refused when its user belongs to another one.
 */
export async function getTenantContext(
  context: Context<Environment>,
  parts: ServerParts,
): Promise<TenantContext | Response> {
  try {
    return await requireTenantContext(context, parts);
  } catch (error) {
    return sendProblem(context, error, context.get('requestId'));
  }
}

/** As `getTenantContext`. @throws RequestError `not_signed_in`, `forbidden`, `tenant_suspended`, `tenant_provisioning` */
export async function requireTenantContext(
  context: Context<Environment>,
  parts: ServerParts,
): Promise<TenantContext> {
  const { user, token, sessionId } = await requireSession(context, parts);
  if (!user.tenantId) throw new RequestError('forbidden', 'The operator has no access to business data.');
  const tenant = await parts.application.tenants.get(user.tenantId);
  const { subdomain } = context.env;
  if (subdomain !== undefined && subdomain !== tenant.subdomain) {
    throw new RequestError('not_signed_in', 'You are signed in to another company.', {
      hint: 'Sign in here.',
    });
  }
  refuseInactive(tenant);
  context.set('tenantId', tenant.id);
  const client = await parts.manager.getClientForTenant(tenant.id, false, { accessToken: token });
  return { user, role: user.role, tenant, accessToken: token, sessionId, client };
}

/** @throws RequestError `tenant_suspended`, `tenant_provisioning` */
export function refuseInactive(tenant: Tenant): void {
  if (tenant.status === 'active') return;
  if (tenant.status === 'provisioning') {
    throw new RequestError('tenant_provisioning', 'This company is still being set up.', {
      hint: 'Try again in a minute.',
    });
  }
  throw new RequestError('tenant_suspended', 'This company is suspended.', {
    hint: 'Ask the operator of the service.',
  });
}

/**
 * Browsers send cookies with requests from any page, so a request that changes something must come from a page of the same
 * origin. Browsers that send neither header on a POST are older than the SameSite attribute and get no cookie here.
 *
 * @throws RequestError `cross_site_request`
 */
export function refuseCrossSite(request: Request): void {
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return;
  const site = request.headers.get('sec-fetch-site');
  const origin = request.headers.get('origin');
  // The address that the client used, also behind a trusted proxy.
  const { host } = new URL(request.url);
  const sameOrigin = origin !== null && URL.canParse(origin) && new URL(origin).host === host;
  if (site === 'same-origin' || (site === null && sameOrigin)) return;
  throw new RequestError('cross_site_request', 'The request came from another site.', {
    hint: 'Programs send the access token in the Authorization header instead of a cookie.',
  });
}
