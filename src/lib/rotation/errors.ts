import { declareFailures, MarqueeError } from '@/lib/failures';

const ROTATION_FAILURES = declareFailures('rotation', 'operator', {
  key_unreadable_elsewhere: {
    category: 'conflict',
    means: 'A running process cannot decrypt with the key that would encrypt from now on.',
    hint: 'Give every process the key first: NEXT_ENCRYPTION_KEY, or the variables of its key service.',
  },
  key_in_use: {
    category: 'conflict',
    means: 'A secret is still encrypted with the key, or a process still encrypts with it.',
    hint: 'Encrypt the secrets with the present key: marquee secrets rotate',
  },
  key_unknown: {
    category: 'not-found',
    means: 'No secret is encrypted with a key of this name, and this process does not have it.',
    hint: 'List the keys with: marquee secrets status',
  },
  secrets_unreachable: {
    category: 'unavailable',
    means: 'Secrets in a database that cannot be reached at the moment could not be read.',
    hint: 'Run it again when the database answers.',
  },
});

/** Everything this room refuses or fails at, by stable code. */
type RotationErrorCode = keyof typeof ROTATION_FAILURES;

/** An error about replacing keys. */
export class RotationError extends MarqueeError<RotationErrorCode> {}
