import type { AlertAnswer } from '@/server/operator/alerts';
import type { Tone } from '../parts/State';

export const SEVERITIES: Record<AlertAnswer['severity'], Tone> = {
  critical: 'bad',
  warning: 'warning',
  notice: 'neutral',
};
