import { declareFailures, isConnectionFailure, MarqueeError } from '@/lib/failures';

const OPERATIONS_FAILURES = declareFailures('operations', 'operator', {
  data_source_unknown: {
    category: 'not-found',
    means: 'No data source has this name or id, or it lacks what is needed here.',
    hint: 'List them with: marquee source list',
  },
  data_source_invalid: {
    category: 'invalid',
    means: 'The data source’s URL or a column of its registry row is not valid.',
    hint: 'Check its URL, name (lower-case letters, digits, hyphens), kind, status, capacity and budget.',
  },
  data_source_name_taken: {
    category: 'conflict',
    means: 'Another data source has this name.',
    hint: 'Choose another one.',
  },
  data_source_registered: {
    category: 'conflict',
    means: 'The database is registered already.',
    hint: 'Find it with: marquee source list',
  },
  data_source_changed: {
    category: 'conflict',
    means: 'The data source was changed since it was read.',
    hint: 'Read it again.',
  },
  replica_unknown: {
    category: 'not-found',
    means: 'The data source has no such replica.',
    hint: 'List them: marquee source replica list',
  },
  region_refused: {
    category: 'conflict',
    means: 'A tenant’s data would leave the region that they must stay in.',
    hint: 'Choose a place in the region, or change the tenant’s: marquee tenant region <tenant>',
  },
  customer_request_open: {
    category: 'conflict',
    audience: 'user',
    means: 'A request of the same kind is open.',
    hint: 'Wait for the answer, or withdraw the request.',
  },
  customer_request_unknown: {
    category: 'not-found',
    audience: 'user',
    means: 'There is no such request of a customer, or it is answered already.',
    hint: 'List them with: marquee request list',
  },
  import_running: {
    category: 'conflict',
    audience: 'user',
    means: 'An import of the tenant is running.',
    hint: 'Wait until it is done.',
  },
  job_unknown: {
    category: 'not-found',
    means: 'No job has this id, or its history was removed.',
    hint: 'List them with: marquee jobs list',
  },
  job_ended: {
    category: 'conflict',
    means:
      'The job is in a state in which this cannot be done: one that has ended is not cancelled, one that runs is not retried.',
    hint: 'See its state: marquee jobs show',
  },
  job_running: {
    category: 'conflict',
    means: 'The same work waits or runs already, perhaps in another process.',
    hint: 'Wait until it has ended: marquee jobs list --state active',
  },
  encryption_key_retired: {
    category: 'conflict',
    means: 'The key that this process would encrypt with was retired.',
    hint: 'Set ENCRYPTION_KEY and KEY_PROVIDER as the other processes have them.',
  },
  token_key_unknown: {
    category: 'not-found',
    means: 'No key that signs tokens has this id.',
    hint: 'List them with: marquee tokens status',
  },
  token_key_in_use: {
    category: 'conflict',
    means: 'The key signs tokens, so they cannot be refused yet.',
    hint: 'Replace it first: marquee tokens rotate --lead-seconds 0',
  },
  operations_database_unreachable: {
    category: 'unavailable',
    means: 'No connection to the operations database can be made, or it was lost.',
    hint: 'Check OPERATIONS_DATABASE_URL, and that the server is up.',
    userText: { message: 'The service cannot be used right now.', hint: 'Try again in a minute.' },
  },
});

/** Everything this room refuses or fails at, by stable code. */
export type OperationsErrorCode = keyof typeof OPERATIONS_FAILURES;

/** An error about the registry, the jobs or their database. */
export class OperationsError extends MarqueeError<OperationsErrorCode> {}

/** A failure to talk to the database at all, as `operations_database_unreachable`; any other as it is. */
export function operationsFailure(error: unknown): unknown {
  if (!isConnectionFailure(error)) return error;
  return new OperationsError(
    'operations_database_unreachable',
    'The operations database cannot be reached.',
    {
      cause: error,
    },
  );
}
