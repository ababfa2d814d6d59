import { declareFailures, MarqueeError } from '@/lib/failures';

const ALERT_FAILURES = declareFailures('alerts', 'operator', {
  alert_unknown: {
    category: 'not-found',
    means: 'No alert has this id, or it is acknowledged already.',
    hint: 'List the open alerts with: marquee alerts list',
  },
  alert_rule_unknown: {
    category: 'not-found',
    means: 'No rule has this name.',
    hint: 'List the rules with: marquee alerts rules',
  },
  alert_rule_invalid: {
    category: 'invalid',
    means: 'The rule has an unknown field, or a value out of range.',
    hint: 'See docs/alerts.md for the fields of a rule.',
  },
  alert_rule_fixed: {
    category: 'conflict',
    means: 'The rule guards the alerts themselves and cannot be switched off.',
    hint: 'Acknowledge its alerts instead.',
  },
});

/** An error about alerts and their rules. */
export class AlertError extends MarqueeError<keyof typeof ALERT_FAILURES> {}
