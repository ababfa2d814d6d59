// A move as an operator sees it: everything that is recorded about it, and the commands that are possible next.
import type { CopiedTable, Move, MoveCommand, MoveEvent, MoveObject } from './move';
import { isLeased } from './move-lease';
import { MoveStore } from './move-store';
import type { MoveDependencies } from './ports';
import { type Remedy, remedyOf } from './remedy';
import { possibleCommands } from './requests';

export interface MoveReport {
  move: Move;
  /** Whether a process is running the move now. */
  isRunning: boolean;
  /** Whether the move waits for the operator's decision or has ended. */
  isSettled: boolean;
  commands: MoveCommand[];
  remedy: { remedy: Remedy; commands: MoveCommand[] } | undefined;
  tables: CopiedTable[];
  /** The latest events, the oldest of them first. */
  events: MoveEvent[];
  /** The objects that the move has created in the databases and has to remove. */
  objects: MoveObject[];
}

const LAST_EVENTS = 50;

/** Reads everything about a move. @throws MovementError `move_unknown` */
export async function readMoveReport(
  { operations }: Pick<MoveDependencies, 'operations'>,
  id: string,
): Promise<MoveReport> {
  const store = new MoveStore(operations);
  const move = await store.get(id);
  const [isRunning, tables, events, objects] = await Promise.all([
    isLeased(operations, move.id),
    store.ranges.copied(move.id),
    store.events(move.id, LAST_EVENTS),
    store.objects.of(move.id),
  ]);
  const remedy = remedyOf(move);
  return {
    ...{ move, isRunning, remedy, tables, events, objects },
    isSettled: isSettled(move),
    commands: possibleCommands(move),
  };
}

/** Whether the move waits for the operator's decision or has ended. */
export function isSettled(move: Move): boolean {
  const { autoCutOver, autoComplete } = move.options;
  const waits =
    (move.step === 'reverse_replication' && !autoComplete) ||
    (move.step === 'catching_up' && Boolean(move.progress.verifiedAt) && !autoCutOver);
  return (
    move.finishedAt !== null ||
    move.error !== null ||
    move.wanted === 'pause' ||
    (waits && move.wanted === 'run')
  );
}
