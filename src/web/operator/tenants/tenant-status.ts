import type { OperatorTenant } from '@/server/operator/tenants/tenants';
import type { Tone } from '../parts/State';

export const STATUS_TONES: Record<OperatorTenant['status'], Tone> = {
  provisioning: 'busy',
  active: 'good',
  suspended: 'warning',
  archived: 'neutral',
};
