// A rule says which records of the audit log it matches, and when they raise an alert.
import { z } from 'zod';

export const SEVERITIES = ['critical', 'warning', 'notice'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** A field of a record: `actor`, `address`, `tenantId`, `entityId`, `id`, or a path such as `after.role` or `details.count`. */
const Field = z
  .string()
  .regex(
    /^(id|actor|address|tenantId|entity|entityId|action|(before|after|details)(\.\w+)+)$/,
    'is no field of a record',
  );

const Match = z.strictObject({
  /** Exact actions, or all with a prefix: `data_sources.*`. */
  actions: z.array(z.string().regex(/^[\w.-]+(\.\*)?$/)).min(1),
  /** Columns of which at least one had a value and was changed. */
  changed: z.array(z.string()).min(1).optional(),
  /** Prefixes of actors, such as `user:` or `cli:`. */
  actors: z.array(z.string().min(1)).min(1).optional(),
  notActors: z.array(z.string().min(1)).min(1).optional(),
  /** Fields, each with a list of values of which it must have one. Null stands for a missing field. */
  where: z.record(Field, z.array(z.union([z.string(), z.number(), z.boolean(), z.null()])).min(1)).optional(),
});

const TimeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'is not a time such as 07:30');

const TimeZone = z.string().refine((zone) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: zone }));
  } catch {
    return false;
  }
}, 'is not a time zone such as Europe/Berlin');

const Condition = z.discriminatedUnion('kind', [
  /** Every record that matches. */
  z.strictObject({ kind: z.literal('each') }),
  /** Records at a time when no one is expected to work. */
  z.strictObject({
    kind: z.literal('outside-hours'),
    timeZone: TimeZone,
    /** 1 is Monday. */
    days: z.array(z.int().min(1).max(7)),
    from: TimeOfDay,
    to: TimeOfDay,
  }),
  /** Records whose value was not seen for `days`. The very first value (for each `of`) is only remembered. */
  z.strictObject({
    kind: z.literal('new'),
    value: Field,
    of: Field.optional(),
    rememberDays: z.int().min(1).max(3650),
  }),
  /** At least `atLeast` records within `seconds`, with the same value of `by`. */
  z.strictObject({
    kind: z.literal('many'),
    atLeast: z.int().min(2).max(1_000_000),
    seconds: z
      .int()
      .min(1)
      .max(7 * 86_400),
    by: Field,
    /** Field with the number of occurrences that a record stands for. Default 1. */
    amount: Field.optional(),
  }),
  /** The audit log fails verification. Matches no record. */
  z.strictObject({ kind: z.literal('chain') }),
  /** Another part of Marquee reports a condition and when it is over. Matches no record. */
  z.strictObject({ kind: z.literal('reported') }),
]);

export const Rule = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and hyphens'),
  /** The title of an alert, with fields in braces: `{actor} changed …`. */
  title: z.string().min(1).max(200),
  severity: z.enum(SEVERITIES),
  enabled: z.boolean(),
  match: Match,
  when: Condition,
  /** How long after an acknowledgement the same cause raises no alert, minutes. */
  quietMinutes: z.int().min(0).max(525_600),
});

export type Rule = z.infer<typeof Rule>;
export type Condition = Rule['when'];

/** Rules that guard the alerts themselves. Only their title, severity and `quietMinutes` can be changed. */
export const FIXED = ['audit-chain-broken', 'alert-rules-changed'] as const;
