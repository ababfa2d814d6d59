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
  import_running: {
    category: 'conflict',
    audience: 'user',
    means: 'An import of the tenant is running.',
    hint: 'Wait until it is done.',
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
