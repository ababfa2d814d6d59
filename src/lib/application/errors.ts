import { MarqueeError, type MarqueeErrorDetails } from '@/lib/failures';

/** Everything this room refuses or fails at, by stable code. */
export type ApplicationErrorCode =
  | 'tenant_unknown'
  | 'tenant_invalid'
  | 'connection_pool_config_invalid'
  | 'subdomain_taken'
  | 'subdomain_invalid'
  | 'subdomain_reserved'
  | 'route_changed'
  | 'place_taken'
  | 'user_unknown'
  | 'user_invalid'
  | 'email_taken'
  | 'last_owner'
  | 'application_database_unreachable'
  | 'application_database_closed';

/** An error about tenants, users or their database. Never carries a credential. */
export class ApplicationError extends MarqueeError {
  declare readonly code: ApplicationErrorCode;

  constructor(code: ApplicationErrorCode, message: string, details: MarqueeErrorDetails = {}) {
    super(code, message, details);
  }
}
