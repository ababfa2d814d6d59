import { Command } from 'commander';
import { commandMove, isSettled, type Move, type MoveCommand, MoveStore, namesOf } from '@/lib/movement';
import { confirmByName } from '../confirm';
import { wholeNumber } from '../given-values';
import { cliActor } from '../instance';
import { printRows } from '../output';
import { proofCommands } from './move-proof';
import {
  drive,
  findMove,
  type Json,
  refuseFailed,
  show,
  type Waiting,
  watch,
  whileRunning,
  withMoves,
} from './move-run';
import { startCommand } from './move-start';
import { nextCommands, summary } from './move-words';

export const moveCommand = new Command('move').addHelpText(
  'after',
  `
A move is named by its id or its tenant. A command runs the move until it waits for a decision or has ended; a running
instance continues moves that no command runs. With --json the move is one object on standard output, and its progress
goes to standard error; \`watch --json\` prints one object for each change.

Exit codes: 0 the command was carried out · 1 it failed, or is not possible at this step (error.code) · 2 wrong usage ·
3 no such move, tenant or data source · 4 a database cannot be reached now: try again later`,
);

moveCommand.addCommand(startCommand);

moveCommand
  .command('status [move]')
  .description('Show one move (id, or its tenant), or all of them, the newest first')
  .option('--limit <n>', 'how many at most', wholeNumber(1, 1_000), 500)
  .option('--before <move>', 'only those that are older than this one')
  .option('--json', 'print JSON')
  .action((name: string | undefined, { json, limit, before }: Json & { limit: number; before?: string }) =>
    withMoves(async (moves, instance) => {
      const store = new MoveStore(moves.operations);
      if (name) {
        return show(instance, moves, await findMove(instance, store, name), json);
      }
      const end = before === undefined ? undefined : (await findMove(instance, store, before)).id;
      const list = await store.list({ before: end, limit });
      const named = await namesOf(instance, list);
      const rows = list.map((move) => {
        const names = named(move);
        if (json) return { ...names, ...summary(move) };
        const { step, error, createdAt } = move;
        const next = nextCommands(move, names.tenant)[0]?.replace(/ {2}\(.*/, '');
        return {
          ...names,
          step: step.replaceAll('_', ' '),
          error: error?.message ?? '',
          next,
          started: createdAt,
        };
      });
      const none = end ? 'There are no older ones.' : 'There are no moves. Start one: marquee move start';
      printRows(rows, json, none);
      if (!json && list.length === limit)
        console.log(`Older ones: marquee move status --before ${list.at(-1)?.id}`);
    }),
  );

moveCommand
  .command('watch <move>')
  .description('Show progress until the move waits for a decision or ends')
  .option('--json', 'print one JSON object a change')
  .action((name: string, { json }: Json) =>
    withMoves(async (moves, instance) => {
      const store = new MoveStore(moves.operations);
      const { id } = await findMove(instance, store, name);
      const show = json ? (line: string) => console.log(line) : undefined;
      await Promise.race([watch(store, id, json, isSettled, show), whileRunning(moves, id)]);
      refuseFailed(await store.get(id));
    }),
  );

interface CommandOptions extends Waiting {
  despiteShadowReads?: boolean;
  despiteDifferences?: boolean;
  forgetTarget?: boolean;
  forgetSource?: boolean;
  yes?: boolean;
}

const COMMANDS: [name: string, wanted: MoveCommand, description: string, until: (move: Move) => boolean][] = [
  ['cut-over', 'cut_over', 'Cut over to the target', (move) => move.step === 'reverse_replication'],
  ['pause', 'pause', 'Pause the move; what it has copied stays', () => true],
  ['resume', 'run', 'Resume from the recorded step', isSettled],
  [
    'abort',
    'abort',
    'End the move before its cut-over and remove what it has created',
    (move) => move.finishedAt !== null,
  ],
  ['rollback', 'rollback', 'Cut over back to the source', (move) => move.finishedAt !== null],
  [
    'complete',
    'complete',
    'Remove the rows at the source; no rollback after that',
    (move) => move.finishedAt !== null,
  ],
];
for (const [name, wanted, description, until] of COMMANDS) {
  const command = moveCommand
    .command(`${name} <move>`)
    .description(description)
    .option('--detach', 'leave it to the running instance and return')
    .option('--json', 'print JSON')
    .action((which: string, options: CommandOptions) =>
      withMoves(async (moves, instance) => {
        const store = new MoveStore(moves.operations);
        const { id, tenantId } = await findMove(instance, store, which);
        const forget = (options.forgetTarget && 'target') || (options.forgetSource && 'source') || undefined;
        if (forget && !options.yes)
          await confirmByName(
            await instance.application.tenants.get(tenantId),
            `What the move has created at the ${forget} will be left there.`,
          );
        const { despiteShadowReads, despiteDifferences } = options;
        const despite = { despiteShadowReads, despiteDifferences };
        await commandMove(moves, id, wanted, { forget, ...despite, by: cliActor() });
        await drive(instance, moves, id, wanted === 'pause' ? { ...options, detach: true } : options, until);
      }),
    );
  for (const [of, place] of [
    ['abort', 'target'],
    ['complete', 'source'],
  ] as const) {
    if (name !== of) continue;
    command
      .option(
        `--forget-${place}`,
        `the ${place} is lost for good: end the move without it, and list what may be left there`,
      )
      .option('--yes', `with --forget-${place}: ask no confirmation`);
  }
  if (wanted === 'cut_over') {
    command.option('--despite-shadow-reads', 'also when shadow reads found other answers or slow ones');
  }
  if (wanted === 'complete') {
    command.option('--despite-differences', 'also when rows of source and target differ');
  }
}

for (const command of proofCommands) moveCommand.addCommand(command);
