import { declareFailures, MarqueeError } from '@/lib/failures';

const DOCUMENT_FAILURES = declareFailures('crm/documents', 'user', {
  receipt_not_paid: {
    category: 'conflict',
    means: 'The payment did not succeed, so it has no receipt.',
    hint: 'Wait until it is paid.',
  },
  document_too_long: {
    category: 'invalid',
    status: 413,
    means: 'A document would have more lines or labels than one may have.',
    hint: 'Print it in parts.',
  },
});

/** A document cannot be made of what there is. */
export class DocumentError extends MarqueeError<keyof typeof DOCUMENT_FAILURES> {}
