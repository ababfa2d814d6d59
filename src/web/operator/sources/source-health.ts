import type { OperatorSource } from '@/server/operator/sources/sources';
import type { Tone } from '../parts/State';

export const HEALTH_TONES: Record<OperatorSource['health'], Tone> = {
  healthy: 'good',
  degraded: 'warning',
  unhealthy: 'bad',
  unknown: 'neutral',
};
