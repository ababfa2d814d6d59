import type { SchemaRolloutAnswer } from '@/server/operator/schema/rollouts';
import type { Tone } from '../parts/State';

export const STEP_TONES: Record<SchemaRolloutAnswer['step'], Tone> = {
  migrating: 'busy',
  soaking: 'busy',
  waiting: 'warning',
  halted: 'bad',
  completed: 'good',
  cancelled: 'neutral',
};
