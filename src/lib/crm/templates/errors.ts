import { declareFailures, MarqueeError } from '@/lib/failures';

const TEMPLATE_FAILURES = declareFailures('crm/templates', 'user', {
  template_unknown_field: {
    category: 'invalid',
    means: 'A template uses a field that does not exist.',
    hint: 'Use one of the known fields.',
  },
  template_malformed: {
    category: 'invalid',
    means: 'A template has unpaired braces.',
    hint: 'Write a field as {{account.name}}.',
  },
});

/** A template cannot be used as it is written. */
export class TemplateError extends MarqueeError<keyof typeof TEMPLATE_FAILURES> {}
