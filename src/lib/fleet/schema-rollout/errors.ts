import { declareFailures, MarqueeError } from '@/lib/failures';

const SCHEMA_ROLLOUT_FAILURES = declareFailures('fleet/schema-rollout', 'operator', {
  schema_rollout_running: {
    category: 'conflict',
    means: 'A schema rollout is open already; there is one at a time.',
    hint: 'See it: marquee migrate status. Go on with it: marquee migrate resume',
  },
  schema_rollout_unknown: {
    category: 'not-found',
    means: 'There is no such schema rollout, or none is open.',
    hint: 'List them: marquee migrate status',
  },
  schema_rollout_invalid: {
    category: 'invalid',
    means:
      'The options of the schema rollout contradict each other or name a data source that is not registered.',
    hint: 'See: marquee migrate --help',
  },
  schema_rollout_other_version: {
    category: 'conflict',
    means: 'The open schema rollout was started by a program of another version.',
    hint: 'Resume it with that version, or cancel it: marquee migrate cancel',
  },
  schema_rollout_source: {
    category: 'conflict',
    means: 'The data source is in a state of the schema rollout in which this cannot be done.',
    hint: 'See its state: marquee migrate status',
  },
  schema_locked: {
    category: 'busy',
    means: 'A table was in use for longer than a migration may wait, in all attempts.',
    hint: 'End the long transactions in it, or wait until it is less busy; then: marquee migrate retry',
  },
  schema_drifted: {
    category: 'conflict',
    means: 'The schema of the database lacks something of its own version, or has it in another form.',
    hint: 'See what: marquee migrate drift. Repair it, or accept it: marquee migrate drift --accept',
  },
});

/** A schema rollout cannot go on, or a database cannot be migrated in it. */
export class SchemaRolloutError extends MarqueeError<keyof typeof SCHEMA_ROLLOUT_FAILURES> {}
