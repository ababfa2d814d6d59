import { declareFailures, MarqueeError } from '@/lib/failures';

const TENANT_FAILURES = declareFailures('fleet/tenants', 'operator', {
  email_invalid: {
    category: 'invalid',
    means: 'The owner’s address is not an email address.',
    hint: 'Give the owner’s address, such as ann@example.com. Nothing was created.',
  },
  tenant_not_ready: {
    category: 'conflict',
    means: 'The tenant is still being set up, so it can be neither suspended nor resumed.',
    hint: 'Look at it again in a minute: marquee tenant show',
  },
});

/** An error about making, suspending or resuming a tenant. */
export class TenantError extends MarqueeError<keyof typeof TENANT_FAILURES> {}
