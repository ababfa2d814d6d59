import type { TenantTable } from '@/lib/tenant-data/rows';
import type { ChangedKeys } from '../verify/changed-keys';
import type { OpenEndpoint } from './endpoints';
import type { MoveHooks } from './hooks';
import type { Move } from './move';
import type { MoveStore } from './move-store';
import type { MoveDependencies } from './ports';

/** The endpoints and services for copying, replicating and verifying a move. */
export interface MoveContext {
  dependencies: MoveDependencies;
  store: MoveStore;
  move: Move;
  source: OpenEndpoint;
  target: OpenEndpoint;
  /** The moved tables, with the object ids that each database gives them. */
  tables: { source: TenantTable[]; target: TenantTable[] };
  /** Keys of rows that changed since their last comparison. */
  changed: ChangedKeys;
  hooks: MoveHooks;
  /** Aborted when the run ends. For connections that do not belong to an endpoint. */
  signal: AbortSignal;
  /** Rejects when the operator has asked to pause or abort. */
  throwIfStopped(): Promise<void>;
}
