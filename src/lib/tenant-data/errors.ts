import { declareFailures, MarqueeError } from '@/lib/failures';

const TENANT_DATA_FAILURES = declareFailures('tenant-data', 'operator', {
  data_source_triggers_off: {
    category: 'unavailable',
    means: 'The database turns triggers and foreign keys off for new sessions.',
    hint: 'As a superuser: alter database … reset session_replication_role, and the same for roles.',
  },
});

/** An error of a session with a tenant data database. */
export class TenantDataError extends MarqueeError<keyof typeof TENANT_DATA_FAILURES> {}
