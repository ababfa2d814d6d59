/* Moving a tenant: routers with stale caches, movers that crash or are only slow, one decision.
 *
 * Checked exhaustively by test/lib/movement/model.test.ts:
 *   - no two open homes, at any time;
 *   - a write enters only at the home and epoch its fence is open for;
 *   - when a mover has finished, every acknowledged write is at the home the route names, once.
 * Deliberately worse than the program: several movers work at the same time (the lock of the operations database is
 * no part of the model), and each may stop for ever, or for long, between any two steps.
 *
 * -DNO_HOLDER, -DNO_DECIDING, -DNO_PROGRESS_CAS each take one safeguard away: the check must then find a fault.
 */

#ifdef NO_HOLDER
#define STILL_HELD(h) true
#else
#define STILL_HELD(h) (holder[h] == mine)
#endif

#define OLD 0
#define NEW 1
#define NOBODY 0

#ifndef MOVERS
#define MOVERS 2
#endif
#ifndef ROUTERS
#define ROUTERS 2
#endif
#ifndef WRITES
#define WRITES 2
#endif

/* Fences: one row in each tenant data database. */
bool open[2];
byte fenceEpoch[2];
byte holder[2];
byte writing[2];          /* shared advisory locks held by statements under way */

/* The route: one row in the application database. Its epoch only grows. */
byte routeHome = OLD;
byte routeEpoch = 1;

/* The operations database. */
byte attempt = 0;
byte decidingEpoch = 0;

/* Rows: how many acknowledged writes each home holds, and how many of the old home's have been applied to the new. */
byte rows[2];
byte applied = 0;
byte acknowledged = 0;

inline hold(home) {
  /* An exclusive lock: statements under way have ended. */
  atomic { writing[home] == 0 -> open[home] = false; holder[home] = mine }
}

inline release(home, epoch) {
  atomic {
    if
    :: writing[home] == 0 && !open[home] && fenceEpoch[home] <= epoch && STILL_HELD(home) ->
         open[home] = true; fenceEpoch[home] = epoch; holder[home] = NOBODY;
          assert(!(open[OLD] && open[NEW]))
    :: else -> skip
    fi
  }
}

/* Compare-and-set of the route. `decided` says whether it was ours. */
inline decide(home) {
  atomic {
    if
    :: routeEpoch == epoch -> routeEpoch = epoch + 1; routeHome = home; decided = true
    :: else -> decided = false
    fi
  }
}

/* Every mover but the last may be gone at any step. */
#define MAY_CRASH if :: skip :: mine != MOVERS -> goto gone fi

proctype Mover() {
  byte mine, epoch, home, from, upTo;
  bool decided, mayReopen;

  atomic { attempt++; mine = attempt }
  hold(OLD); MAY_CRASH;
  hold(NEW); MAY_CRASH;
  atomic { home = routeHome; epoch = routeEpoch }

  if
  :: home == NEW -> MAY_CRASH; release(NEW, epoch); goto done
  :: else -> skip
  fi;

  /* Drain: read up to the marker, then apply what was read; between the two anything may happen. */
  atomic { from = applied; upTo = rows[OLD] };
  MAY_CRASH;
  atomic {
    if
#ifndef NO_PROGRESS_CAS
    :: applied != from -> goto gone              /* somebody else took the stream over */
#endif
    :: else -> rows[NEW] = rows[NEW] + (upTo - from); applied = upTo
    fi
  }
  MAY_CRASH;

  if
  :: /* The application database cannot be asked, or the time is up before a decision. */
     atomic {
       mayReopen = (attempt == mine && decidingEpoch < epoch);
#ifdef NO_DECIDING
       mayReopen = true
#endif
     };
     if
     :: mayReopen -> release(OLD, epoch); goto gone
     :: else -> skip
     fi
  :: skip
  fi;

  /* The intent, if the attempt is still ours; then the decision, perhaps much later. */
  atomic {
    if
    :: attempt == mine -> decidingEpoch = epoch
    :: else ->
#ifdef NO_DECIDING
       skip
#else
       goto gone
#endif
    fi
  }
  MAY_CRASH;
  if
  :: home = NEW
  :: home = OLD                                  /* given up */
  fi;
  decide(home);
  MAY_CRASH;
  if
  :: decided -> release(home, epoch + 1)
  :: else -> skip                                /* somebody else decided, and opens what there is to open */
  fi;

done:
  skip;
gone:
  skip
}

proctype Router() {
  byte home, epoch, left;
  bool entered;

  left = WRITES;
  atomic { home = routeHome; epoch = routeEpoch }
  do
  :: left > 0 ->
     /* tenancy.enter: lock shared, then read the fence. */
     atomic {
       entered = (open[home] && fenceEpoch[home] == epoch);
       if :: entered -> writing[home]++ :: else -> skip fi
     }
     if
     :: entered ->
        atomic {
          assert(open[home] && fenceEpoch[home] == epoch);
          assert(!open[1 - home]);
          rows[home]++; acknowledged++; writing[home]--; left--
        }
     :: else ->
        /* Refused: ask again, or give up with an error that the client sees. */
        if
        :: atomic { home = routeHome; epoch = routeEpoch }
        :: left = 0
        fi
     fi
  :: left > 0 -> left = 0
  :: left == 0 -> break
  od
}

init {
  byte i;
  atomic {
    open[OLD] = true; fenceEpoch[OLD] = 1;
    i = 0; do :: i < ROUTERS -> run Router(); i++ :: else -> break od;
    i = 0; do :: i < MOVERS -> run Mover(); i++ :: else -> break od
  }
  /* All have ended, whichever way: nothing acknowledged is missing or doubled. */
  _nr_pr == 1 ->
  assert(!(open[OLD] && open[NEW]));
  if
  :: open[NEW] -> assert(routeHome == NEW && rows[NEW] == acknowledged)
  :: open[OLD] -> assert(routeHome == OLD && rows[OLD] == acknowledged)
  :: else ->
     /* Everybody crashed: what a next mover does now must find every write. */
     if
     :: routeHome == OLD -> assert(rows[OLD] == acknowledged)
     :: routeHome == NEW -> assert(rows[NEW] == acknowledged)
     fi
  fi
}
