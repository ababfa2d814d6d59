// What the operator's API answers about moves.
import { z } from '@hono/zod-openapi';
import {
  isSettled,
  type Move,
  MoveStore,
  manualCleanUp,
  namesOf,
  parseWait,
  pauseLimitOf,
  possibleCommands,
  readMoveReport,
  readVerification,
  remedyOf,
} from '@/lib/movement';
import { MessageDescriptor } from '../../api/message-descriptor';
import type { AnswerOf } from '../../api/router';
import type { MoveRouteDependencies } from './dependencies';

export const MOVE_COMMANDS = ['run', 'pause', 'cut_over', 'abort', 'rollback', 'complete'] as const;
const STEPS = [
  ...['queued', 'preflight', 'preparing', 'copying', 'catching_up', 'cutting_over', 'reverse_replication'],
  ...['rolling_back', 'completing', 'aborting', 'completed', 'aborted', 'rolled_back'],
] as const;
const REMEDIES = [
  ...['wait', 'correct_and_resume', 'abort_and_start_again', 'migrate_and_start_again', 'complete'],
  ...['verify', 'cut_over_later', 'check_target', 'read_audit_log', 'other_id'],
] as const;

export const Failure = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() });
const Command = z.enum(MOVE_COMMANDS);
const Progress = z.object({
  rows: z.number().optional(),
  bytes: z.number().optional(),
  rowsExpected: z.number().optional(),
  bytesExpected: z.number().optional(),
  rowsPerSecond: z.number().optional(),
  bytesPerSecond: z.number().optional(),
  secondsLeft: z.number().optional(),
  copyShare: z.number().optional().openapi({ description: 'Share of its time that the copy works.' }),
  slowedBy: z.string().nullable().optional(),
  waitsFor: z.string().nullable().optional(),
  lagBytes: z.number().optional().openapi({ description: 'Bytes of WAL.' }),
  changedKeys: z.number().optional(),
  verifiedAt: z.string().optional(),
  pauseMs: z.number().optional().openapi({ description: 'How long statements waited at most.' }),
  cutOverAttempts: z.number().optional(),
  warnings: z.array(z.string()).optional(),
  modeReason: z.string().optional(),
  rolledBack: z.boolean().optional(),
  shadowReads: z
    .object({
      same: z.number(),
      different: z.number(),
      refused: z.number(),
      unsettled: z.number(),
      statements: z.number(),
      latencyRatio: z.number().nullable(),
      tables: z.array(z.string()),
    })
    .optional(),
});

export const ListedMove = z.object({
  id: z.uuid(),
  tenant: z.string().openapi({ description: 'Its subdomain.' }),
  tenantId: z.uuid(),
  from: z.string(),
  to: z.string(),
  mode: z.enum(['logical', 'change_log', 'offline']),
  step: z.enum(STEPS),
  wanted: Command.openapi({ description: 'What was commanded last.' }),
  commands: z.array(Command).openapi({ description: 'What is possible now.' }),
  isSettled: z.boolean().openapi({ description: 'Whether it waits for a decision, or has ended.' }),
  progress: Progress,
  says: z
    .object({
      ...{
        waitsFor: MessageDescriptor.nullable(),
        slowedBy: MessageDescriptor.nullable(),
        warnings: z.array(MessageDescriptor),
      },
      problems: z
        .array(z.object({ text: z.string(), said: MessageDescriptor }))
        .openapi({ description: 'Why the preflight failed, where that is the error.' }),
    })
    .openapi({ description: 'Texts of `progress` as codes and values.' }),
  error: Failure.nullable(),
  remedy: z.enum(REMEDIES).nullable().openapi({ description: 'What helps against the error.' }),
  hasCertificate: z.boolean(),
  requestedBy: z.string(),
  createdAt: z.date(),
  updatedAt: z.date(),
  finishedAt: z.date().nullable(),
});

const Verification = z.object({
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  requestedAt: z.date(),
  requestedBy: z.string(),
  finishedAt: z.date().nullable(),
  result: z
    .object({
      rows: z.number(),
      tables: z.array(z.object({ table: z.string(), rows: z.number(), differences: z.number() })),
      differences: z
        .array(
          z.object({
            table: z.string(),
            key: z.array(z.string()),
            kind: z.enum(['missing', 'extra', 'different']),
          }),
        )
        .openapi({ description: 'The first 200: what the target misses, has besides, or has otherwise.' }),
    })
    .nullable(),
  error: Failure.nullable(),
});

export const ShownMove = ListedMove.extend({
  fromTenantId: z.uuid(),
  toTenantId: z.uuid(),
  pauseLimitMs: z.number().openapi({ description: 'How long statements wait at most at the cut-over.' }),
  isRunning: z.boolean().openapi({ description: 'A process runs it at this moment.' }),
  remedyCommands: z.array(Command),
  tables: z.array(
    z.object({
      table: z.string(),
      ranges: z.number(),
      done: z.number(),
      rows: z.number(),
      bytes: z.number(),
    }),
  ),
  events: z.array(
    z.object({
      at: z.date(),
      step: z.enum(STEPS),
      command: Command.nullable(),
      by: z.string().nullable(),
      detail: z.record(z.string(), z.unknown()),
    }),
  ),
  leftBehind: z
    .array(z.string())
    .openapi({ description: 'What was left at a database that was given up, and how to remove it.' }),
  verification: Verification.nullable(),
}).openapi('Move');

export type ListedMoveAnswer = AnswerOf<typeof ListedMove>;
export type MoveAnswer = AnswerOf<typeof ShownMove>;

export async function describeMoves(
  parts: MoveRouteDependencies,
  moves: readonly Move[],
): Promise<z.infer<typeof ListedMove>[]> {
  const [named, nameOf] = await Promise.all([
    namesOf(parts, moves),
    parts.actorNames.of(moves.map(({ requestedBy }) => requestedBy)),
  ]);
  return moves.map((move) => {
    const { id, tenantId, mode, step, wanted, error, createdAt, updatedAt, finishedAt } = move;
    return {
      ...{ id, tenantId, mode, step, wanted, createdAt, updatedAt, finishedAt },
      ...named(move),
      commands: possibleCommands(move),
      isSettled: isSettled(move),
      progress: Progress.parse(move.progress),
      says: {
        ...{ waitsFor: saidIn(move.progress.waitsFor), slowedBy: saidIn(move.progress.slowedBy) },
        warnings: move.progress.warningsSay ?? [],
        problems: (error?.code === 'move_preflight_failed' && move.progress.problems) || [],
      },
      error: error && { code: error.code, message: error.message, hint: error.hint },
      remedy: remedyOf(move)?.remedy ?? null,
      hasCertificate: move.certificate !== null,
      requestedBy: nameOf(move.requestedBy),
    };
  });
}

/** @throws MovementError `move_unknown` */
export async function describeMove(
  parts: MoveRouteDependencies,
  id: string,
): Promise<z.infer<typeof ShownMove>> {
  const { move, isRunning, tables, events, remedy } = await readMoveReport(parts.moves, id);
  const [[listed], verification] = await Promise.all([
    describeMoves(parts, [move]),
    readVerification(parts.operations.jobs, move.id),
  ]);
  const actors = [verification?.requestedBy, ...events.map(({ detail }) => detail.by)];
  const nameOf = await parts.actorNames.of(actors.map(String));
  return {
    ...(listed as z.infer<typeof ListedMove>),
    ...{ fromTenantId: move.fromTenantId, toTenantId: move.toTenantId, isRunning, tables },
    pauseLimitMs: pauseLimitOf(move),
    remedyCommands: remedy?.commands ?? [],
    events: events.map(({ at, step, detail: { command, by, ...detail } }) => ({
      ...{ at, step, detail },
      command: Command.nullable()
        .catch(null)
        .parse(command ?? null),
      by: typeof by === 'string' ? nameOf(by) : null,
    })),
    leftBehind: manualCleanUp(move.progress.left ?? []),
    verification: verification ? { ...verification, requestedBy: nameOf(verification.requestedBy) } : null,
  };
}

/** The move of this id. @throws MovementError `move_unknown` */
export function findMove(parts: MoveRouteDependencies, id: string): Promise<Move> {
  return new MoveStore(parts.operations.pool).get(id);
}

function saidIn(text: string | null | undefined) {
  return (text && parseWait(text)) || null;
}
