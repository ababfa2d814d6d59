// The numbers of the admission policy. Each comment names the benchmark that the number was chosen with: run it before changing the number.

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
 * Tenants of long statements leave as many sessions free as short statements used at their recent peak. At each count the peak is multiplied
 * by this factor, so that it falls to half in 1.3 s. `bench fairness`, `slow_p99_ratio`.
 */
export const PEAK_DECAY = 0.9;

/** A session that ran nothing for this long is cold: it may have to plan its statements again, ms. `bench move`, `others_p99_ratio`. */
export const COLD_AFTER_MS = 1_000;

/**
 * Number of sessions of one source that may warm up at once: the minimum, or this part of the busy sessions, whichever is more.
 * `bench move`, `others_p99_ratio`; `bench scale`, `curve`.
 */
export const WARMING_AT_LEAST = 2;
export const WARMING_PART = 1 / 2;

/** A session that is being opened, or runs its first statement, counts as warming up for at most this long, ms. `bench scale`, `curve`. */
export const WARMING_MS = 50;

/**
 * Number of connections to one server that may be opened at the same time: the minimum, or this part of its ceiling, whichever is more.
 * Half as many may be closed at the same time so that another database gets one. `bench scale`, `curve`.
 */
export const SIGN_INS_AT_LEAST = 4;
export const SIGN_INS_PART = 1 / 5;

/** A connection that takes longer than this to open no longer delays others, ms, since its database alone may be unreachable. */
export const SIGN_IN_MS = 1_000;

/** The recent use of a database decides whether it keeps its connections. The weight of a statement in it halves in this time, ms. `bench scale`, `curve`. */
export const USAGE_HALF_LIFE_MS = 3_000;

/** How often waiting statements are considered again if no connection has become free, ms. `bench fairness`, `slow_p99_ratio`. */
export const LOOK_AGAIN_MS = 50;

/** An idle connection is closed for a database that already has one only after it was idle for this long, ms. `bench scale`, `curve`. */
export const KEEP_IDLE_MS = 500;

/**
 * A database's turn with a connection, ms, if a server's ceiling is below the number of its busy databases.
 * `bench scale`, `curve`.
 */
export const SLICE_MS = 50;

/**
 * The first and the longest pause between two probes of a closed fence, ms. The pause doubles each time.
 * `bench move`, `pause_p99_ms`.
 */
export const FIRST_PROBE_PAUSE_MS = 5;
export const LONGEST_PROBE_PAUSE_MS = 50;

/** A probe that is not refused within this time has passed the fence, ms, since a database refuses before it does anything else. `bench move`. */
export const PROBE_PASSED_MS = 50;

/** Memory that the waiting statements of one tenant may use while its fence is closed, and what each is assumed to use besides its values, bytes. */
export const WAITING_BYTES = 64 * 1024 * 1024;
export const BYTES_OF_A_STATEMENT = 4 * 1024;
