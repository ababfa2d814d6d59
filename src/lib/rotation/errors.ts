import { declareFailures, MarqueeError } from '@/lib/failures';

const ROTATION_FAILURES = declareFailures('rotation', 'operator', {
  key_unreadable_elsewhere: {
    category: 'conflict',
    means: 'A running process cannot decrypt with the key that would encrypt from now on.',
    hint: 'Give every process the key first: NEXT_ENCRYPTION_KEY, or the variables of its key service.',
  },
  key_in_use: {
    category: 'conflict',
    means: 'A secret is still under the key, or a process still encrypts with it.',
    hint: 'Bring the secrets to the present key: marquee secrets rotate',
  },
  key_unknown: {
    category: 'not-found',
    means: 'No secret is under a key of this name, and this process does not have it.',
    hint: 'List the keys with: marquee secrets status',
  },
  secrets_unreachable: {
    category: 'unavailable',
    means: 'Secrets in a database that cannot be reached now could not be looked at.',
    hint: 'Run it again when the database answers.',
  },
});

/** Everything this room refuses or fails at, by stable code. */
type RotationErrorCode = keyof typeof ROTATION_FAILURES;

/** An error about replacing keys. */
export class RotationError extends MarqueeError<RotationErrorCode> {}
