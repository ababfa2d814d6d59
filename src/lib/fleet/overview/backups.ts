import type { ApplicationDatabase } from '@/lib/application';
import { type BackupState, backupStates } from '@/lib/backups';
import type { OperationsDatabase } from '@/lib/operations';
import { longestInterval } from './cron-interval';
import type { Findings, Item } from './part';
import { failed, inState, saying, that } from './words';

export interface BackupTimes {
  /** Cron expressions, UTC: when backups are made, and when tenants that are due are drilled. */
  at: string;
  drillsAt: string;
  /** How old the last drill of a tenant may become, days. */
  drillDays: number;
}

interface Dependencies {
  application: Pick<ApplicationDatabase, 'tenants'>;
  operations: Pick<OperationsDatabase, 'pool'>;
  backups?: BackupTimes | undefined;
}

const DAY_MS = 86_400_000;
const NIGHTLY: BackupTimes = { at: '0 2 * * *', drillsAt: '0 4 * * *', drillDays: 7 };

/** How old the last backup and the last proven one may become, ms. Half a day more than a schedule: a backup takes its time, and may be repeated. */
function agesOf({ at, drillsAt, drillDays }: BackupTimes): { backup: number; proven: number } {
  const backup = (longestInterval(at) ?? DAY_MS) + DAY_MS / 2;
  // What a drill restores may be that old already. It stays the last proven one until the first drills after so many days.
  return { backup, proven: backup + drillDays * DAY_MS + (longestInterval(drillsAt) ?? DAY_MS) };
}

/** Tenants whose last backup or last proven backup is older than the schedule lets it become. Undefined where nothing was ever backed up. */
export async function readBackups({
  application,
  operations,
  backups = NIGHTLY,
}: Dependencies): Promise<Findings | undefined> {
  const ages = agesOf(backups);
  const states = await backupStates(operations.pool);
  if (states.size === 0) return undefined;
  const items: Item[] = [];
  for await (const { id, subdomain, createdAt } of application.tenants.all({ status: 'active' }))
    items.push(itemOf(subdomain, createdAt, states.get(id), ages));
  const proven = items.filter(({ level }) => level === 'ok').length;
  return { summary: `${proven} of ${items.length} tenants have a current backup that was proven`, items };
}

function itemOf(
  subdomain: string,
  createdAt: Date,
  state: BackupState | undefined,
  ages: ReturnType<typeof agesOf>,
): Item {
  const { lastBackupAt = null, lastProvenAt = null, lastDrill = null, lastFailure = null } = state ?? {};
  const isOlder = (date: Date | null, ms: number) => (date ?? createdAt).getTime() < Date.now() - ms;
  const hasNone = isOlder(lastBackupAt, ages.backup);
  const isUnproven = isOlder(lastProvenAt, ages.proven);
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
