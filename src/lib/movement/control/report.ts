// A move as an operator sees it: all that is recorded of it, and what can be done next.
import type { CopiedTable, Move, MoveCommand, MoveEvent, MoveObject } from './move';
import { isLeased } from './move-lease';
import { MoveStore } from './move-store';
import type { MoveDependencies } from './ports';
import { type Remedy, remedyOf } from './remedy';
import { possibleCommands } from './requests';

export interface MoveReport {
  move: Move;
  /** A process runs it at this moment. */
  isRunning: boolean;
  /** The move waits for the operator's decision, or has ended. */
  isSettled: boolean;
  commands: MoveCommand[];
  remedy: { remedy: Remedy; commands: MoveCommand[] } | undefined;
  tables: CopiedTable[];
  /** The latest, oldest first. */
  events: MoveEvent[];
  /** What the move has made in the databases and has to remove. */
  objects: MoveObject[];
}

const LAST_EVENTS = 50;

/** @throws MovementError `move_unknown` */
export async function readMoveReport(
  { operations }: Pick<MoveDependencies, 'operations'>,
  id: string,
): Promise<MoveReport> {
  const store = new MoveStore(operations);
  const move = await store.get(id);
  const [isRunning, tables, events, objects] = await Promise.all([
    isLeased(operations, move.id),
    store.copied(move.id),
    store.events(move.id, LAST_EVENTS),
    store.objects(move.id),
  ]);
  const remedy = remedyOf(move);
  return {
    ...{ move, isRunning, remedy, tables, events, objects },
    isSettled: isSettled(move),
    commands: possibleCommands(move),
  };
}

/** The operator has to decide, or the move has ended. */
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
