import { declareFailures, MarqueeError } from '@/lib/failures';

const HEALTH_FAILURES = declareFailures('fleet/health', 'operator', {
  health_threshold_invalid: {
    category: 'invalid',
    means: 'There is no such threshold, or its value is out of range.',
    hint: 'List them with: marquee health thresholds',
  },
  health_threshold_changed: {
    category: 'conflict',
    means: 'The threshold is no longer what it was when it was read.',
    hint: 'Read it again, then change it.',
  },
});

/** An error about the health of data sources. */
export class HealthError extends MarqueeError<keyof typeof HEALTH_FAILURES> {}
