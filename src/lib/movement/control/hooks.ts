/** Named places in a move, where tests make things go wrong. Called before what the name says. */
export type MovePoint =
  | 'preflight'
  | 'record_fence'
  | 'hold_new_fence'
  | 'create_publication'
  | 'create_slot'
  | 'copy'
  | 'copied_range'
  | 'catch_up'
  | 'apply'
  | 'applied'
  | 'create_way_back'
  | 'verify'
  | 'verified'
  | 'cut_over'
  | 'close_fence'
  | 'fence_closed'
  | 'drained'
  | 'verify_changed'
  | 'record_decision'
  | 'decide'
  | 'decided'
  | 'fence_opened'
  | 'way_back'
  | 'clean_up'
  | 'remove_rows'
  | 'remove_fence'
  | 'certificate';

/** Called at each point; what it throws, the move fails at. */
export type MoveHooks = (point: MovePoint) => void | Promise<void>;
