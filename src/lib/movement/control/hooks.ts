/** Named points of a move at which tests inject failures. Each is reached just before the action that it is named after. */
export type MovePoint =
  | 'preflight'
  | 'record_fence'
  | 'hold_target_fence'
  | 'create_publication'
  | 'create_slot'
  | 'copy'
  | 'copied_range'
  | 'catch_up'
  | 'apply'
  | 'applied'
  | 'create_reverse_replication'
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
  | 'reverse_replication'
  | 'clean_up'
  | 'remove_rows'
  | 'remove_fence'
  | 'certificate';

/** Called at each point. An exception makes the move fail there. */
export type MoveHooks = (point: MovePoint) => void | Promise<void>;
