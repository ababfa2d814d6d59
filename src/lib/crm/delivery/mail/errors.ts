import { declareFailures, MarqueeError } from '@/lib/failures';

const MAIL_FAILURES = declareFailures('crm/mail', 'user', {
  mail_link_replaced: {
    category: 'conflict',
    means: 'The quote or contract was sent again since, so the link of the mail no longer opens it.',
    hint: 'Use the mail that was sent last, or send the quote or contract again.',
  },
  mail_rejected: {
    category: 'conflict',
    means: 'The mail server refuses the mail permanently.',
    hint: 'Check the address of the recipient.',
  },
  mail_unavailable: {
    category: 'unavailable',
    means: 'The mail server cannot take the mail now; it is sent again later.',
    hint: 'Try again in a minute.',
  },
});

/** `permanent` failures (no such mailbox) are bounces; others are retried. */
export class MailError extends MarqueeError<keyof typeof MAIL_FAILURES> {
  constructor(
    code: keyof typeof MAIL_FAILURES,
    message: string,
    readonly permanent: boolean,
    cause?: unknown,
  ) {
    super(code, message, { cause });
  }
}
