/** How a schema rollout is carried out. */
export interface SchemaRolloutOptions {
  /** Data sources that are migrated first, by name. */
  canaries: string[];
  /** Percentage of the data sources that are migrated after each wave. */
  percents: number[];
  /** Databases that are migrated at a time: each needs one connection. */
  atOnce: number;
  /** At most this many of these on one server. */
  perServer: number;
  /** How long a wave is observed before its gates are checked and the next begins, ms. */
  soakMs: number;
  /** After a failure: begin no further database, or go on with the others. */
  onError: 'halt' | 'continue';
  /** How long a migration waits for the lock of a table, ms. What comes after it waits as long. */
  lockTimeoutMs: number;
  /** Attempts to get the locks of one database. */
  lockAttempts: number;
  /** After the last process of an older version was seen: how long before the contract phase, ms. */
  graceMs: number;
  /** Migrate databases too whose schema is not that of their version. */
  allowDrift: boolean;
}

export const DEFAULT_OPTIONS: SchemaRolloutOptions = {
  canaries: [],
  percents: [10, 100],
  atOnce: 12,
  perServer: 8,
  soakMs: 0,
  onError: 'halt',
  lockTimeoutMs: 2_000,
  lockAttempts: 8,
  graceMs: 600_000,
  allowDrift: false,
};
