import { declareFailures, MarqueeError } from '@/lib/failures';

const RETIRE_FAILURES = declareFailures('fleet/retire-source', 'operator', {
  data_source_in_use: {
    category: 'conflict',
    means: 'Tenants or running work still need the data source, so it is not removed.',
    hint: 'End what the message names, then remove it again.',
  },
});

/** A data source cannot be removed. */
export class RetireError extends MarqueeError<keyof typeof RETIRE_FAILURES> {}
