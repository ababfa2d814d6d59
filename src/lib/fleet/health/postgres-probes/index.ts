// The probes of a PostgreSQL source: one query each, and what its rows mean. Any login may run them; what a login may not see is
// said in `facts` (`grant pg_monitor to …` shows it).
import type { Probe } from './probe';
import { archiving, slots, standbys } from './replication';
import { connections, server, traffic } from './server';
import { locks, transactions } from './statements';
import { bloat, storage, wraparound } from './storage';

export type { Probe } from './probe';

/** In the order in which they are run. */
export const PROBES: readonly Probe[] = [
  ...[server, connections, traffic, transactions, locks, slots, standbys],
  ...[storage, archiving, bloat, wraparound],
];
