/* Moving a tenant: routers with stale caches, movers that crash or are only slow, one decision; and the way back.
 *
 * Checked exhaustively by test/lib/movement/cutover/model.test.ts:
 *   - no two open homes, at any time;
 *   - a write enters only at the home and epoch its fence is open for;
 *   - when a mover has finished, every acknowledged write is at the home the route names, once.
 * Deliberately worse than the program: several movers work at the same time (the lock of the operations database is
 * no part of the model), each to the new home or back to the old one, and each may stop for ever, or for long, between
 * any two steps.
 *
 * -DNO_HOLDER, -DNO_RANK, -DNO_DECIDING, -DNO_FORESTALLING, -DNO_PROGRESS_CAS, -DNO_ASSERT_HELD, -DNO_HOLDING_BACK
 * each take one safeguard away: the check must then find a fault.
 *
 * Each step says what it did in a line that begins with `@`. test/lib/movement/cutover/replay.test.ts takes such lines from
 * simulations and does the same to real databases: what came of each step must be the same there.
 */

#ifdef NO_HOLDER
#define STILL_HELD(h) true
#else
#define STILL_HELD(h) (holder[h] == mine)
#endif

#ifdef NO_RANK
#define OUTRANKED(h) false
#else
#define OUTRANKED(h) (rank[h] > mine)
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
byte rank[2];             /* the latest attempt that has held it */
byte writing[2];          /* shared advisory locks held by statements under way */

/* The route: one row in the application database. Its epoch only grows. */
byte routeHome = OLD;
byte routeEpoch = 1;

/* The operations database. */
byte attempt = 0;
byte decidingEpoch = 0;
byte step = 0;            /* cutting over, way back, rolling back, over */
#define CUTTING_OVER 0
#define WAY_BACK 1
#define ROLLING_BACK 2
#define OVER 3

/* Rows: how many acknowledged writes were made in each home, how many each has got from the other, and up to which. */
byte own[2];
byte got[2];
byte position[2];
byte acknowledged = 0;

#define ROWS(h) (own[h] + got[h])

inline hold(home) {
  /* An exclusive lock: statements under way have ended. */
  atomic {
    writing[home] == 0 ->
    if
    :: OUTRANKED(home) -> printf("@ %d hold %d 0\n", mine, home); goto gone
    :: else -> open[home] = false; holder[home] = mine; rank[home] = mine; printf("@ %d hold %d 1\n", mine, home)
    fi
  }
}

inline release(home, epoch) {
  atomic {
    writing[home] == 0 ->
    if
    :: !open[home] && fenceEpoch[home] <= epoch && STILL_HELD(home) ->
         open[home] = true; fenceEpoch[home] = epoch; holder[home] = NOBODY;
         printf("@ %d release %d %d 1\n", mine, home, epoch);
         assert(!(open[OLD] && open[NEW]))
    :: else -> printf("@ %d release %d %d 0\n", mine, home, epoch)
    fi
  }
}

/* Compare-and-set of the route. `decided` says whether it was ours. */
inline decide(home) {
  atomic {
    if
    :: routeEpoch == epoch -> routeEpoch = epoch + 1; routeHome = home; decided = true
    :: else -> decided = false
    fi;
    printf("@ %d decide %d %d %d\n", mine, home, epoch, decided)
  }
}

/* Every mover but the last may be gone at any step. */
#define MAY_CRASH if :: skip :: mine != MOVERS -> goto gone fi

proctype Mover() {
  byte mine, epoch, home, from, upTo, target, deciding;
  bool decided;

  atomic {
    attempt++; mine = attempt; deciding = decidingEpoch;
    if
    :: step == CUTTING_OVER -> target = NEW
    :: step == WAY_BACK -> step = ROLLING_BACK; target = OLD
    :: step == WAY_BACK -> goto gone
    :: step == ROLLING_BACK -> target = OLD
    :: step == OVER -> goto gone
    fi;
    printf("@ %d take %d\n", mine, target)
  }
  hold(OLD); MAY_CRASH;
  if
  :: hold(NEW); MAY_CRASH
  :: target == NEW ->
     /* The new home cannot be reached: where the route is still at the old one, the tenant goes on there without it. */
     atomic { home = routeHome; epoch = routeEpoch; printf("@ %d route %d %d\n", mine, home, epoch) };
     MAY_CRASH;
     if
     :: home == NEW -> goto gone
     :: home == OLD && deciding == epoch ->
        decide(OLD); MAY_CRASH;
        if :: decided -> release(OLD, epoch + 1); goto gone :: else -> goto gone fi
     :: home == OLD && deciding != epoch -> release(OLD, epoch); goto gone
     fi
  fi;
  atomic { home = routeHome; epoch = routeEpoch; printf("@ %d route %d %d\n", mine, home, epoch) }

  if
  :: home == target -> MAY_CRASH; release(target, epoch); goto arrived
#ifndef NO_FORESTALLING
  :: home != target && deciding == epoch ->
     /* An earlier attempt's decision may be on its way: one of our own forestalls it. */
     MAY_CRASH; decide(home); MAY_CRASH;
     if
     :: decided -> release(home, epoch + 1); goto gone
     :: else ->
        atomic { home = routeHome; epoch = routeEpoch; printf("@ %d route %d %d\n", mine, home, epoch) };
        MAY_CRASH;
        release(home, epoch);
        if :: home == target -> goto arrived :: else -> goto gone fi
     fi
#endif
  :: else -> skip
  fi;

  /* A copy that begins anew empties the new home. */
  if
  :: target == NEW ->
     MAY_CRASH;
     atomic {
       if
#ifndef NO_ASSERT_HELD
       :: open[NEW] || holder[NEW] != mine -> printf("@ %d clear 0\n", mine); goto gone
#endif
       :: else -> got[NEW] = 0; position[NEW] = 0; printf("@ %d clear 1\n", mine)
       fi
     }
  :: skip
  fi;

  /* Drain: read up to the marker, then apply what was read; between the two anything may happen. */
  atomic { from = position[target]; upTo = own[1 - target]; printf("@ %d read %d %d %d\n", mine, target, from, upTo) };
  MAY_CRASH;
  atomic {
    if
#ifndef NO_PROGRESS_CAS
    :: position[target] != from -> printf("@ %d apply %d 0\n", mine, target); goto gone /* somebody else took the stream over */
#endif
    :: else ->
       got[target] = got[target] + (upTo - from); position[target] = upTo;
       printf("@ %d apply %d 1\n", mine, target)
    fi
  }
  MAY_CRASH;

  if
  :: /* The application database cannot be asked, or the time is up before a decision. */
#ifndef NO_DECIDING
     if
     :: deciding != epoch -> release(home, epoch); goto gone
     :: else -> skip
     fi
#else
     release(home, epoch); goto gone
#endif
  :: skip
  fi;

  /* The intent, if the attempt is still ours; then the decision, perhaps much later. */
  atomic {
    if
    :: attempt == mine -> decidingEpoch = epoch; printf("@ %d record %d 1\n", mine, epoch)
    :: else ->
       printf("@ %d record %d 0\n", mine, epoch);
#ifdef NO_DECIDING
       skip
#else
       goto gone
#endif
    fi
  }
  MAY_CRASH;
  if
  :: home = target
  :: home = 1 - target                           /* given up */
  fi;
  decide(home);
  MAY_CRASH;
  if
  :: decided -> release(home, epoch + 1)
  :: else -> goto gone                           /* somebody else decided, and opens what there is to open */
  fi;
#ifdef NO_HOLDING_BACK
  /* Whoever watched the new home for rogue writes takes the first writes there for such, and the stream forgets them. */
  atomic { if :: home == NEW -> position[OLD] = own[NEW] :: else -> skip fi };
#endif

  MAY_CRASH;
arrived:
  atomic {
    if
    :: attempt == mine && home == NEW -> step = WAY_BACK
    :: attempt == mine && home == OLD && target == OLD -> step = OVER
    :: else -> skip
    fi
  }
gone:
  skip
}

proctype Router(byte me) {
  byte home, epoch, left;
  bool entered;

  left = WRITES;
  atomic { home = routeHome; epoch = routeEpoch }
  do
  :: left > 0 ->
     /* tenancy.enter: lock shared, then read the fence. */
     atomic {
       entered = (open[home] && fenceEpoch[home] == epoch);
       if :: entered -> writing[home]++ :: else -> skip fi;
       printf("@ r%d enter %d %d %d\n", me, home, epoch, entered)
     }
     if
     :: entered ->
        atomic {
          assert(open[home] && fenceEpoch[home] == epoch);
          assert(!open[1 - home]);
          own[home]++; acknowledged++; writing[home]--; left--;
          printf("@ r%d wrote %d\n", me, home)
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
    i = 0; do :: i < ROUTERS -> run Router(i); i++ :: else -> break od;
    i = 0; do :: i < MOVERS -> run Mover(); i++ :: else -> break od
  }
  /* All have ended, whichever way: nothing acknowledged is missing or doubled. */
  _nr_pr == 1 ->
  assert(!(open[OLD] && open[NEW]));
  assert(!open[1 - routeHome]);
  printf("@ end %d %d\n", routeHome, acknowledged);
  /* Also where everybody crashed: what a next mover does now must find every write. */
  assert(ROWS(routeHome) == acknowledged)
}
