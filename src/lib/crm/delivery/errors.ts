import { declareFailures, MarqueeError } from '@/lib/failures';

const SYNC_FAILURES = declareFailures('crm/sync', 'user', {
  sync_unreachable: {
    category: 'unavailable',
    status: 502,
    means: 'The connected service does not answer, or is busy; it is tried again.',
    hint: 'Try again in a minute.',
  },
  sync_refused: {
    category: 'conflict',
    means: 'The connected service does not accept what was sent; a person has to look at it.',
    hint: 'Correct it there or here, then try again.',
  },
});

/** `sync_unreachable` is retried; `sync_refused` needs a person. */
export class SyncError extends MarqueeError<keyof typeof SYNC_FAILURES> {
  constructor(
    code: keyof typeof SYNC_FAILURES,
    message: string,
    /** HTTP status and the vendor's own code, where it gave one. */
    readonly answer: { status?: number; vendorCode?: string } = {},
    cause?: unknown,
  ) {
    super(code, message, { cause });
  }
}
