import { declareFailures, MarqueeError } from '@/lib/failures';

const BACKUP_FAILURES = declareFailures('backups', 'operator', {
  backup_unknown: {
    category: 'not-found',
    means: 'There is no such backup, or none that can be restored.',
    hint: 'List them: marquee backup list TENANT',
  },
  backup_busy: {
    category: 'conflict',
    means: 'Another process backs the tenant up, restores it, or drills one of its backups.',
    hint: 'Wait until it is done: marquee backup list TENANT',
  },
  backup_not_possible: {
    category: 'conflict',
    means: 'The tenant, its data source or its tables do not permit a backup or a restore.',
    hint: 'See the message.',
  },
  backup_rows_invisible: {
    category: 'conflict',
    means: 'The mover’s login does not see the tenant’s rows, so that a backup would lack them.',
    hint: 'Check the policies and memberships of the mover’s login: marquee move verify',
  },
  backup_corrupt: {
    category: 'conflict',
    means: 'A part of a backup is missing, was changed, or belongs to another place or backup.',
    hint: 'Restore an earlier backup, and find out who writes to the store.',
  },
  backup_foreign: {
    category: 'conflict',
    means: 'A backup belongs to another tenant or to another installation.',
    hint: 'Choose a backup of this tenant: marquee backup list TENANT',
  },
  backup_format_unknown: {
    category: 'conflict',
    means: 'The backup was written by a version of Marquee that this one does not know.',
    hint: 'Run the version that wrote it, or a later one.',
  },
  backup_key_lost: {
    category: 'conflict',
    means: 'The key that a backup is encrypted with cannot be opened.',
    hint: 'Set ENCRYPTION_KEY as it was, or list it in PREVIOUS_ENCRYPTION_KEYS.',
  },
  backup_schema_differs: {
    category: 'conflict',
    means: 'The database has no place for tables or columns of the backup.',
    hint: 'Restore it into a database of the version that the backup was made with.',
  },
  backup_rows_unfit: {
    category: 'conflict',
    means: 'Rows of a backup violate a rule of the database they are restored into.',
    hint: 'Restore the rows that they refer to as well, or the whole tenant.',
  },
  backup_digest_differs: {
    category: 'conflict',
    means: 'Restored rows differ from those that were backed up.',
    hint: 'Nothing was kept. Restore an earlier backup.',
  },
  backup_store_unreachable: {
    category: 'unavailable',
    means: 'The directory or bucket of backups cannot be reached, read or written.',
    hint: 'Check BACKUP_URL, the permissions and the credentials.',
  },
  backup_store_full: {
    category: 'unavailable',
    means: 'The disk of the backups is full.',
    hint: 'Make room, or prune: marquee backup prune',
  },
  backup_store_invalid: {
    category: 'invalid',
    means: 'The address of a backup store cannot be used.',
    hint: 'Give a directory, file:///directory or s3://bucket/prefix?region=eu-central-1.',
  },
  backup_held: {
    category: 'conflict',
    means: 'A legal hold forbids that the tenant’s data or backups are removed.',
    hint: 'See the reason: marquee backup holds',
  },
  export_unknown: {
    category: 'not-found',
    means: 'There is no such export of the tenant, or it is too old to be downloaded.',
    hint: 'Make a new one.',
  },
  backup_interrupted: {
    category: 'internal',
    means: 'The process that made a backup, restored it or ran a drill ended before it was done.',
    hint: 'Nothing incomplete was kept. Start it again.',
  },
});

export type BackupErrorCode = keyof typeof BACKUP_FAILURES;

/** A backup, restore or drill cannot be done. Its messages name tables and data sources, never values. */
export class BackupError extends MarqueeError<BackupErrorCode> {}

export function corrupt(what: string, cause?: unknown): BackupError {
  return new BackupError('backup_corrupt', `The backup is damaged: ${what}.`, { cause });
}
