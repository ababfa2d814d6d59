import type { Context } from 'hono';
import type { ApplicationDatabase, AuditAction, Author, Tenant, User } from '@/lib/application';
import type { ConnectionServices } from '@/lib/crm/delivery';
import type { MailQueue } from '@/lib/crm/delivery/jobs';
import type { FileStorage } from '@/lib/crm/storage';
import type { TenantClient } from '@/lib/data-sources';
import type { DataSourceManager } from '@/lib/data-sources/manager';
import {
  type AccountMail,
  type Session as IdentifiedSession,
  IdentityError,
  type Leniency,
  type SignIn,
} from '@/lib/identity';
import type { MoveDependencies } from '@/lib/movement';
import type { OperationsDatabase } from '@/lib/operations';
import type { Tokens } from '@/lib/secrets';
import { readCookie } from './cookies';
import type { DemoTraffic } from './demo-traffic';
import { RequestError, sendProblem } from './errors';
import type { Logger, Metrics } from './observability';
import type { ActorNames } from './operator/actor-names';
import type { OperatorServices } from './operator/services';
import type { OperatorTasks } from './operator/tasks/tasks';
import type { UserCopies } from './user-copies';

/** The parts that the server consists of. */
export interface ServerDependencies {
  application: ApplicationDatabase;
  operations: OperationsDatabase;
  manager: DataSourceManager;
  tokens: Tokens;
  signIn: SignIn;
  people: UserCopies;
  logger: Logger;
  metrics: Metrics;
  /** Lets programs on other machines read `/metrics`. */
  metricsToken?: string;
  /** Addresses besides this server's that mailed links may lead to: a target begins with one of them. */
  allowedRedirects: readonly string[];
  /** Undefined if this server moves no tenants; the routes of moves and rollouts are then not mounted. */
  moves?: MoveDependencies;
  /** Only the embedded demo has it. */
  demoTraffic?: DemoTraffic;
  /** Networks besides the internet in which companies' own databases may be: CIDRs. */
  customerDatabaseNetworks: readonly string[];
  /** Undefined if only data are served; the routes of files, links, payments and connections are then not mounted. */
  services?: Services;
  /** Undefined if no console is served. */
  operator?: OperatorServices;
  actorNames: ActorNames;
  /** Running tasks of operators. */
  tasks: OperatorTasks;
}

/** What the business API needs besides the data. */
export interface Services extends ConnectionServices {
  storage: FileStorage;
  /** Outgoing mail, opened at its first use; undefined if links are handed over by hand. */
  mail?: () => Promise<Pick<MailQueue, 'queue' | 'again' | 'notify'>>;
  /** Whether outgoing mail reaches its receivers; false if it is only kept in the outbox. */
  sendsMail?: boolean;
  /** Mail about accounts; undefined if none is sent. */
  accountMail?: Pick<AccountMail, 'queue'>;
  /** Signs providers' reports about delivered mails; undefined if none are accepted. */
  mailReportSecret?: string;
  /** Makes the names of tracking pictures from ids of mails; undefined if none are sent. */
  openedSecret?: string;
  /** Secrets before and after the current one, while ENCRYPTION_KEY is replaced. */
  otherOpenedSecrets?: readonly string[];
  /** The address at which clients reach this server, where it differs from the request's. */
  publicUrl?: string;
  /** Signs the local test provider's reports; undefined if test payments are off. */
  testPaymentSecret?: string;
}

/** Variables of a request. */
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
    /** Counts the answer's bytes for a tenant. */
    countFor?: (tenantId: string) => void;
  };
  Variables: {
    requestId: string;
    /** The request's session, once it was read. An incomplete session is not stored here. */
    session?: Session | undefined;
    /** The caller is an operator, so an error is answered as it is, not in the words for end users. */
    isOperator?: boolean;
    /** The Content-Security-Policy of a page that other sites may embed. */
    framing?: { policy: string };
    /** What went wrong, for the log. */
    failure?: unknown;
    /** The tenant whose data the request may have changed. */
    tenantId?: string;
    /** Who acts, for the audit log: `user:<id>` or `key:<id>`. */
    actor?: string;
    /** What the audit log is to have of this request, where its address does not say it; see `auditActions`. */
    recorded?: { action: AuditAction; details: Record<string, unknown> };
    /** Who makes changes, unless a call names someone else; see `actAs`. */
    acting?: { author?: Author };
    /** An id of the request that stays the same when it is repeated with its `Idempotency-Key`; see `idempotent`. */
    idempotencyId?: string;
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
  /** Undefined where `sessionId` is. */
  record: IdentifiedSession['record'];
  client: TenantClient;
}

interface Session extends IdentifiedSession {
  /** From a cookie, which browsers send by themselves: unsafe methods then need proof of the same site. */
  byCookie: boolean;
}

/**
 * The session of a request: its bearer token, else its cookie. A session of another company than the address names does not count.
 *
 * @throws RequestError `not_signed_in`; IdentityError `not_signed_in`, `password_change_required`, `insufficient_aal`
 */
export async function requireSession(
  context: Context<Environment>,
  parts: ServerDependencies,
  leniency: Leniency = {},
): Promise<Session> {
  const session = await sessionOfToken(context, parts, leniency);
  const { tenantId } = session.user;
  if (context.env.subdomain !== undefined)
    refuseOtherCompany(context, tenantId === null ? null : await parts.application.tenants.get(tenantId));
  return session;
}

/** @throws RequestError `not_signed_in` */
function refuseOtherCompany({ env }: Context<Environment>, tenant: Tenant | null): void {
  if (env.subdomain === undefined || env.subdomain === tenant?.subdomain) return;
  throw new RequestError('not_signed_in', 'You are signed in to another company.', { hint: 'Sign in here.' });
}

/** Seconds without the user's input in the page that sends a request. */
const IDLE_HEADER = 'x-marquee-idle';
/** After so many seconds without input a request counts as sent by the page itself: live updates do not extend a session. */
const UNATTENDED_SECONDS = 60;

/** Whether a page sends this without its user: to refresh what it shows, or to listen for changes. */
export function isUnattended({ req }: Context<Environment>): boolean {
  return (
    req.header('accept') === 'text/event-stream' || Number(req.header(IDLE_HEADER) ?? 0) >= UNATTENDED_SECONDS
  );
}

/** As `requireSession`, at any address: for callers that compare the tenants themselves. Looked up once for a request. */
export async function sessionOfToken(
  context: Context<Environment>,
  parts: ServerDependencies,
  leniency: Leniency = {},
): Promise<Session> {
  const known = context.get('session');
  if (known) return known;
  const bearer = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
  const token = bearer ?? readCookie(context, 'marquee_session');
  if (!token) throw new RequestError('not_signed_in', 'You are not signed in.', { hint: 'Sign in first.' });
  const byCookie = bearer === undefined;
  if (byCookie) refuseCrossSite(context.req.raw);
  const unattended = isUnattended(context);
  const session = { ...(await parts.signIn.recognize(token, { ...leniency, unattended })), byCookie };
  const isComplete = Object.keys(leniency).length === 0;
  if (isComplete) context.set('session', session);
  return session;
}

/** Who changes something with this request, and from where, for the audit log. @param who `user:<id>`, `key:<id>` */
export function authorOf(context: Context<Environment>, who: `${'user' | 'key'}:${string}`): Author {
  return { actor: who, requestId: context.get('requestId'), address: context.env.address };
}

/** The tenant that the address names. @throws RequestError `tenant_unknown`, `tenant_suspended`, `tenant_provisioning` */
export async function requireTenant(
  subdomain: string | undefined,
  parts: ServerDependencies,
): Promise<Tenant> {
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
  parts: ServerDependencies,
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
  parts: ServerDependencies,
): Promise<TenantContext> {
  const { user, token, sessionId, record } = await sessionOfToken(context, parts);
  if (!user.tenantId) throw new RequestError('forbidden', 'The operator has no access to business data.');
  const tenant = await parts.application.tenants.get(user.tenantId);
  refuseOtherCompany(context, tenant);
  refuseInactive(tenant);
  context.set('tenantId', tenant.id);
  context.set('actor', `user:${user.id}`);
  const client = await parts.manager.getClientForTenant(tenant.id, false, { accessToken: token });
  return { user, role: user.role, tenant, accessToken: token, sessionId, record, client };
}

/** How long a proof of who acts counts for dangerous actions. */
const PROOF_MS = 15 * 60_000;

/**
 * For a dangerous action: its user has shown password, second factor or passkey in this session a short while ago. A token
 * that trusted code signed for itself belongs to no session, and needs none.
 *
 * @throws IdentityError `confirmation_required`
 */
export function requireRecentProof({ record }: Pick<TenantContext, 'record'>): void {
  if (isRecentlyProved(record)) return;
  throw new IdentityError('confirmation_required', 'Please confirm that it is you.', {
    hint: 'Confirm with a code, a passkey or your password, and repeat the request.',
  });
}

/** Whether `requireRecentProof` accepts the session. */
export function isRecentlyProved(record: TenantContext['record']): boolean {
  return !record || record.provedAt.getTime() + PROOF_MS > Date.now();
}

/** A support session cannot change the account of its user. @throws RequestError `forbidden` */
export function refuseSupport({ record }: Pick<TenantContext, 'record'>): void {
  if (record?.method !== 'support') return;
  throw new RequestError('forbidden', 'Support access does not reach accounts.');
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
