import { setTimeout as sleep } from 'node:timers/promises';
import { Command } from 'commander';
import { readNames } from '@/lib/data-sources';
import {
  commandRollout,
  MovementError,
  planRollout,
  type Rollout,
  type RolloutCommand,
  RolloutStore,
  readRolloutReport,
  startMoveWorker,
  startRollout,
} from '@/lib/movement';
import { percentages, positiveNumber, share, wholeNumber } from '../given-values';
import { cliActor, type Instance } from '../instance';
import { printJson, printRecord, printRows } from '../output';
import { type Waiting, withMoves } from './move-run';

interface Listing extends Waiting {
  limit: number;
  before?: string;
}

interface StartOptions extends Waiting {
  from: string[];
  to: string;
  sample: string[];
  waves: number[];
  atOnce?: number;
  soak?: number;
  shadowReads?: number;
  keepRollback?: boolean;
  maxPause?: number;
  maxErrors?: number;
  maxLatencyRatio?: number;
  bytesPerSecond?: number;
  dryRun?: boolean;
}

type Moves = Parameters<Parameters<typeof withMoves>[0]>[0];

const collect = (value: string, all: string[]) => [...all, value];

export const rolloutCommand = new Command('rollout');

rolloutCommand
  .command('start')
  .description('Move the tenants of one or more data sources to another one, wave by wave')
  .requiredOption('--to <source>', 'data source to move to, by name or id')
  .requiredOption('--from <source>', 'data source to leave; repeatable', collect, [])
  .option('--sample <tenant>', 'a tenant that moves first; repeatable', collect, [])
  .option(
    '--waves <percents>',
    'percentage of the tenants that have moved after each wave',
    percentages,
    [5, 25, 100],
  )
  .option(
    '--at-once <n>',
    'tenants of a wave between cut-over and completion at a time (4)',
    wholeNumber(1, 50),
  )
  .option('--soak <seconds>', 'how long a wave is observed (600)', wholeNumber(0, 604_800))
  .option('--shadow-reads <n>', 'shadow reads to compare before a cut-over (20)', wholeNumber(0, 1_000_000))
  .option('--max-pause <ms>', 'how long statements may wait during a cut-over (2000)', positiveNumber)
  .option('--max-errors <part>', 'by how much the share of failing statements may grow (0.01)', share)
  .option(
    '--max-latency-ratio <x>',
    'how many times as long statements may take at the target (2)',
    positiveNumber,
  )
  .option('--bytes-per-second <n>', 'limit of the copies', positiveNumber)
  .option('--keep-rollback', 'complete no move: each tenant can be rolled back until you complete its move')
  .option('--dry-run', 'change nothing: show the waves')
  .option('--detach', 'record the rollout and leave it to the running instance')
  .option('--json', 'print JSON')
  .action((options: StartOptions) =>
    withMoves(async (moves, instance) => {
      const { dataSources } = instance.operations;
      const [to, ...from] = await Promise.all(
        [options.to, ...options.from].map((name) => dataSources.get(name)),
      );
      const samples = await Promise.all(
        options.sample.map((name) => instance.application.tenants.named(name)),
      );
      const { atOnce, shadowReads, keepRollback, maxPause, maxErrors, maxLatencyRatio, bytesPerSecond } =
        options;
      const request = {
        fromSources: from.map(({ id }) => id),
        toSource: to?.id ?? '',
        samples: samples.map(({ id }) => id),
        percents: options.waves,
        ...{ atOnce, shadowReads, keepRollback },
        soakMs: options.soak === undefined ? undefined : options.soak * 1000,
        gates: { pauseMs: maxPause, errorRate: maxErrors, latencyRatio: maxLatencyRatio },
        move: { bytesPerSecond },
        requestedBy: cliActor(),
      };
      if (options.dryRun) {
        const { waves } = await planRollout(moves, request);
        if (options.json) return printJson(waves);
        const rows = waves.map(({ name, tenants }, wave) => ({
          wave,
          name,
          tenants: tenants.length,
          ids: tenants.join(' '),
        }));
        return printRows(rows, false, 'There are no tenants in these data sources.');
      }
      const { id } = await startRollout(moves, request);
      await drive(instance, moves, id, options);
    }),
  );

rolloutCommand
  .command('status [rollout]')
  .description('Show one rollout with its tenants and events, or all of them, the newest first')
  .option('--limit <n>', 'how many at most', wholeNumber(1, 1_000), 500)
  .option('--before <rollout>', 'only those that are older than this one')
  .option('--json', 'print JSON')
  .action((id: string | undefined, { json, limit, before }: Listing) =>
    withMoves(async (moves, instance) => {
      const store = new RolloutStore(moves.operations);
      if (id) return show(instance, moves, id, json);
      const end = before === undefined ? undefined : (await store.get(before)).id;
      const list = await store.list({ before: end, limit });
      const none = end
        ? 'There are no older ones.'
        : 'There are no rollouts. Start one: marquee rollout start';
      printRows(list.map(summary), json, none);
      if (!json && list.length === limit)
        console.log(`Older ones: marquee rollout status --before ${list.at(-1)?.id}`);
    }),
  );

rolloutCommand
  .command('watch [rollout]')
  .description('Show what happens until the rollout waits for a decision or ends (default: the newest)')
  .option('--json', 'print one JSON object an event')
  .action((id: string | undefined, { json }: Waiting) =>
    withMoves(async (moves) => {
      const store = new RolloutStore(moves.operations);
      await watch(store, await chosen(store, id), json);
    }),
  );

const COMMANDS: [name: string, wanted: RolloutCommand, description: string][] = [
  ['pause', 'pause', 'Start and cut over no further moves; gates are still checked'],
  ['resume', 'run', 'Resume; after a halt, repeat the wave'],
  ['halt', 'halt', 'Roll back the current wave, as if a gate had failed'],
  ['rollback', 'rollback', 'Roll back every tenant whose move is not completed, and end the rollout'],
];
for (const [name, wanted, description] of COMMANDS) {
  rolloutCommand
    .command(`${name} [rollout]`)
    .description(`${description} (default: the newest rollout)`)
    .option('--detach', 'leave it to the running instance and return')
    .option('--json', 'print JSON')
    .action((id: string | undefined, options: Waiting) =>
      withMoves(async (moves, instance) => {
        const store = new RolloutStore(moves.operations);
        const which = await chosen(store, id);
        await commandRollout(moves, which, wanted, { by: cliActor() });
        await drive(instance, moves, which, wanted === 'pause' ? { ...options, detach: true } : options);
      }),
    );
}

/** Advances the rollout in this process too, so that it goes on where no instance runs. */
async function drive(instance: Instance, moves: Moves, id: string, { detach, json }: Waiting): Promise<void> {
  if (!detach) {
    const worker = startMoveWorker(moves, (_, error) => {
      if (!json) console.error(error instanceof Error ? error.message : String(error));
    });
    try {
      await watch(new RolloutStore(moves.operations), id, json, process.stderr);
    } finally {
      await worker.close();
    }
  }
  await show(instance, moves, id, json);
  const { failed } = await new RolloutStore(moves.operations).get(id);
  if (failed && !detach) process.exitCode = 1;
}

async function watch(
  store: RolloutStore,
  id: string,
  json: boolean | undefined,
  out: NodeJS.WritableStream = process.stdout,
): Promise<void> {
  for (let shown = 0; ; await sleep(500)) {
    const rollout = await store.get(id);
    const events = await store.events(id);
    for (const { at, wave, event, detail } of events.slice(shown)) {
      const what = { at, wave: rollout.waves[wave], event, ...detail };
      const line = `${at.toISOString()}  ${what.wave}: ${event.replaceAll('_', ' ')} ${Object.values(detail).join(' · ')}`;
      out.write(`${json ? JSON.stringify(what) : line.trimEnd()}\n`);
    }
    shown = events.length;
    if (rollout.finishedAt || (rollout.step === 'halted' && rollout.wanted === 'pause')) return;
  }
}

async function show(instance: Instance, moves: Moves, id: string, json: boolean | undefined): Promise<void> {
  const { rollout, tenants, events } = await readRolloutReport(moves, id);
  const names = await readNames(
    instance,
    tenants.map(({ tenantId }) => tenantId),
  );
  const rows = tenants.map(({ tenantId, wave, move, skipped }) => ({
    tenant: names.tenant(tenantId),
    ...(json ? { tenantId } : {}),
    wave: rollout.waves[wave],
    step: skipped ? 'skipped' : (move?.step ?? 'waiting'),
    pauseMs: move?.progress.pauseMs === undefined ? null : Math.round(move.progress.pauseMs),
    note: skipped ?? move?.error?.message ?? null,
  }));
  if (json) return printJson({ ...rollout, tenants: rows, events });
  printRecord(summary(rollout), false);
  printRows(rows, false);
}

function summary({
  id,
  step,
  wanted,
  waves,
  wave,
  failed,
  createdAt,
  finishedAt,
}: Rollout): Record<string, unknown> {
  const failure = failed && `${failed.gate}: ${failed.message}`;
  return {
    id,
    step,
    wanted,
    wave: `${waves[wave]}, ${wave + 1} of ${waves.length}`,
    failed: failure,
    createdAt,
    finishedAt,
  };
}

/** @throws MovementError `rollout_unknown` */
async function chosen(store: RolloutStore, id: string | undefined): Promise<string> {
  if (id) return (await store.get(id)).id;
  const [newest] = await store.list({ limit: 1 });
  if (newest) return newest.id;
  throw new MovementError('rollout_unknown', 'There is no rollout.', {
    hint: 'Start: marquee rollout start',
  });
}
