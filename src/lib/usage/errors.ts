import { declareFailures, MarqueeError } from '@/lib/failures';

const USAGE_FAILURES = declareFailures('usage', 'operator', {
  usage_period_invalid: {
    category: 'invalid',
    means: 'The period is malformed, too long for its granularity, or older than the usage that is kept.',
    hint: 'Give months as 2026-11, days as 2026-11-30, times as 2026-11-30T12:00:00Z.',
  },
  bill_invalid: {
    category: 'invalid',
    means: 'The bill’s amount, currency, month or place is not valid.',
    hint: 'For example: marquee cost bill add --source main --month 2026-11 --amount 123.45 --currency USD',
  },
  bill_unknown: {
    category: 'not-found',
    means: 'There is no such bill.',
    hint: 'List them: marquee cost bill list',
  },
  budget_changed: {
    category: 'conflict',
    means: 'The tenant’s budget is no longer what it was when it was read.',
    hint: 'Read it again, then change it.',
  },
  cost_settings_invalid: {
    category: 'invalid',
    means: 'A weight, a capacity or a margin is out of range.',
    hint: 'See: marquee cost weights --help',
  },
});

/** An error about usage, bills or budgets. */
export class UsageError extends MarqueeError<keyof typeof USAGE_FAILURES> {}
