// A rule: which records of the audit log it looks at, and when they are worth an alert.
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
  /** Exact, or everything below a prefix: `data_sources.*`. */
  actions: z.array(z.string().regex(/^[\w.-]+(\.\*)?$/)).min(1),
  /** At least one of these columns was changed, and was set before. */
  changed: z.array(z.string()).min(1).optional(),
  /** Beginnings of actors, such as `user:` or `cli:`. */
  actors: z.array(z.string().min(1)).min(1).optional(),
  notActors: z.array(z.string().min(1)).min(1).optional(),
  /** Values that fields must have: one of the list; null for a field that is not there. */
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
  /** Each record that matches. */
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
  /** A value that was not seen for so long. The very first value (of each `of`) is only remembered. */
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
    /** A number in the record that says how many it stands for. */
    amount: Field.optional(),
  }),
  /** The audit log is not what was written. Looks at no record. */
  z.strictObject({ kind: z.literal('chain') }),
  /** A condition that another part of Marquee reports, and says when it is over. Looks at no record. */
  z.strictObject({ kind: z.literal('reported') }),
]);

export const Rule = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'must be lower-case letters, digits and hyphens'),
  /** What an alert says, with fields in braces: `{actor} changed …`. */
  title: z.string().min(1).max(200),
  severity: z.enum(SEVERITIES),
  enabled: z.boolean(),
  match: Match,
  when: Condition,
  /** For how long the same cause raises no alert after one was acknowledged. */
  quietMinutes: z.int().min(0).max(525_600),
});

export type Rule = z.infer<typeof Rule>;
export type Condition = Rule['when'];

/** Rules that guard the alerts themselves. */
export const FIXED = ['audit-chain-broken', 'alert-rules-changed'] as const;
