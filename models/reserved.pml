/* One id at a target, and who may write and remove rows under it: two moves of tenants with that id from different sources, and a
 * tenant that is set up there under it.
 *
 * Checked exhaustively by test/lib/movement/cutover/model.test.ts:
 *   - nobody removes another's rows;
 *   - when all have ended, the rows here are those of the tenant whose route points here, and no others.
 * Each may give up at any step, and then cleans up.
 *
 * The fence's owner is what keeps rows safe: -DNO_RESERVATION, which takes away what refuses the second before anything is made, must stay
 * without a fault; -DNO_FENCE_OWNER, a fence that the last one takes, must find one.
 */

#define SETUP 3                       /* The tenant that is set up. */
#define NOBODY 0

byte reserved = NOBODY;               /* reserved_ids: one row */
byte route = NOBODY;                  /* tenants_one_place: whose route points here */
byte fence = NOBODY;                  /* tenancy.fence: its owner */
bool rows[4];                         /* whose rows stand under the id */

#define FREE_FENCE (fence == NOBODY && !rows[1] && !rows[2] && !rows[SETUP])

inline removeAll() {
  /* A delete by id takes everybody's rows. */
  rows[1] = false; rows[2] = false; rows[SETUP] = false
}

/* Reserves the fence, or is refused. Without an owner the last one has it, as in the first version. */
inline reserveFence(me) {
  if
#ifdef NO_FENCE_OWNER
  :: fence = me; held = true
#else
  :: FREE_FENCE -> fence = me; held = true
  :: !FREE_FENCE -> held = false
#endif
  fi
}

inline cleanUp(me) {
  atomic {
    if
#ifdef NO_FENCE_OWNER
    :: touched ->
#else
    :: touched && fence == me ->
#endif
       assert((me == 1 || !rows[1]) && (me == 2 || !rows[2]) && (me == SETUP || !rows[SETUP]));
       removeAll(); fence = NOBODY
    :: else -> skip
    fi
  }
}

proctype Mover(byte me) {
  bool held, touched, refused;
#ifndef NO_RESERVATION
  atomic { if :: reserved == NOBODY -> reserved = me :: else -> refused = true fi };
  if :: refused -> goto gone :: else -> skip fi;
#endif
  if :: route != NOBODY -> goto release :: else -> skip fi;
  touched = true;                     /* recorded before it is made: see move_objects */
  if :: goto giveUp :: skip fi;
  atomic { reserveFence(me) };
  if :: !held -> goto giveUp :: else -> skip fi;
  atomic { if :: fence == me -> rows[me] = true :: else -> goto giveUp fi };
  if :: goto giveUp :: skip fi;
  /* The decision. */
  atomic { if :: route == NOBODY && fence == me -> route = me :: else -> goto giveUp fi };
  goto release;
giveUp:
  cleanUp(me);
release:
  atomic { if :: reserved == me -> reserved = NOBODY :: else -> skip fi };
gone:
  skip
}

proctype Setup() {
  bool held, touched;
  byte me = SETUP;
  atomic { if :: route == NOBODY -> route = SETUP :: else -> goto gone fi };
#ifndef NO_RESERVATION
  if :: reserved != NOBODY -> goto undo :: else -> skip fi;
#endif
  atomic { reserveFence(SETUP) };
  if :: !held -> goto undo :: else -> skip fi;
  touched = true;
  atomic { if :: fence == me -> rows[SETUP] = true :: else -> goto undo fi };
  if :: goto gone :: skip fi;
undo:
  /* The route goes first: nothing leads to the rows any more. */
  atomic { if :: route == SETUP -> route = NOBODY :: else -> skip fi };
  cleanUp(SETUP);
gone:
  skip
}

init {
  atomic { run Mover(1); run Mover(2); run Setup() }
  _nr_pr == 1 ->
  /* What is here is the route's, and only its. */
  assert(route == NOBODY || rows[route]);
  assert(rows[1] -> route == 1 : true);
  assert(rows[2] -> route == 2 : true);
  assert(rows[SETUP] -> route == SETUP : true)
}
