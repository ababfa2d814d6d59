// What is under way: moves, rollouts of moves, and open alerts.
import { Alerts } from '@/lib/alerts';
import type { ApplicationDatabase } from '@/lib/application';
import { MoveStore, parseGate, parseWait, RolloutStore } from '@/lib/movement';
import type { OperationsDatabase } from '@/lib/operations';
import { parseRolloutWait, type SchemaRollout, SchemaRolloutStore } from '../schema-rollout';
import { counts, type Findings, type Item } from './part';
import { failed as failedWith, inState, saying, stored, that } from './words';

type Operations = Pick<OperationsDatabase, 'pool' | 'dataSources'>;

export async function readMoves({ pool, dataSources }: Operations): Promise<Findings> {
  const [moves, names] = await Promise.all([new MoveStore(pool).list({ open: true }), dataSources.names()]);
  const items = moves.map(({ id, fromSource, toSource, step, error, progress, createdAt }): Item => {
    const { rows = 0, rowsExpected, waitsFor } = progress;
    const percent = rowsExpected ? Math.min(100, Math.round((rows / rowsExpected) * 100)) : undefined;
    const short = id.slice(0, 8);
    const isPaused = error !== null;
    return {
      level: isPaused ? 'bad' : waitsFor ? 'warning' : 'ok',
      subject: `${short} ${names.get(fromSource) ?? fromSource} → ${names.get(toSource) ?? toSource}`,
      ...saying(
        inState('step', { step: step.replaceAll('_', ' ') }),
        error ? failedWith(error) : percent !== undefined && that('copied', { percent }),
        !error && stored(waitsFor, parseWait),
      ),
      next: `marquee move status ${id}`,
      values: { id, fromSource, toSource, step, error, rows, rowsExpected: rowsExpected ?? null, createdAt },
    };
  });
  return { summary: `${items.length} under way`, items };
}

/** Rollouts of moves, and the rollout of a schema. */
export async function readRollouts({ pool, dataSources }: Operations): Promise<Findings> {
  const [rollouts, schema, names] = await Promise.all([
    new RolloutStore(pool).list({ open: true }),
    new SchemaRolloutStore(pool).open(),
    dataSources.names(),
  ]);
  const ofMoves = rollouts.map(
    ({ id, toSource, step, wave, waves, failed }): Item => ({
      level: step === 'halted' || failed ? 'bad' : 'ok',
      subject: `${id.slice(0, 8)} → ${names.get(toSource) ?? toSource}`,
      ...saying(
        inState('step', { step }),
        failed
          ? stored(failed.message, (text) =>
              failed.code ? failedWith({ code: failed.code, message: text }).said : parseGate(text),
            )
          : that('wave', { wave: Math.min(wave + 1, waves.length), of: waves.length }),
      ),
      next: `marquee rollout status ${id}`,
      values: { id, toSource, step, wave, waves: waves.length, failed },
    }),
  );
  const items = [...(schema ? [schemaItem(schema)] : []), ...ofMoves];
  return { summary: `${items.length} under way`, items };
}

function schemaItem({ id, toVersion, phase, step, wave, waves, waitsFor, failed }: SchemaRollout): Item {
  return {
    level: failed ? 'bad' : 'ok',
    subject: `schema version ${toVersion}`,
    ...saying(
      inState('step', { step }),
      failed
        ? failedWith(failed)
        : that('schema_wave', { phase, wave: Math.min(wave + 1, waves.length), of: waves.length }),
      !failed && stored(waitsFor, parseRolloutWait),
    ),
    next: failed ? 'marquee migrate resume' : 'marquee migrate status',
    values: { id, toVersion, phase, step, wave, waves: waves.length, waitsFor, failed },
  };
}

const MOST_ALERTS = 200;

export async function readAlerts(
  application: Pick<ApplicationDatabase, 'audit'>,
  operations: Pick<OperationsDatabase, 'pool'>,
): Promise<Findings> {
  const alerts = new Alerts({ application, operations, channels: [] });
  const [open, { critical = 0, warning = 0, notice = 0 }] = await Promise.all([
    alerts.list({ limit: MOST_ALERTS, worstFirst: true }),
    alerts.countOpen(),
  ]);
  const items = open.map(
    ({ id, severity, title, rule, raisedAt, occurrences, detail }): Item => ({
      level: severity === 'critical' ? 'bad' : 'warning',
      subject: id.slice(0, 8),
      ...saying(
        inState(severity),
        stored(title, () => detail.says),
      ),
      next: `marquee alerts acknowledge ${id.slice(0, 8)}`,
      values: { id, severity, rule, title, raisedAt, occurrences },
    }),
  );
  return { summary: counts({ critical, warning, notice }), items };
}
