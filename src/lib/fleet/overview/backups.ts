import type { ApplicationDatabase } from '@/lib/application';
import { type BackupState, backupStates } from '@/lib/backups';
import type { OperationsDatabase } from '@/lib/operations';
import type { Findings, Item } from './part';
import { failed, inState, saying, that } from './words';

interface Databases {
  application: Pick<ApplicationDatabase, 'tenants'>;
  operations: Pick<OperationsDatabase, 'pool'>;
}

/** Older than a daily backup may be, and than a weekly drill, ms. */
const BACKUP_MS = 36 * 3_600_000;
const PROVEN_MS = 8 * 86_400_000;

/** Tenants whose last backup or last proven backup is too old. Undefined where nothing was ever backed up. */
export async function readBackups({ application, operations }: Databases): Promise<Findings | undefined> {
  const states = await backupStates(operations.pool);
  if (states.size === 0) return undefined;
  const items: Item[] = [];
  for await (const { id, subdomain, createdAt } of application.tenants.all({ status: 'active' }))
    items.push(itemOf(subdomain, createdAt, states.get(id)));
  const proven = items.filter(({ level }) => level === 'ok').length;
  return { summary: `${proven} of ${items.length} tenants have a current backup that was proven`, items };
}

function itemOf(subdomain: string, createdAt: Date, state: BackupState | undefined): Item {
  const { lastBackupAt = null, lastProvenAt = null, lastDrill = null, lastFailure = null } = state ?? {};
  const isOlder = (date: Date | null, ms: number) => (date ?? createdAt).getTime() < Date.now() - ms;
  const hasNone = isOlder(lastBackupAt, BACKUP_MS);
  const isUnproven = isOlder(lastProvenAt, PROVEN_MS);
  const day = (date: Date) => date.toISOString().slice(0, 16).replace('T', ' ');
  return {
    level: lastDrill === 'failed' || hasNone ? 'bad' : isUnproven ? 'warning' : 'ok',
    subject: subdomain,
    ...saying(
      inState(
        lastDrill === 'failed'
          ? 'drill_failed'
          : hasNone
            ? 'no_backup'
            : isUnproven
              ? 'not_proven'
              : 'proven',
      ),
      !lastBackupAt
        ? that('never_backed_up')
        : lastProvenAt
          ? that('backup', { backup: day(lastBackupAt), proven: day(lastProvenAt) })
          : that('backup_unproven', { backup: day(lastBackupAt) }),
      lastFailure !== null && failed(lastFailure),
    ),
    next: hasNone ? `marquee backup create ${subdomain}` : `marquee backup drill ${subdomain}`,
    values: { subdomain, lastBackupAt, lastProvenAt, lastDrill, lastFailure },
  };
}
