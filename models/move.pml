/* The cut-over of a move and its rollback: routers with stale caches, movers that crash or are suspended, one decision.
 *
 * Checked exhaustively by test/lib/movement/cutover/model.test.ts:
 *   - at no time are both fences open;
 *   - a write enters only where the fence is open, at its epoch;
 *   - when a mover has finished, every acknowledged write is once at the place that the route names.
 * Deliberately worse than the program: several movers run at the same time (the lease is not part of the model), each to the
 * target or back to the source, and each may stop between any two steps, for good or for long.
 *
 * -DNO_HOLDER, -DNO_RANK, -DNO_DECIDING, -DNO_FORESTALLING, -DNO_PROGRESS_CAS, -DNO_ASSERT_HELD, -DNO_HOLDING_BACK
 * each remove one safeguard: the check must then find a fault.
 *
 * Each step prints what it did in a line that begins with `@`. test/lib/movement/cutover/replay.test.ts repeats such lines of
 * simulations on real databases, where each step must have the same result.
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

#define SOURCE 0
#define TARGET 1
#define NO_ONE 0

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
byte writing[2];          /* shared advisory locks held by running statements */

/* The route: one row in the application database. Its epoch only grows. */
byte routePlace = SOURCE;
byte routeEpoch = 1;

/* The operations database. */
byte attempt = 0;
byte decidingEpoch = 0;
byte step = 0;            /* cutting over, reverse replication, rolling back, over */
#define CUTTING_OVER 0
#define REVERSE 1
#define ROLLING_BACK 2
#define OVER 3

/* Rows: acknowledged writes made at each place, writes that each has got from the other, and up to which position. */
byte own[2];
byte got[2];
byte position[2];
byte acknowledged = 0;

#define ROWS(h) (own[h] + got[h])

inline hold(place) {
  /* An exclusive lock: running statements have ended. */
  atomic {
    writing[place] == 0 ->
    if
    :: OUTRANKED(place) -> printf("@ %d hold %d 0\n", mine, place); goto gone
    :: else -> open[place] = false; holder[place] = mine; rank[place] = mine; printf("@ %d hold %d 1\n", mine, place)
    fi
  }
}

inline release(place, epoch) {
  atomic {
    writing[place] == 0 ->
    if
    :: !open[place] && fenceEpoch[place] <= epoch && STILL_HELD(place) ->
         open[place] = true; fenceEpoch[place] = epoch; holder[place] = NO_ONE;
         printf("@ %d release %d %d 1\n", mine, place, epoch);
         assert(!(open[SOURCE] && open[TARGET]))
    :: else -> printf("@ %d release %d %d 0\n", mine, place, epoch)
    fi
  }
}

/* Compare-and-set of the route. `decided` says whether it was ours. */
inline decide(place) {
  atomic {
    if
    :: routeEpoch == epoch -> routeEpoch = epoch + 1; routePlace = place; decided = true
    :: else -> decided = false
    fi;
    printf("@ %d decide %d %d %d\n", mine, place, epoch, decided)
  }
}

/* Every mover but the last may end at any step. */
#define MAY_CRASH if :: skip :: mine != MOVERS -> goto gone fi

proctype Mover() {
  byte mine, epoch, place, from, upTo, target, deciding;
  bool decided;

  atomic {
    attempt++; mine = attempt; deciding = decidingEpoch;
    if
    :: step == CUTTING_OVER -> target = TARGET
    :: step == REVERSE -> step = ROLLING_BACK; target = SOURCE
    :: step == REVERSE -> goto gone
    :: step == ROLLING_BACK -> target = SOURCE
    :: step == OVER -> goto gone
    fi;
    printf("@ %d take %d\n", mine, target)
  }
  hold(SOURCE); MAY_CRASH;
  if
  :: hold(TARGET); MAY_CRASH
  :: target == TARGET ->
     /* The target is unreachable: if the route is still at the source, the tenant goes on there without it. */
     atomic { place = routePlace; epoch = routeEpoch; printf("@ %d route %d %d\n", mine, place, epoch) };
     MAY_CRASH;
     if
     :: place == TARGET -> goto gone
     :: place == SOURCE && deciding == epoch ->
        decide(SOURCE); MAY_CRASH;
        if :: decided -> release(SOURCE, epoch + 1); goto gone :: else -> goto gone fi
     :: place == SOURCE && deciding != epoch -> release(SOURCE, epoch); goto gone
     fi
  fi;
  atomic { place = routePlace; epoch = routeEpoch; printf("@ %d route %d %d\n", mine, place, epoch) }

  if
  :: place == target -> MAY_CRASH; release(target, epoch); goto arrived
#ifndef NO_FORESTALLING
  :: place != target && deciding == epoch ->
     /* An earlier attempt's decision may be on its way: a decision of this attempt forestalls it. */
     MAY_CRASH; decide(place); MAY_CRASH;
     if
     :: decided -> release(place, epoch + 1); goto gone
     :: else ->
        atomic { place = routePlace; epoch = routeEpoch; printf("@ %d route %d %d\n", mine, place, epoch) };
        MAY_CRASH;
        release(place, epoch);
        if :: place == target -> goto arrived :: else -> goto gone fi
     fi
#endif
  :: else -> skip
  fi;

  /* A new copy empties the target first. */
  if
  :: target == TARGET ->
     MAY_CRASH;
     atomic {
       if
#ifndef NO_ASSERT_HELD
       :: open[TARGET] || holder[TARGET] != mine -> printf("@ %d clear 0\n", mine); goto gone
#endif
       :: else -> got[TARGET] = 0; position[TARGET] = 0; printf("@ %d clear 1\n", mine)
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
    :: position[target] != from -> printf("@ %d apply %d 0\n", mine, target); goto gone /* another mover has taken replication over */
#endif
    :: else ->
       got[target] = got[target] + (upTo - from); position[target] = upTo;
       printf("@ %d apply %d 1\n", mine, target)
    fi
  }
  MAY_CRASH;

  if
  :: /* The application database does not answer, or the pause limit is reached before the decision. */
#ifndef NO_DECIDING
     if
     :: deciding != epoch -> release(place, epoch); goto gone
     :: else -> skip
     fi
#else
     release(place, epoch); goto gone
#endif
  :: skip
  fi;

  /* Record the decision, as the current attempt only; then make it, perhaps much later. */
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
  :: place = target
  :: place = 1 - target                           /* given up */
  fi;
  decide(place);
  MAY_CRASH;
  if
  :: decided -> release(place, epoch + 1)
  :: else -> goto gone                           /* another mover has decided, and opens the fence */
  fi;
#ifdef NO_HOLDING_BACK
  /* Without holding back, the watcher takes the first writes at the target for rogue ones, and the stream confirms them. */
  atomic { if :: place == TARGET -> position[SOURCE] = own[TARGET] :: else -> skip fi };
#endif

  MAY_CRASH;
arrived:
  atomic {
    if
    :: attempt == mine && place == TARGET -> step = REVERSE
    :: attempt == mine && place == SOURCE && target == SOURCE -> step = OVER
    :: else -> skip
    fi
  }
gone:
  skip
}

proctype Router(byte me) {
  byte place, epoch, left;
  bool entered;

  left = WRITES;
  atomic { place = routePlace; epoch = routeEpoch }
  do
  :: left > 0 ->
     /* tenancy.enter: lock shared, then read the fence. */
     atomic {
       entered = (open[place] && fenceEpoch[place] == epoch);
       if :: entered -> writing[place]++ :: else -> skip fi;
       printf("@ r%d enter %d %d %d\n", me, place, epoch, entered)
     }
     if
     :: entered ->
        atomic {
          assert(open[place] && fenceEpoch[place] == epoch);
          assert(!open[1 - place]);
          own[place]++; acknowledged++; writing[place]--; left--;
          printf("@ r%d wrote %d\n", me, place)
        }
     :: else ->
        /* Refused: read the route again, or fail the request. */
        if
        :: atomic { place = routePlace; epoch = routeEpoch }
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
    open[SOURCE] = true; fenceEpoch[SOURCE] = 1;
    i = 0; do :: i < ROUTERS -> run Router(i); i++ :: else -> break od;
    i = 0; do :: i < MOVERS -> run Mover(); i++ :: else -> break od
  }
  /* When all have ended, no acknowledged write is missing or doubled. */
  _nr_pr == 1 ->
  assert(!(open[SOURCE] && open[TARGET]));
  assert(!open[1 - routePlace]);
  printf("@ end %d %d\n", routePlace, acknowledged);
  /* Also when all have crashed: the next mover must find every write. */
  assert(ROWS(routePlace) == acknowledged)
}
