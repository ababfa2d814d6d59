import type { Command } from 'commander';
import {
  cancelSchemaRollout,
  decideSource,
  type SchemaRollout,
  SchemaRolloutStore,
} from '@/lib/fleet/schema-rollout';
import { type Instance, withInstance } from '../instance';
import { printJson, printRecord, printRows } from '../output';
import { schemaDependencies } from '../schema-dependencies';

interface Options {
  json?: boolean;
}

/** Shows schema rollouts, and decides about single databases. */
export function addStateCommands(migrate: Command): void {
  migrate
    .command('status [rollout]')
    .description('Show a schema rollout with its databases and events (default: the open one, or the last)')
    .option('--json', 'print JSON')
    .action((id: string | undefined, _: Options, command: Command) =>
      withInstance(async (instance) => {
        const store = new SchemaRolloutStore(instance.operations.pool);
        await show(store, await store.get(id), command.optsWithGlobals<Options>().json);
      }),
    );
  for (const [name, description] of [
    ['retry', 'Retry a database that failed or was skipped; then: marquee migrate resume'],
    ['skip', 'Skip a database in the open schema rollout'],
  ] as const) {
    migrate
      .command(`${name} <source>`)
      .description(description)
      .option('--json', 'print JSON')
      .action((source: string, _: Options, command: Command) =>
        change(command, async (instance) => decideSource(await schemaDependencies(instance), name, source)),
      );
  }
  migrate
    .command('cancel')
    .description('Cancel the open schema rollout; databases stay as they are')
    .option('--json', 'print JSON')
    .action((_: Options, command: Command) =>
      change(command, async (instance) => cancelSchemaRollout(await schemaDependencies(instance))),
    );
}

function change(command: Command, work: (instance: Instance) => Promise<SchemaRollout>): Promise<void> {
  return withInstance(async (instance) => {
    const rollout = await work(instance);
    const store = new SchemaRolloutStore(instance.operations.pool);
    await show(store, rollout, command.optsWithGlobals<Options>().json);
  });
}

async function show(
  store: SchemaRolloutStore,
  rollout: SchemaRollout,
  json: boolean | undefined,
): Promise<void> {
  const [sources, events] = await Promise.all([store.sources(rollout.id), store.events(rollout.id)]);
  if (json) return printJson({ ...rollout, sources, events });
  const { id, toVersion, phase, step, waves, wave, waitsFor, failed, requestedBy, createdAt, finishedAt } =
    rollout;
  printRecord(
    {
      ...{ id, version: toVersion, phase, step, wave: `${waves[wave]}, ${wave + 1} of ${waves.length}` },
      ...{ waitsFor, failed: failed?.message, requestedBy, createdAt, finishedAt },
    },
    false,
  );
  printRows(
    sources.map((source) => ({
      database: source.name,
      wave: waves[source.wave],
      state: source.state,
      from: source.fromVersion,
      version: source.version,
      attempts: source.attempts,
      ms: source.tookMs,
      problem: source.problem?.message,
    })),
    false,
  );
}
