// A move in words: names instead of ids, and the commands to run next.
import { type Move, type MoveNames, type MoveStep, manualCleanUp, NEEDS_OPERATOR } from '@/lib/movement';

const STEPS: Record<MoveStep, string> = {
  queued: 'waits until both servers have room for another move',
  preflight: 'checks both databases',
  preparing: 'prepares both databases',
  copying: 'copies rows',
  catching_up: 'replicates to the target; the tenant works at the source',
  cutting_over: 'cuts over; the tenant waits',
  reverse_replication: 'cut over to the target; replicates back to the source, so that it can be rolled back',
  rolling_back: 'rolls back to the source; the tenant waits',
  completing: 'removes the tenant from the source',
  aborting: 'removes what the move has created',
  completed: 'completed',
  aborted: 'aborted: the tenant is at the source',
  rolled_back: 'rolled back: the tenant is at the source',
};

/** A move as lines of a name and a value. */
export function inWords(move: Move, names: MoveNames, running: boolean): [name: string, value: string][] {
  const { step, mode, progress, error, wanted } = move;
  const { rows, rowsExpected, bytes, lagBytes, pauseMs, shadowReads, waitsFor, modeReason, left } = progress;
  const lines: Record<string, string | false | undefined> = {
    tenant: names.tenant,
    move: `from ${names.from} to ${names.to}`,
    'id at the target': move.fromTenantId !== move.toTenantId && move.toTenantId,
    step: STEPS[step] + (wanted === 'pause' ? ' (paused)' : ''),
    verified: progress.verifiedAt && `every row, at ${progress.verifiedAt}`,
    mode: modeReason ? `${mode}, because ${modeReason}` : mode,
    rows:
      rows !== undefined &&
      `${rows.toLocaleString('en')}${step === 'copying' && rowsExpected ? ` of ${rowsExpected.toLocaleString('en')}` : ''}` +
        (bytes ? `, ${(bytes / 1e6).toFixed(1)} MB` : ''),
    lag: step === 'catching_up' && lagBytes !== undefined && `${lagBytes.toLocaleString('en')} bytes of WAL`,
    reads:
      shadowReads && `${shadowReads.same} equal at both, ${shadowReads.different + shadowReads.refused} not`,
    pause: pauseMs !== undefined && `statements waited ${Math.round(pauseMs)} ms at most`,
    'waits for': waitsFor ?? undefined,
    warnings: progress.warnings?.join(' '),
    error: error ? `${error.message} ${error.hint ?? ''}`.trim() : undefined,
    'left behind': left && manualCleanUp(left).join('; '),
    running: !move.finishedAt && (running ? 'yes' : 'no process runs it now'),
  };
  const next = nextCommands(move, names.tenant);
  const said = Object.entries(lines).filter((line): line is [string, string] => Boolean(line[1]));
  return [...said, ...next.map((command, at): [string, string] => [at === 0 ? 'next' : 'or', command])];
}

/** Commands that are possible next, the likeliest first. */
export function nextCommands(move: Move, tenant: string): string[] {
  const { step, wanted, error, progress } = move;
  const command = (name: string, what: string) => `marquee move ${name} ${tenant}  (${what})`;
  const resume = command('resume', 'goes on from here');
  const abort = command('abort', 'ends the move; the tenant stays at the source');
  if (move.finishedAt) {
    return step === 'completed' ? [command('certificate', 'the signed proof that no row was lost')] : [];
  }
  if (step === 'reverse_replication') {
    return [
      command('certificate', 'the signed proof that no row was lost'),
      command('complete', 'removes the rows at the source; no rollback after that'),
      command('rollback', 'cuts over back to the source'),
    ];
  }
  if (step === 'aborting' || step === 'completing') {
    const forget = step === 'aborting' ? 'abort --forget-target' : 'complete --forget-source';
    return error ? [resume, command(forget, 'if that database is lost for good')] : [];
  }
  if (wanted === 'pause' || (error && NEEDS_OPERATOR.has(error.code))) return [resume, abort];
  if (step === 'catching_up' && progress.verifiedAt)
    return [command('cut-over', 'makes the target the tenant’s database'), abort];
  return [command('watch', 'shows its progress'), abort];
}

/** How far a move is, in one line. */
export function progressLine({ step, progress }: Move): string {
  const { rows = 0, rowsExpected, bytes = 0, rowsPerSecond, bytesPerSecond, lagBytes, pauseMs } = progress;
  const copying = step === 'copying';
  const { secondsLeft, changedKeys, shadowReads, copyShare = 1, slowedBy } = progress;
  const parts = [
    step.replaceAll('_', ' '),
    `${rows.toLocaleString('en')}${rowsExpected ? ` of ${rowsExpected.toLocaleString('en')}` : ''} rows`,
    `${(bytes / 1e6).toFixed(1)} MB`,
    rowsPerSecond ? `${rowsPerSecond.toLocaleString('en')} rows/s` : '',
    copying && bytesPerSecond ? `${(bytesPerSecond / 1e6).toFixed(1)} MB/s` : '',
    copying && copyShare < 1
      ? `at ${Math.round(copyShare * 100)} %${slowedBy ? ` because of ${slowedBy}` : ''}`
      : '',
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

/** A move as one of a list of JSON objects. */
export function summary(move: Move): Record<string, unknown> {
  const { id, tenantId, mode, step, wanted, progress, error } = move;
  const { warnings: _, warningsSay: __, problems: ___, ...numbers } = progress;
  return { id, tenantId, mode, step, wanted, ...numbers, error: error?.code ?? null };
}
