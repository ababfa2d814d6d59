import type { Context } from 'hono';
import type { AuditAction, Author } from '@/lib/application';
import type { Session as IdentifiedSession } from '@/lib/identity';

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

/** The session of a request. */
export interface Session extends IdentifiedSession {
  /** From a cookie, which browsers send by themselves: unsafe methods then need proof of the same site. */
  byCookie: boolean;
}

/** Who changes something with this request, and from where, for the audit log. @param who `user:<id>`, `key:<id>` */
export function authorOf(context: Context<Environment>, who: `${'user' | 'key'}:${string}`): Author {
  return { actor: who, requestId: context.get('requestId'), address: context.env.address };
}
