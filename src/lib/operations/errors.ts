import { isConnectionFailure, MarqueeError, type MarqueeErrorDetails } from '@/lib/failures';

/** Everything this room refuses or fails at, by stable code. */
export type OperationsErrorCode =
  | 'data_source_unknown'
  | 'data_source_invalid'
  | 'data_source_name_taken'
  | 'data_source_registered'
  | 'data_source_changed'
  | 'import_running'
  | 'operations_database_unreachable';

/** An error about the registry, the jobs or their database. Never carries a credential. */
export class OperationsError extends MarqueeError {
  declare readonly code: OperationsErrorCode;

  constructor(code: OperationsErrorCode, message: string, details: MarqueeErrorDetails = {}) {
    super(code, message, details);
  }
}

/** A failure to talk to the database at all, as our error; any other as it is. */
export function operationsFailure(error: unknown): unknown {
  if (!isConnectionFailure(error)) return error;
  return new OperationsError(
    'operations_database_unreachable',
    'The operations database cannot be reached.',
    {
      hint: 'Check OPERATIONS_DATABASE_URL, and that the server is up.',
      cause: error,
    },
  );
}
