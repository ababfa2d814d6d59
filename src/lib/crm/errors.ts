import { declareFailures, MarqueeError } from '@/lib/failures';

const LINK_FAILURES = declareFailures('crm', 'user', {
  link_malformed: {
    category: 'not-found',
    means: 'A link’s address is incomplete.',
    hint: 'Open it from the mail again, or ask for a new one.',
  },
  link_unknown: {
    category: 'not-found',
    means: 'A link was withdrawn, replaced or never existed.',
    hint: 'Open the newest mail, or ask for a new link.',
  },
});

/** A link without an account opens nothing. */
export class ClientLinkError extends MarqueeError<keyof typeof LINK_FAILURES> {}
