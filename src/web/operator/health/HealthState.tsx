import { useTranslation } from 'react-i18next';
import type { SourceHealthAnswer } from '@/server/operator/health/health';
import { State, type Tone } from '../parts/State';

const TONES: Record<SourceHealthAnswer['state'], Tone> = {
  healthy: 'good',
  degraded: 'warning',
  unhealthy: 'bad',
  unknown: 'neutral',
};

export function HealthState({ state }: { state: SourceHealthAnswer['state'] }) {
  const { t } = useTranslation();
  return <State tone={TONES[state]}>{t(`sourceHealth.states.${state}`)}</State>;
}
