import pg from 'pg';
import { OperationsError, operationsFailure } from '../errors';

export function unknownDataSource(idOrName: string): OperationsError {
  const named = /^[\w-]{1,63}$/.test(idOrName) ? idOrName : 'of that name';
  return new OperationsError('data_source_unknown', `There is no data source ${named}.`, {
    hint: 'List them with: marquee source list',
  });
}

/** What the database refused about the registry, as an error of this room; other failures as `operationsFailure`. */
export function refusal(error: unknown): unknown {
  // 22P02: not a UUID. 23: a constraint.
  if (!(error instanceof pg.DatabaseError) || !/^(22P02|22003|23)/.test(error.code ?? '')) {
    return operationsFailure(error);
  }
  const { constraint = '' } = error;
  if (constraint === 'data_sources_name_unique') {
    return new OperationsError('data_source_name_taken', 'Another data source has this name.', {
      hint: 'Choose another one.',
    });
  }
  if (constraint === 'data_sources_database_unique') {
    return new OperationsError('data_source_registered', 'This database is registered already.', {
      hint: 'Find it with: marquee source list',
    });
  }
  return new OperationsError(
    'data_source_invalid',
    `The data source is not valid (${constraint || error.code}).`,
    {
      hint: 'Check its name (lower-case letters, digits, hyphens), kind, status, capacity and budget.',
      cause: error,
    },
  );
}
