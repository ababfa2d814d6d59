// A rollout as an operator sees it: its waves with each tenant's move, and what has happened.
import type { Move } from '../control/move';
import { MoveStore } from '../control/move-store';
import type { MoveDependencies } from '../control/ports';
import { possibleRolloutCommands } from './command-rollout';
import {
  type Rollout,
  type RolloutCommand,
  type RolloutEvent,
  RolloutStore,
  type RolloutTenant,
} from './rollout-store';

export interface RolloutReport {
  rollout: Rollout;
  commands: RolloutCommand[];
  tenants: (RolloutTenant & { move: Move | undefined })[];
  events: RolloutEvent[];
}

/** @throws MovementError `rollout_unknown` */
export async function readRolloutReport(
  { operations }: Pick<MoveDependencies, 'operations'>,
  id: string,
): Promise<RolloutReport> {
  const store = new RolloutStore(operations);
  const rollout = await store.get(id);
  const [tenants, events] = await Promise.all([store.tenants(rollout.id), store.events(rollout.id)]);
  const ids = tenants.flatMap(({ moveId }) => moveId ?? []);
  const moves = new Map((await new MoveStore(operations).list({ ids })).map((move) => [move.id, move]));
  return {
    rollout,
    commands: possibleRolloutCommands(rollout),
    tenants: tenants.map((tenant) => ({ ...tenant, move: moves.get(tenant.moveId ?? '') })),
    events,
  };
}
