import { z } from 'zod';
import { INITIAL_SETTINGS } from '@/lib/initial-settings';
import { ROUNDING_RULES } from '@/lib/money';
import { SettingError } from './errors';

const color = z.string().regex(/^#[0-9a-fA-F]{6}$/, 'must be a color such as #b4235a');
const timezone = z.string().refine((name) => {
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: name }));
  } catch {
    return false;
  }
}, 'must be a timezone such as Europe/Amsterdam');
const currency = z
  .string()
  .refine((code) => Intl.supportedValuesOf('currency').includes(code), 'must be an ISO 4217 code');

/** What the inquiry form does with a field. */
const asked = z.enum(['off', 'optional', 'required']);
/** An origin: it stands in the header that says who may embed the form. */
const SITE = /^https:\/\/[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:\d{1,5})?$|^http:\/\/localhost(:\d{1,5})?$/;

const stage = z.object({
  key: z.string().regex(/^[a-z][a-z0-9_]*$/),
  name: z.string().min(1).max(60),
  /** Per cent. */
  probability: z.number().int().min(0).max(100),
  kind: z.enum(['open', 'won', 'lost']),
});

/** Typefaces of documents: see `documents/fonts.ts`. */
const TYPEFACES = ['noto-sans', 'dejavu-sans', 'dejavu-sans-condensed', 'dejavu-serif'] as const;

/** Every setting of a tenant and its schema. Its value until the tenant chooses one is in `initial-settings`. */
export const SETTINGS = {
  pipeline: z
    .object({ stages: z.array(stage).min(3), stale_after_days: z.number().int().min(1).max(365) })
    .refine(
      ({ stages }) => new Set(stages.map(({ key }) => key)).size === stages.length,
      'two stages have one key',
    )
    .refine(
      ({ stages }) =>
        (['open', 'won', 'lost'] as const).every((kind) => stages.some((one) => one.kind === kind)),
      'needs at least one open, one won and one lost stage',
    ),
  // Days before the event up to which it is of that priority.
  priority_windows: z
    .object({
      critical: z.number().int().min(0),
      high: z.number().int(),
      medium: z.number().int(),
      low: z.number().int().max(365),
    })
    .refine(
      (days) => days.critical < days.high && days.high < days.medium && days.medium < days.low,
      'each window must end after the one before',
    ),
  tax: z.object({
    name: z.string().min(1).max(40),
    /** Fraction: 0.21 is 21 %. */
    rate: z.number().min(0).max(1),
    /** Of new quotes and invoices: whether the prices of their lines contain the tax. */
    prices_include_tax: z.boolean(),
  }),
  currency: currency,
  timezone: timezone,
  locale: z
    .string()
    .refine(
      (tag) => Intl.DateTimeFormat.supportedLocalesOf([tag]).length > 0,
      'must be a language tag such as en-GB',
    ),
  company: z.object({
    name: z.string().min(1).max(120),
    lines: z.array(z.string().max(120)).max(6),
    email: z.email().or(z.literal('')),
    phone: z.string().max(40),
    primary_color: color,
    /** Typeface of documents; each ships with Marquee. */
    typeface: z.enum(TYPEFACES).default('noto-sans'),
    /** Number of sales or value added tax, as documents show it. */
    tax_number: z.string().max(40).default(''),
  }),
  /** A PNG as data URL, as `PUT /api/logo` makes it; stands on documents. Empty: none. */
  logo: z
    .string()
    .max(200_000)
    .regex(/^data:image\/png;base64,iVBORw0KGgo[A-Za-z0-9+/]+=*$/, 'must be a PNG as data URL')
    .or(z.literal('')),
  /** How clients pay, in the company's words: bank account, checks. Stands on invoices and the client's page. Empty: nothing. */
  payment_instructions: z.string().max(2000),
  /** Steps of the setup that the owner skipped. */
  setup_skipped: z.array(z.string().max(40)).max(20),
  // How double bookings are handled: `warn` accepts them, marked `overbooked`.
  overlap_policy: z.enum(['refuse', 'warn']),
  hold: z.object({
    expires_after_hours: z
      .number()
      .int()
      .min(1)
      .max(24 * 60),
  }),
  // Minor units a mile: what travel costs in an event's profit.
  mileage_rate: z.number().min(0).max(100_000),
  deposit: z
    .object({ type: z.enum(['percent', 'amount', 'none']), value: z.number().min(0) })
    .refine((deposit) => deposit.type !== 'percent' || deposit.value <= 100, 'a deposit is at most 100 %'),
  /** Where leads come from: what forms offer. */
  lead_sources: z
    .array(z.string().trim().min(1).max(60))
    .max(50)
    .refine(
      (sources) => new Set(sources.map((source) => source.toLowerCase())).size === sources.length,
      'two sources have one name',
    ),
  /** Days before the event at which the rest of a payment plan is due. */
  balance_due_days: z.number().int().min(0).max(365),
  /** How money is rounded: half up, half to even, or down. Sent documents keep the rule they were sent with. */
  rounding: z.enum(ROUNDING_RULES),
  /** The most percent of discount that sales may give; a manager approves more. */
  max_discount_percent: z.number().min(0).max(100),
  // Days before, for each, and after for what is overdue; null sends none.
  reminders: z.object({
    quote_expiring: z.number().int().min(0).max(90).nullable(),
    payment_due: z.number().int().min(0).max(90).nullable(),
    payment_overdue: z.number().int().min(1).max(90).nullable().default(null),
    design_late: z.number().int().min(0).max(90).nullable(),
    crew_unconfirmed: z.number().int().min(0).max(90).nullable(),
    /** Local hour at which reminders go out. */
    hour: z.number().int().min(0).max(23),
  }),
  /** The public inquiry form at `/book/<subdomain>`. */
  inquiry_form: z.object({
    enabled: z.boolean(),
    /** Shows visitors whether a day is free, likely or taken. */
    shows_availability: z.boolean(),
    /** Empty texts: the form's own words, in the visitor's language. */
    heading: z.string().max(120),
    text: z.string().max(1000),
    consent: z.string().max(500),
    asks: z.object({
      event_type: asked,
      event_date: asked,
      event_place: asked,
      guest_count: asked,
      phone: asked,
      message: asked,
    }),
    /** Origins of web sites that may embed the form. */
    sites: z.array(z.string().regex(SITE, 'must be an address such as https://www.example.com')).max(20),
  }),
  /** Whether mails carry a tracking picture that shows when they are first opened. */
  mail_opens: z.boolean(),
} as const;

export type SettingKey = keyof typeof SETTINGS;
export type SettingValue<K extends SettingKey> = z.infer<(typeof SETTINGS)[K]>;

export { SettingError };

/**
 * Checks a setting before it is saved.
 *
 * @throws SettingError `setting_unknown`, `setting_invalid`
 */
export function checkSetting(key: string, value: unknown): unknown {
  if (!Object.hasOwn(SETTINGS, key)) {
    throw new SettingError('setting_unknown', `There is no setting “${key}”.`, {
      hint: `Settings: ${Object.keys(SETTINGS).join(', ')}.`,
    });
  }
  const result = SETTINGS[key as SettingKey].safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) =>
    [issue.path.join('.'), issue.message].filter(Boolean).join(': '),
  );
  throw new SettingError('setting_invalid', `The setting “${key}” is not valid: ${problems.join('; ')}`);
}

/** A stored setting, or its initial value where none, or no valid one, is stored. */
export function readSetting<K extends SettingKey>(key: K, stored: unknown): SettingValue<K> {
  const result = SETTINGS[key].safeParse(stored);
  return (result.success ? result.data : INITIAL_SETTINGS[key]) as SettingValue<K>;
}
