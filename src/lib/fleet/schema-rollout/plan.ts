// What a schema rollout would do: read from the databases, nothing is changed.
import { MarqueeError } from '@/lib/failures';
import type { Migration, SchemaFiles } from '@/lib/migrations';
import { newestVersion } from '@/lib/migrations';
import type { DataSource, OperationsDatabase } from '@/lib/operations';
import { pendingTenantData } from '@/lib/tenant-data';
import { inParallel } from '../in-parallel';
import { planOf, type StatementPlan } from './locks';
import { withReader } from './reader';
import { statementsOf } from './statements';

export interface PlannedSource {
  source: string;
  /** Version of the schema; undefined if it could not be read. */
  version: number | undefined;
  /** Versions that are applied first, and those that wait until no older process runs. */
  expand: number[];
  contract: number[];
  /** Functions whose files have changed. */
  functions: number;
  /** Why it cannot be migrated. */
  problem?: { code: string; message: string };
}

export interface PlannedMigration {
  version: number;
  name: string;
  phase: Migration['phase'];
  statements: StatementPlan[];
}

export interface SchemaRolloutPlan {
  toVersion: number;
  sources: PlannedSource[];
  /** Every migration that some source lacks. */
  migrations: PlannedMigration[];
}

/** @param sources to look at; others are left out */
export async function planSchemaRollout(
  operations: OperationsDatabase,
  files: SchemaFiles,
  sources: readonly DataSource[],
  atOnce: number,
): Promise<SchemaRolloutPlan> {
  const migrations = new Map<number, Migration>();
  const planned = await inParallel(sources, atOnce, async (source): Promise<PlannedSource> => {
    const named = { source: source.name, expand: [], contract: [], functions: 0 };
    try {
      const found = await withReader(operations, source, (client) => pendingTenantData(client, files));
      for (const migration of [...found.expand, ...found.contract])
        migrations.set(migration.version, migration);
      return {
        ...named,
        version: found.version,
        expand: found.expand.map(({ version }) => version),
        contract: found.contract.map(({ version }) => version),
        functions: found.functions.length,
      };
    } catch (error) {
      return { ...named, version: undefined, problem: problemOf(error) };
    }
  });
  return {
    toVersion: newestVersion(files),
    sources: planned,
    migrations: [...migrations.values()]
      .sort((one, other) => one.version - other.version)
      .map(({ version, name, phase, file }) => ({
        ...{ version, name, phase },
        statements: statementsOf(file.text).map(planOf),
      })),
  };
}

/** A driver's message may name a login, so only Marquee's own messages are shown. */
export function problemOf(error: unknown): { code: string; message: string } {
  if (error instanceof MarqueeError) return { code: error.code, message: error.message };
  return {
    code: 'internal_error',
    message: 'It refused, or only its administrator may do it (marquee source test).',
  };
}

export const isPending = ({ expand, contract, functions }: PlannedSource): boolean =>
  expand.length > 0 || contract.length > 0 || functions > 0;
