import { declareFailures, MarqueeError } from '@/lib/failures';

const MIGRATION_FAILURES = declareFailures('migrations', 'operator', {
  migration_numbered_twice: {
    category: 'internal',
    means: 'Two migration files have one number.',
    hint: 'Give the one that was never applied a new number.',
  },
  migration_ahead: {
    category: 'conflict',
    means: 'The database has a migration that this version does not know.',
    hint: 'A newer Marquee has migrated this database; run that version.',
  },
  migration_unsupported: {
    category: 'conflict',
    means: 'The database was made before the first release.',
    hint: 'Make a new database.',
  },
  migration_changed: {
    category: 'conflict',
    means: 'A migration file was changed after it was applied.',
    hint: 'Restore the file as it was and put the change into a new migration.',
  },
  migration_failed: {
    category: 'internal',
    means: 'A statement of a migration failed; the migration was rolled back.',
  },
});

/** A database cannot be brought to this version’s schema. */
export class MigrationError extends MarqueeError<keyof typeof MIGRATION_FAILURES> {}
