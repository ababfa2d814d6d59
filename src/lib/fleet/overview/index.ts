// The fleet at a glance: each part is read separately, so that one that cannot be read hides no other.
import type { ApplicationDatabase } from '@/lib/application';
import type { OperationsDatabase } from '@/lib/operations';
import { readDriftFound, readJobs } from './background';
import { type BackupTimes, readBackups } from './backups';
import { readCost } from './cost';
import { type Findings, type Part, readPart } from './part';
import { readRequests } from './requests';
import { readService } from './service';
import { readSources } from './sources';
import { readTenants } from './tenants';
import { readAlerts, readMoves, readRollouts } from './work';

export type { Item, ItemLevel, Part } from './part';
export { DETAILS, type DetailCode, STATES, type StateCode } from './words';

export interface OverviewDependencies {
  application: ApplicationDatabase;
  operations: OperationsDatabase;
  /** The schedule by which backups are late. Default: each night, and a drill each week. */
  backups?: BackupTimes | undefined;
}

const READERS = {
  service: readService,
  sources: (parts) => readSources(parts),
  tenants: readTenants,
  moves: ({ operations }) => readMoves(operations),
  rollouts: ({ operations }) => readRollouts(operations),
  drift: ({ operations }) => readDriftFound(operations),
  backups: (parts) => readBackups(parts),
  jobs: ({ operations }) => readJobs(operations),
  requests: ({ application, operations }) => readRequests(application, operations),
  alerts: ({ application, operations }) => readAlerts(application, operations),
  cost: readCost,
} as const satisfies Record<string, (parts: OverviewDependencies) => Promise<Findings | undefined>>;

export const PARTS = Object.keys(READERS);

/** @param only the parts to read; all without it. Never throws because of a part */
export function readOverview(parts: OverviewDependencies, only: readonly string[] = PARTS): Promise<Part[]> {
  const wanted = Object.entries(READERS).filter(([name]) => only.includes(name));
  return Promise.all(wanted.map(([name, read]) => readPart(name, () => read(parts))));
}
