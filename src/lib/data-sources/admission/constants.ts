// The numbers of the admission policy. Each names the benchmark that chose it: run that one before changing it.

/**
 * Part of a source's sessions that a tenant at its share leaves idle while other tenants are active.
 * `bench fairness`, `p99_ratio`: one tenant offers 50 times the load of the others.
 */
export const RESERVE = 3 / 8;

/** A tenant counts as active for this long after its last statement, ms. `bench fairness`, `p99_ratio`. */
export const ACTIVE_MS = 1_000;

/** How often active tenants and their shares are counted, ms. `bench fairness`, `p99_ratio`. */
export const RECOUNT_MS = 200;

/** A tenant whose statements take longer than this on average is a tenant of long statements, ms. `bench fairness`, `slow_p99_ratio`. */
export const LONG_STATEMENT_MS = 50;

/**
 * The sessions kept from tenants of long statements follow the most that short statements had in use at once. What is left of that
 * number at each count: it falls to half in 1.3 s. `bench fairness`, `slow_p99_ratio`.
 */
export const PEAK_DECAY = 0.9;

/** A session that ran nothing for this long is cold: it may have to plan anew what it runs, ms. `bench move`, `others_p99_ratio`. */
export const COLD_AFTER_MS = 1_000;

/**
 * Sessions of one source that may warm up at once: these, or this part of those that are at work, whichever is more.
 * `bench move`, `others_p99_ratio`; `bench scale`, `curve`.
 */
export const WARMING_AT_LEAST = 2;
export const WARMING_PART = 1 / 2;

/** A session that opens, or runs its first statement, counts as warming up for at most this long, ms. `bench scale`, `curve`. */
export const WARMING_MS = 50;

/**
 * Connections to one server that may be opened at once: these, or this part of its connections, whichever is more. Half as many are
 * closed at once so that another database gets one. `bench scale`, `curve`.
 */
export const SIGN_INS_AT_LEAST = 4;
export const SIGN_INS_PART = 1 / 5;

/** A connection that takes longer to open does not hold up others any more, ms: a database may be unreachable by itself. */
export const SIGN_IN_MS = 1_000;

/** How much a database is used decides whether it keeps its connections: what a statement counts falls to half in this time, ms. `bench scale`, `curve`. */
export const USAGE_HALF_LIFE_MS = 3_000;

/** How often statements that wait are looked after although no connection came back, ms. `bench fairness`, `slow_p99_ratio`. */
export const LOOK_AGAIN_MS = 50;

/** An idle connection is not closed for another database that has one, until it was idle for this long, ms. `bench scale`, `curve`. */
export const KEEP_IDLE_MS = 500;

/**
 * A database's turn with a connection, where a server's ceiling is below the number of its databases at work, ms.
 * `bench scale`, `curve`.
 */
export const SLICE_MS = 50;

/**
 * The pause between two probes of a closed fence: it begins with the first, doubles, and stays at the second, ms.
 * `bench move`, `pause_p99_ms`.
 */
export const FIRST_PROBE_PAUSE_MS = 5;
export const LONGEST_PROBE_PAUSE_MS = 50;

/** A probe that is not refused for this long has passed the fence, ms: refusing is the first thing a database does. `bench move`. */
export const PROBE_PASSED_MS = 50;

/** What the statements of one tenant may keep in memory while they wait for a closed fence, bytes; and what each keeps beside its values. */
export const WAITING_BYTES = 64 * 1024 * 1024;
export const BYTES_OF_A_STATEMENT = 4 * 1024;
