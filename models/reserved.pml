/* One id at a target, and who may write and remove rows under it: two moves of tenants with that id from different sources, and
 * provisioning of a tenant under it.
 *
 * Checked exhaustively by test/lib/movement/cutover/model.test.ts:
 *   - none removes another's rows;
 *   - when all have ended, the rows here are those of the tenant whose route points here, and no others.
 * Each may fail at any step, and then cleans up.
 *
 * The fence's owner keeps the rows safe: -DNO_RESERVATION, without the early refusal, must find no fault; -DNO_FENCE_OWNER, with a fence
 * that the last one takes, must find one.
 */

#define SETUP 3                       /* The tenant that is being provisioned. */
#define NO_ONE 0

byte reserved = NO_ONE;               /* reserved_ids: one row */
byte route = NO_ONE;                  /* tenants_one_place: whose route points here */
byte fence = NO_ONE;                  /* tenancy.fence: its owner */
bool rows[4];                         /* whose rows are under the id */

#define FREE_FENCE (fence == NO_ONE && !rows[1] && !rows[2] && !rows[SETUP])

inline removeAll() {
  /* A delete by id removes the rows of all. */
  rows[1] = false; rows[2] = false; rows[SETUP] = false
}

/* Reserves the fence, or is refused. Without owners the last one takes it. */
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
       removeAll(); fence = NO_ONE
    :: else -> skip
    fi
  }
}

proctype Mover(byte me) {
  bool held, touched, refused;
#ifndef NO_RESERVATION
  atomic { if :: reserved == NO_ONE -> reserved = me :: else -> refused = true fi };
  if :: refused -> goto gone :: else -> skip fi;
#endif
  if :: route != NO_ONE -> goto release :: else -> skip fi;
  touched = true;                     /* recorded before it is created: see move_objects */
  if :: goto giveUp :: skip fi;
  atomic { reserveFence(me) };
  if :: !held -> goto giveUp :: else -> skip fi;
  atomic { if :: fence == me -> rows[me] = true :: else -> goto giveUp fi };
  if :: goto giveUp :: skip fi;
  /* The decision. */
  atomic { if :: route == NO_ONE && fence == me -> route = me :: else -> goto giveUp fi };
  goto release;
giveUp:
  cleanUp(me);
release:
  atomic { if :: reserved == me -> reserved = NO_ONE :: else -> skip fi };
gone:
  skip
}

proctype Setup() {
  bool held, touched;
  byte me = SETUP;
  atomic { if :: route == NO_ONE -> route = SETUP :: else -> goto gone fi };
#ifndef NO_RESERVATION
  if :: reserved != NO_ONE -> goto undo :: else -> skip fi;
#endif
  atomic { reserveFence(SETUP) };
  if :: !held -> goto undo :: else -> skip fi;
  touched = true;
  atomic { if :: fence == me -> rows[SETUP] = true :: else -> goto undo fi };
  if :: goto gone :: skip fi;
undo:
  /* The route is removed first, so that none points to the rows. */
  atomic { if :: route == SETUP -> route = NO_ONE :: else -> skip fi };
  cleanUp(SETUP);
gone:
  skip
}

init {
  atomic { run Mover(1); run Mover(2); run Setup() }
  _nr_pr == 1 ->
  /* The rows are those of the route's tenant only. */
  assert(route == NO_ONE || rows[route]);
  assert(rows[1] -> route == 1 : true);
  assert(rows[2] -> route == 2 : true);
  assert(rows[SETUP] -> route == SETUP : true)
}
