import type { TFunction } from 'i18next';
import type { ListedMoveAnswer, MoveAnswer } from '@/server/operator/moves/answers';
import type { ListedRolloutAnswer } from '@/server/operator/moves/rollouts';
import type { Tone } from '../parts/State';

const TONES: Record<ListedMoveAnswer['step'], Tone> = {
  queued: 'neutral',
  preflight: 'busy',
  preparing: 'busy',
  copying: 'busy',
  catching_up: 'busy',
  cutting_over: 'warning',
  reverse_replication: 'good',
  rolling_back: 'warning',
  completing: 'busy',
  aborting: 'busy',
  completed: 'good',
  aborted: 'neutral',
  rolled_back: 'neutral',
};

/** A move's state in one word: its error before its step. */
export function stateOf(
  { step, wanted, mode, error, finishedAt, progress }: ListedMoveAnswer,
  t: TFunction,
): { tone: Tone; label: string } {
  if (error && !finishedAt) return { tone: 'bad', label: t('moves.failed') };
  if (wanted === 'pause' && !finishedAt) return { tone: 'warning', label: t('moves.paused') };
  if (mode === 'offline' && step === 'reverse_replication') return { tone: 'good', label: t('moves.moved') };
  const isReady = step === 'catching_up' && progress.verifiedAt !== undefined && wanted === 'run';
  return {
    tone: isReady ? 'good' : TONES[step],
    label: isReady ? t('moves.ready') : t(`moves.steps.${step}`),
  };
}

/**
 * What a move's step means for its tenant, as a name among the texts: an offline move stops the tenant and cannot be rolled back, and
 * one that gave a database up has removed nothing there.
 */
export function meaningOf({
  step,
  mode,
  leftBehind,
}: Pick<MoveAnswer, 'step' | 'mode' | 'leftBehind'>): string {
  const isOffline = mode === 'offline' && (step === 'cutting_over' || step === 'reverse_replication');
  if (isOffline) return `${step}_offline`;
  return leftBehind.length > 0 && (step === 'completed' || step === 'aborted') ? `${step}_left` : step;
}

const OF_ROLLOUT: Record<ListedRolloutAnswer['step'], Tone> = {
  moving: 'busy',
  soaking: 'busy',
  closing: 'busy',
  returning: 'warning',
  halted: 'bad',
  completed: 'good',
  rolled_back: 'neutral',
};

export function stateOfRollout(
  { step, wanted, finishedAt }: ListedRolloutAnswer,
  t: TFunction,
): { tone: Tone; label: string } {
  const isPaused = wanted === 'pause' && !finishedAt && step !== 'halted';
  if (isPaused) return { tone: 'warning', label: t('moves.paused') };
  return { tone: OF_ROLLOUT[step], label: t(`moves.rollouts.steps.${step}`) };
}

/** Share of the rows that is copied, 0 to 100; undefined where nothing is copied at the moment. */
export function percentOf({
  step,
  progress: { rows = 0, rowsExpected },
}: ListedMoveAnswer): number | undefined {
  if (step !== 'copying' || !rowsExpected) return undefined;
  return Math.min(100, (rows / rowsExpected) * 100);
}

/** “about 3 min”. @param seconds as estimated */
export function timeLeft(seconds: number, t: TFunction): string {
  return seconds < 90
    ? t('moves.seconds', { count: Math.ceil(seconds) })
    : t('moves.minutes', { count: Math.ceil(seconds / 60) });
}
