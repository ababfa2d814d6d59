import { declareFailures, MarqueeError } from '@/lib/failures';

const EMBEDDED_FAILURES = declareFailures('embedded', 'operator', {
  embedded_unavailable: {
    category: 'unavailable',
    means: 'There is no embedded PostgreSQL for this platform.',
    hint: 'Set APPLICATION_DATABASE_URL, OPERATIONS_DATABASE_URL and DEFAULT_TENANT_DATA_URL instead.',
  },
  embedded_initdb_failed: {
    category: 'internal',
    means: 'The program initdb of the embedded PostgreSQL failed.',
  },
  embedded_start_failed: {
    category: 'internal',
    means: 'The embedded PostgreSQL did not start.',
  },
  embedded_unreachable: {
    category: 'unavailable',
    means: 'The user that the embedded PostgreSQL must run as cannot run its programs.',
    hint: 'Make /var/cache a directory that root may write and every user may enter, or run Marquee as another user.',
  },
  embedded_user_unnamed: {
    category: 'unavailable',
    means: 'The user that the embedded PostgreSQL must run as has no name in /etc/passwd.',
    hint: 'Give it one, run as a user that has one, or as root.',
  },
});

/** The embedded PostgreSQL cannot be used. */
export class EmbeddedError extends MarqueeError<keyof typeof EMBEDDED_FAILURES> {}
