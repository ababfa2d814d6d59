import { declareFailures, MarqueeError } from '@/lib/failures';

const RENDERING_FAILURES = declareFailures('crm/rendering', 'user', {
  too_many_documents: {
    category: 'busy',
    means: 'Too many documents and pictures of the tenant wait to be made.',
    hint: 'Try again in a few seconds.',
  },
  rendering_busy: {
    category: 'busy',
    status: 503,
    means: 'Too many documents and pictures of all tenants wait to be made.',
    hint: 'Try again in a few seconds.',
  },
  document_too_large: {
    category: 'invalid',
    status: 413,
    means: 'A document or picture needs more memory than it may have.',
    hint: 'Make it in parts: fewer lines, or a smaller picture.',
  },
  document_too_slow: {
    category: 'busy',
    status: 503,
    means:
      'A document or picture was not made within its time: the machine has too much to do, or the document is very large.',
    hint: 'Try again in a minute; if it fails again, make it in parts.',
  },
});

export type RenderingErrorCode = keyof typeof RENDERING_FAILURES;

/** A document or a picture cannot be made, or not now. */
export class RenderingError extends MarqueeError<RenderingErrorCode> {}
