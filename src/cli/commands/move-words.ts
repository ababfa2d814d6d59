// A move in words: names instead of ids, and what to type next.
import { leftBehind, type Move, type MoveStep, NEEDS_OPERATOR } from '@/lib/movement';
import type { Instance } from '../instance';

/** Names of what a move speaks of. */
export interface MoveNames {
  tenant: string;
  from: string;
  to: string;
}

/** Names of the tenants and data sources of some moves, by id; what is not there any more is called by its id. */
export async function namesOf(
  { application, operations }: Pick<Instance, 'application' | 'operations'>,
  moves: readonly Move[],
): Promise<(move: Move) => MoveNames> {
  const sources = new Map((await operations.dataSources.list()).map(({ id, name }) => [id, name]));
  const tenants = new Map<string, string>();
  for (const { tenantId } of moves) {
    if (tenants.has(tenantId)) continue;
    tenants.set(tenantId, (await application.tenants.find(tenantId))?.subdomain ?? tenantId);
  }
  return ({ tenantId, fromSource, toSource }) => ({
    tenant: tenants.get(tenantId) ?? tenantId,
    from: sources.get(fromSource) ?? fromSource,
    to: sources.get(toSource) ?? toSource,
  });
}

const STEPS: Record<MoveStep, string> = {
  queued: 'waits for room on both servers',
  preflight: 'checks both databases',
  preparing: 'prepares both databases',
  copying: 'copies rows',
  catching_up: 'keeps the target current; the tenant is at work in the source',
  cutting_over: 'cuts over; the tenant waits',
  way_back: 'has moved; the source is kept current for a rollback',
  rolling_back: 'goes back to the source; the tenant waits',
  completing: 'removes what is left in the source',
  aborting: 'removes what the move has made',
  completed: 'completed',
  aborted: 'aborted: the tenant lives where it did',
  rolled_back: 'rolled back: the tenant lives where it did',
};

/** A move as lines of a name and a value. */
export function inWords(move: Move, names: MoveNames, workedOn: boolean): [name: string, value: string][] {
  const { step, mode, progress, error, wanted } = move;
  const { rows, rowsExpected, bytes, lagBytes, pauseMs, darkReads, waitsFor, modeBecause, left } = progress;
  const lines: Record<string, string | false | undefined> = {
    tenant: names.tenant,
    move: `from ${names.from} to ${names.to}`,
    'id there': move.fromTenantId !== move.toTenantId && move.toTenantId,
    step: STEPS[step] + (wanted === 'pause' ? ' (paused)' : ''),
    verified: progress.verifiedAt && `every row, at ${progress.verifiedAt}`,
    mode: modeBecause ? `${mode}, because ${modeBecause}` : mode,
    rows:
      rows !== undefined &&
      `${rows.toLocaleString('en')}${step === 'copying' && rowsExpected ? ` of ${rowsExpected.toLocaleString('en')}` : ''}` +
        (bytes ? `, ${(bytes / 1e6).toFixed(1)} MB` : ''),
    lag: step === 'catching_up' && lagBytes !== undefined && `${lagBytes.toLocaleString('en')} bytes of WAL`,
    reads: darkReads && `${darkReads.same} alike in both, ${darkReads.different + darkReads.refused} not`,
    pause: pauseMs !== undefined && `statements waited ${Math.round(pauseMs)} ms at most`,
    'waits for': waitsFor ?? undefined,
    warnings: progress.warnings?.join(' '),
    error: error ? `${error.message} ${error.hint ?? ''}`.trim() : undefined,
    'left behind': left && leftBehind(left).join('; '),
    'worked on': !move.finishedAt && (workedOn ? 'yes' : 'by nobody now'),
  };
  const next = nextCommands(move, names.tenant);
  const said = Object.entries(lines).filter((line): line is [string, string] => Boolean(line[1]));
  return [...said, ...next.map((command, at): [string, string] => [at === 0 ? 'next' : 'or', command])];
}

/** What may be typed next, the likeliest first. */
export function nextCommands(move: Move, tenant: string): string[] {
  const { step, wanted, error, progress } = move;
  const command = (name: string, what: string) => `marquee move ${name} ${tenant}  (${what})`;
  const resume = command('resume', 'goes on from here');
  const abort = command('abort', 'gives it up; the tenant stays where it is');
  if (move.finishedAt) {
    return step === 'completed' ? [command('certificate', 'the proof that nothing was lost')] : [];
  }
  if (step === 'way_back') {
    return [
      command('certificate', 'the proof that nothing was lost'),
      command('complete', 'removes the rows in the source: no rollback any more'),
      command('rollback', 'takes the tenant back to the source'),
    ];
  }
  if (step === 'aborting' || step === 'completing') {
    const forget = step === 'aborting' ? 'abort --forget-target' : 'complete --forget-source';
    return error ? [resume, command(forget, 'if that database is gone for good')] : [];
  }
  if (wanted === 'pause' || (error && NEEDS_OPERATOR.has(error.code))) return [resume, abort];
  if (step === 'catching_up' && progress.verifiedAt)
    return [command('cut-over', 'the tenant then lives in the target'), abort];
  return [command('watch', 'shows its progress'), abort];
}
