import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Command, InvalidArgumentError, Option } from 'commander';
import { stateDirectory } from '@/lib/configuration';
import { isTransient } from '@/lib/failures';
import {
  checkMove,
  commandMove,
  isLeased,
  type Move,
  type MoveCommand,
  type MoveDependencies,
  type MoveMode,
  MovementError,
  type MovementErrorCode,
  MoveStore,
  moveDependencies,
  runMove,
  type SignedCertificate,
  startMove,
  verifyCertificate,
  verifyMove,
} from '@/lib/movement';
import { confirmByName } from '../confirm';
import { type Instance, withInstance } from '../instance';
import { printJson, printRows } from '../output';
import { inWords, namesOf, nextCommands } from './move-words';
import { findTenant } from './tenant';

interface Json {
  json?: boolean;
}

interface Waiting extends Json {
  detach?: boolean;
}

interface StartOptions extends Waiting {
  to: string;
  mode?: MoveMode;
  toTenantId?: string;
  autoCutOver?: boolean;
  autoComplete?: boolean;
  copyWorkers?: number;
  bytesPerSecond?: number;
  /** False with `--no-yield`. */
  yield: boolean;
  maxActive?: number;
  maxLatencyRatio?: number;
  maxStandbyLag?: number;
  /** A share; false with `--no-shadow-reads`. */
  shadowReads?: number | boolean;
  maxReadRatio?: number;
  pauseLimit?: number;
}

const number = (text: string) => {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value) && value > 0) return value;
  throw new InvalidArgumentError('It must be a positive number.');
};
const uuid = (text: string) => {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) return text.toLowerCase();
  throw new InvalidArgumentError('It must be a UUID.');
};

export const moveCommand = new Command('move')
  .description('Move tenants between databases while they are in use')
  .addHelpText(
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
  .option('--copy-workers <n>', 'key ranges copied in parallel', number)
  .option('--bytes-per-second <n>', 'limit of the copy', number)
  .option('--max-active <n>', 'slow down while more statements of others run at a database (8)', number)
  .option(
    '--max-latency-ratio <x>',
    'slow down while a probe takes so many times as long as before the copy (4)',
    number,
  )
  .option('--max-standby-lag <bytes>', 'slow down while a standby lags so much further (64 MiB)', number)
  .option('--no-yield', 'copy at full speed however busy the databases are')
  .option(
    '--shadow-reads <share>',
    'share of the tenant’s reads that is repeated and compared at the target before the cut-over (0.05)',
    number,
  )
  .option('--no-shadow-reads', 'repeat no reads')
  .option(
    '--max-read-ratio <x>',
    'cut over only if reads take at most so many times as long at the target',
    number,
  )
  .option('--pause-limit <ms>', 'how long statements may wait during the cut-over', number)
  .option('--wait', 'return when the move waits for a decision or has ended (the default)')
  .addOption(new Option('--detach', 'record the move and leave it to the running instance').conflicts('wait'))
  .option('--json', 'print JSON')
  .action((name: string, options: StartOptions) =>
    withMoves(async (moves, instance) => {
      const tenant = await findTenant(instance, name);
      const source = await instance.operations.dataSources.get(options.to);
      const { autoCutOver, autoComplete, copyWorkers, bytesPerSecond, pauseLimit: pauseLimitMs } = options;
      const { maxActive: active, maxLatencyRatio: latencyRatio, maxStandbyLag: standbyLagBytes } = options;
      const shadowReads = options.shadowReads !== false && {
        latencyRatio: options.maxReadRatio,
        ...(typeof options.shadowReads === 'number' ? { share: options.shadowReads } : {}),
      };
      const load = options.yield && { active, latencyRatio, standbyLagBytes };
      const move = await startMove(moves, {
        ...{ tenantId: tenant.id, toSource: source.id, mode: options.mode, toTenantId: options.toTenantId },
        options: { autoCutOver, autoComplete, copyWorkers, bytesPerSecond, load, shadowReads, pauseLimitMs },
        requestedBy: 'cli',
      });
      await drive(instance, moves, move.id, options, settled);
    }),
  );

moveCommand
  .command('status [move]')
  .description('Show one move (id, or its tenant), or all of them')
  .option('--json', 'print JSON')
  .action((name: string | undefined, { json }: Json) =>
    withMoves(async (moves, instance) => {
      const store = new MoveStore(moves.operations);
      if (name) {
        return show(instance, moves, await findMove(instance, store, name), json);
      }
      const list = await store.list();
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
      printRows(rows, json, 'There are no moves. Start one: marquee move start');
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
      await Promise.race([watch(store, id, json, settled, show), whileRunning(moves, id)]);
      refuseFailed(await store.get(id));
    }),
  );

interface CommandOptions extends Waiting {
  despiteShadowReads?: boolean;
  forgetTarget?: boolean;
  forgetSource?: boolean;
  yes?: boolean;
}

const COMMANDS: [name: string, wanted: MoveCommand, description: string, until: (move: Move) => boolean][] = [
  ['cut-over', 'cut_over', 'Cut over to the target', (move) => move.step === 'reverse_replication'],
  ['pause', 'pause', 'Pause the move; what it has copied stays', () => true],
  ['resume', 'run', 'Go on from the recorded step', settled],
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
        if (options.despiteShadowReads) await store.setOptions(id, { shadowReads: { gate: false } });
        await commandMove(moves, id, wanted, { forget });
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
      const { tables, rows, cutOverAt, comparedAt, pauseMs } = verifyCertificate(signed, moves.sign);
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
          findTenant(instance, name),
          instance.operations.dataSources.get(to),
        ]);
        const result = await checkMove(moves, { tenantId: tenant.id, toSource: source.id });
        if (json) printJson(result);
        else
          printRows(
            result.findings.map((finding) => ({ ...finding })),
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

/** Runs `work` with the dependencies of moves. */
export function withMoves(
  work: (moves: MoveDependencies, instance: Instance) => Promise<void>,
): Promise<void> {
  return withInstance((instance) => {
    const { application, operations, configuration } = instance;
    const encryptionKey = Buffer.from(configuration.ENCRYPTION_KEY ?? '', 'hex');
    const certificateDirectory = path.join(stateDirectory(), 'certificates');
    return work(moveDependencies({ application, operations, encryptionKey, certificateDirectory }), instance);
  });
}

const RETRIES = 5;

/** Runs the move in this process, or watches the process that does and takes over when that has ended. */
async function drive(
  instance: Instance,
  moves: MoveDependencies,
  id: string,
  { detach, json }: Waiting,
  until: (move: Move) => boolean,
): Promise<void> {
  const store = new MoveStore(moves.operations);
  if (!detach) {
    const watching = new AbortController();
    const shown = watch(store, id, json, () => watching.signal.aborted);
    try {
      await reach(moves, store, id, until);
    } finally {
      watching.abort();
      await shown;
    }
  }
  const move = await store.get(id);
  if (!detach) refuseFailed(move);
  await show(instance, moves, move, json);
}

async function reach(
  moves: MoveDependencies,
  store: MoveStore,
  id: string,
  until: (move: Move) => boolean,
): Promise<void> {
  for (let failures = 0; ; await sleep(500 * (1 + failures))) {
    try {
      await runMove(moves, id, { returnWhenWaiting: true });
      return;
    } catch (error) {
      const code = error instanceof MovementError ? error.code : '';
      if (code === 'move_lease_held' || code === 'move_taken_over') {
        const move = await store.get(id);
        if (until(move) || settled(move)) return;
      } else {
        // A connection was lost: the move goes on from its recorded step.
        failures += 1;
        if (!isTransient(error) || failures > RETRIES) throw error;
      }
    }
  }
}

/** Fails the command with the move's error. */
function refuseFailed({ error }: Move): void {
  if (error) throw new MovementError(error.code as MovementErrorCode, error.message, { hint: error.hint });
}

const UNWATCHED_MS = 10_000;

/** Rejects when no process has run the move for ten seconds. */
async function whileRunning(moves: MoveDependencies, id: string): Promise<void> {
  for (let since = performance.now(); performance.now() - since < UNWATCHED_MS; await sleep(1_000)) {
    if (await isLeased(moves.operations, id)) since = performance.now();
  }
  throw new MovementError('move_interrupted', 'No process runs this move.', {
    hint: 'Run it: marquee move resume. A running instance does so by itself.',
  });
}

/** The operator has to decide, or the move has ended. */
function settled(move: Move): boolean {
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

async function watch(
  store: MoveStore,
  id: string,
  json: boolean | undefined,
  until: (move: Move) => boolean,
  show: (line: string) => void = (line) => process.stderr.write(`${line}\n`),
): Promise<void> {
  for (let last = ''; ; await sleep(250)) {
    const move = await store.get(id);
    const line = json ? JSON.stringify(summary(move)) : progressLine(move);
    if (line !== last) show(line);
    last = line;
    if (until(move)) return;
  }
}

function progressLine({ step, progress }: Move): string {
  const { rows = 0, rowsExpected, bytes = 0, rowsPerSecond, bytesPerSecond, lagBytes, pauseMs } = progress;
  const copying = step === 'copying';
  const { secondsLeft, changedKeys, shadowReads, copyShare = 1, slowedBy } = progress;
  const parts = [
    step.replaceAll('_', ' '),
    `${rows.toLocaleString('en')}${rowsExpected ? ` of ${rowsExpected.toLocaleString('en')}` : ''} rows`,
    `${(bytes / 1e6).toFixed(1)} MB`,
    rowsPerSecond ? `${rowsPerSecond.toLocaleString('en')} rows/s` : '',
    copying && bytesPerSecond ? `${(bytesPerSecond / 1e6).toFixed(1)} MB/s` : '',
    copying && copyShare < 1 ? `at ${Math.round(copyShare * 100)} % because of ${slowedBy}` : '',
    lagBytes === undefined ? '' : `lag ${lagBytes.toLocaleString('en')} bytes`,
    changedKeys ? `${changedKeys.toLocaleString('en')} changed rows to compare` : '',
    copying && secondsLeft !== undefined ? `${secondsLeft} s left` : '',
    shadowReads
      ? `${shadowReads.same} shadow reads equal, ${shadowReads.different + shadowReads.refused} not`
      : '',
    pauseMs === undefined ? '' : `pause ${Math.round(pauseMs)} ms`,
  ];
  return parts.filter(Boolean).join(' · ');
}

function summary(move: Move): Record<string, unknown> {
  const { id, tenantId, mode, step, wanted, progress, error } = move;
  return { id, tenantId, mode, step, wanted, ...progress, warnings: undefined, error: error?.code ?? null };
}

/** One move: all of it as JSON, or in words with what to type next. */
async function show(
  instance: Instance,
  moves: MoveDependencies,
  move: Move,
  json: boolean | undefined,
): Promise<void> {
  const names = (await namesOf(instance, [move]))(move);
  const running = await isLeased(moves.operations, move.id);
  if (json) {
    const { decidingEpoch: _, fromEpoch: __, ...report } = move;
    return printJson({ ...report, ...names, running });
  }
  const lines = inWords(move, names, running);
  const width = Math.max(...lines.map(([name]) => name.length));
  for (const [name, value] of lines) console.log(`${name.padEnd(width)}  ${value}`);
}

async function findMove(instance: Instance, store: MoveStore, name: string): Promise<Move> {
  const known = await store.get(name).catch((error: unknown) => {
    if (error instanceof MovementError && error.code === 'move_unknown') return undefined;
    throw error;
  });
  if (known) return known;
  const tenant = await findTenant(instance, name);
  const [latest] = await store.list({ tenantId: tenant.id });
  if (latest) return latest;
  throw new MovementError('move_unknown', 'This tenant has not been moved.', {
    hint: 'Start: marquee move start',
  });
}
