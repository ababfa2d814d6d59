// Where a tenant's data may be. Everything that brings data to a place asks this one rule: provisioning, moves, rollouts,
// replicas, backups.
import { OperationsError } from '../errors';

/** A place where data would be. */
export interface RegionalPlace {
  /** As the refusal names it, e.g. `main` or `the replica db2:5432 of main`. */
  name: string;
  /** Null where it is not known: such a place is in no region. */
  region: string | null | undefined;
}

/** Why a tenant's data must not be at these places; undefined where they may. `required` null: they may be anywhere. */
export function refusalOfRegion(
  required: string | null | undefined,
  places: readonly RegionalPlace[],
): string | undefined {
  if (!required) return undefined;
  const outside = places.filter(({ region }) => region !== required);
  if (outside.length === 0) return undefined;
  const named = outside.map(({ name, region }) => `${name} is in ${region || 'no region'}`);
  return `The tenant’s data must stay in ${required}; ${named.join(', ')}.`;
}

/** @throws OperationsError `region_refused` */
export function expectRegion(required: string | null | undefined, places: readonly RegionalPlace[]): void {
  const refusal = refusalOfRegion(required, places);
  if (refusal) throw new OperationsError('region_refused', refusal);
}
