import { Command, InvalidArgumentError, Option } from 'commander';
import {
  type ChosenOptions,
  checkMove,
  commandMove,
  isSettled,
  type Move,
  type MoveCommand,
  type MoveMode,
  MovementError,
  MoveStore,
  namesOf,
  optionsOf,
  PACES,
  type SignedCertificate,
  startMove,
  verifyCertificate,
  verifyMove,
} from '@/lib/movement';
import { confirmByName } from '../confirm';
import { positiveNumber, wholeNumber } from '../given-values';
import { cliActor } from '../instance';
import { printJson, printRows } from '../output';
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
import { nextCommands, summary } from './move-words';

interface StartOptions extends Waiting, Omit<ChosenOptions, 'pauseLimitMs' | 'maxStandbyLagBytes'> {
  to: string;
  mode?: MoveMode;
  toTenantId?: string;
  maxStandbyLag?: number;
  pauseLimit?: number;
  /** Says what is the default. */
  wait?: boolean;
}

const uuid = (text: string) => {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('It must be a UUID.');
};

export const moveCommand = new Command('move').addHelpText(
  'after',
  `
A move is named by its id or its tenant. A command runs the move until it waits for a decision or has ended; a running
instance continues moves that no command runs. With --json the move is one object on standard output, and its progress
goes to standard error; \`watch --json\` prints one object for each change.

Exit codes: 0 the command was carried out · 1 it failed, or is not possible at this step (error.code) · 2 wrong usage ·
3 no such move, tenant or data source · 4 a database cannot be reached now: try again later`,
);

moveCommand
  .command('start <tenant>')
  .description('Copy a tenant (id or subdomain) to another data source and replicate its changes there')
  .requiredOption('--to <source>', 'data source to move to, by name or id')
  .addOption(
    new Option('--mode <mode>', 'how changes are captured').choices(['logical', 'change_log', 'offline']),
  )
  .option('--to-tenant-id <uuid>', 'another id for the tenant at the target', uuid)
  .option('--auto-cut-over', 'cut over as soon as every row has been verified')
  .option('--auto-complete', 'remove the rows at the source after the cut-over; no rollback')
  .option('--copy-workers <n>', 'key ranges copied in parallel', positiveNumber)
  .option('--bytes-per-second <n>', 'limit of the copy', positiveNumber)
  .option(
    '--max-active <n>',
    'slow down while more statements of others run at a database (8)',
    positiveNumber,
  )
  .option(
    '--max-latency-ratio <x>',
    'slow down while a probe takes this many times as long as before the copy (1.5 while others work, else 4)',
    positiveNumber,
  )
  .option(
    '--max-standby-lag <bytes>',
    'slow down while a standby lags so much further (64 MiB)',
    positiveNumber,
  )
  .addOption(
    new Option(
      '--pace <pace>',
      'gentle: slow down early for others; full: copy at full speed however busy the databases are',
    )
      .choices(Object.keys(PACES))
      .default('normal'),
  )
  .option(
    '--shadow-reads <share>',
    'share of the tenant’s reads that is repeated and compared at the target before the cut-over (0.05)',
    positiveNumber,
  )
  .option('--no-shadow-reads', 'repeat no reads')
  .option(
    '--max-read-ratio <x>',
    'cut over only if reads take at most this many times as long at the target',
    positiveNumber,
  )
  .option('--pause-limit <ms>', 'how long statements may wait during the cut-over', positiveNumber)
  .option('--wait', 'return when the move waits for a decision or has ended (the default)')
  .addOption(new Option('--detach', 'record the move and leave it to the running instance').conflicts('wait'))
  .option('--json', 'print JSON')
  .action((name: string, options: StartOptions) =>
    withMoves(async (moves, instance) => {
      const tenant = await instance.application.tenants.named(name);
      const source = await instance.operations.dataSources.get(options.to);
      const {
        to: _,
        wait: __,
        mode,
        toTenantId,
        detach,
        json,
        maxStandbyLag,
        pauseLimit,
        ...chosen
      } = options;
      const move = await startMove(moves, {
        ...{ tenantId: tenant.id, toSource: source.id, mode, toTenantId, requestedBy: cliActor() },
        options: optionsOf({ ...chosen, maxStandbyLagBytes: maxStandbyLag, pauseLimitMs: pauseLimit }),
      });
      await drive(instance, moves, move.id, { detach, json }, isSettled);
    }),
  );

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

moveCommand
  .command('certificate <move>')
  .description(
    'Show the signed proof that the target held every row at the cut-over, and check its signature',
  )
  .option('--json', 'print the certificate with its signature')
  .action((name: string, { json }: Json) =>
    withMoves(async (moves, instance) => {
      const move = await findMove(instance, new MoveStore(moves.operations), name);
      if (!move.certificate) {
        throw new MovementError(
          'move_not_possible',
          'This move has no certificate yet: it is made after the cut-over.',
          {
            hint: 'See where it is: marquee move status',
          },
        );
      }
      const signed = move.certificate as unknown as SignedCertificate;
      const { tables, rows, cutOverAt, comparedAt, pauseMs } = await verifyCertificate(
        signed,
        moves.signatures,
      );
      if (json) return printJson(signed);
      const { tenant, from, to } = (await namesOf(instance, [move]))(move);
      console.log(
        `${tenant} moved from ${from} to ${to} at ${cutOverAt}${pauseMs === null ? '' : `; statements waited ${pauseMs} ms at most`}.`,
      );
      console.log(
        `${rows.toLocaleString('en')} rows were equal ${comparedAt === 'cut_over' ? 'at the cut-over' : 'after the cut-over'}. The signature is valid.`,
      );
      printRows(
        tables.filter((table) => table.rows > 0),
        false,
        'Every table was empty.',
      );
    }),
  );

moveCommand
  .command('verify <move>')
  .description('Compare every row of source and target; with --to, check whether a tenant could move there')
  .option('--to <source>', 'the argument is a tenant: run the preflight of moving it to this data source')
  .option('--json', 'print JSON')
  .action((name: string, { to, json }: Json & { to?: string }) =>
    withMoves(async (moves, instance) => {
      if (to) {
        const [tenant, source] = await Promise.all([
          instance.application.tenants.named(name),
          instance.operations.dataSources.get(to),
        ]);
        const result = await checkMove(moves, { tenantId: tenant.id, toSource: source.id });
        if (json) printJson(result);
        else
          printRows(
            result.findings.map(({ says: _, ...finding }) => finding),
            false,
            '',
          );
        if (result.findings.some(({ level }) => level === 'problem')) process.exitCode = 1;
        return;
      }
      const { id } = await findMove(instance, new MoveStore(moves.operations), name);
      const { tables, rows, differences } = await verifyMove(moves, id);
      if (json) printJson({ rows, tables, differences });
      else
        printRows(
          tables.map(({ table, rows: count, digest, differences: found }) => ({
            table,
            rows: count,
            digest,
            differences: found.length,
          })),
          false,
          '',
        );
      if (differences.length > 0) process.exitCode = 1;
    }),
  );
