import { declareFailures, MarqueeError } from '@/lib/failures';

const STORAGE_FAILURES = declareFailures('crm/storage', 'user', {
  file_missing: {
    category: 'not-found',
    means: 'The file is not in the file storage.',
    hint: 'Reload the page; it may have been removed.',
  },
  file_changed: {
    category: 'unavailable',
    status: 502,
    means: 'The file in the storage is not the one that was stored.',
    hint: 'Ask the operator to restore it from a backup of the file storage.',
  },
  file_empty: {
    category: 'invalid',
    means: 'The file has no content.',
    hint: 'Choose another file.',
  },
  file_too_large: {
    category: 'invalid',
    means: 'The file is larger than allowed.',
    hint: 'Make it smaller, or send it in parts.',
  },
  file_type_refused: {
    category: 'invalid',
    means: 'Files of this type cannot be attached.',
    hint: 'Attach a picture, a PDF, an office document, a text or a video.',
  },
  file_type_mismatch: {
    category: 'invalid',
    means: 'The file’s content is of another type than claimed.',
    hint: 'Save it again in the format its name says.',
  },
  file_key_invalid: {
    category: 'invalid',
    audience: 'operator',
    means: 'A storage key leads outside its directory.',
    hint: 'Report it: a key is made by Marquee itself.',
  },
  file_key_reused: {
    category: 'conflict',
    means: 'The idempotency key was used for another file.',
    hint: 'Make a new key for each file.',
  },
  file_no_thumbnail: {
    category: 'not-found',
    means: 'The file has no thumbnail.',
    hint: 'Show an icon instead.',
  },
  storage_refused: {
    category: 'unavailable',
    audience: 'operator',
    userText: { message: 'Files cannot be used right now.', hint: 'Try again in a minute.' },
    means: 'The file storage refused the request.',
    hint: 'Check the bucket and the permissions of its key.',
  },
  storage_unreachable: {
    category: 'unavailable',
    means: 'The file storage does not answer.',
    hint: 'Try again in a minute.',
  },
  storage_region_unavailable: {
    category: 'conflict',
    means: 'No bucket is configured in the tenant’s required region.',
    hint: 'The operator adds a bucket of that region (FILES_BUCKETS).',
  },
});

/** A file cannot be stored, read or removed. */
export class StorageError extends MarqueeError<keyof typeof STORAGE_FAILURES> {}
