import { z } from 'zod';
import type { Inquiry, InquiryForm } from '@/lib/crm/inquiries';
import { hasLink } from '../typed-names';
import type { FormWords } from './words';

/** The fields of the form, in their order on the page. */
export const FIELDS = [
  'first_name',
  'last_name',
  'email',
  'phone',
  'event_type',
  'event_date',
  'event_place',
  'guest_count',
  'message',
] as const;

export type Field = (typeof FIELDS)[number];
/** What a visitor typed; also what is shown again where something is wrong. */
export type Entries = Partial<Record<Field | 'consent', string>>;
export type Problems = Partial<Record<Field | 'consent', string>>;

/** Characters. */
const LONGEST: Record<Field, number> = {
  first_name: 80,
  last_name: 80,
  email: 254,
  phone: 40,
  event_type: 40,
  event_date: 10,
  event_place: 200,
  guest_count: 6,
  message: 5000,
};
const YEARS_AHEAD = 3;

/** Whether a field is shown and must be filled in. */
export function demandFor(
  field: Field,
  { form }: Pick<InquiryForm, 'form'>,
): 'off' | 'optional' | 'required' {
  if (field === 'first_name' || field === 'email') return 'required';
  return field === 'last_name' ? 'optional' : form.asks[field];
}

/** The entries of a sent form; unknown fields and files are ignored. */
export function readEntries(fields: Record<string, unknown>): Entries {
  const text = (name: Field | 'consent') => {
    const value = fields[name];
    return typeof value === 'string' ? [[name, value.trim()] as const] : [];
  };
  return Object.fromEntries([...FIELDS, 'consent' as const].flatMap(text));
}

/** What is wrong with the entries, by field. */
export function findProblems(entries: Entries, form: InquiryForm, words: FormWords): Problems {
  const problems: Problems = {};
  for (const field of FIELDS) {
    const demand = demandFor(field, form);
    const value = demand === 'off' ? '' : (entries[field] ?? '');
    const problem = value
      ? problemOf(field, value, form, words)
      : demand === 'required'
        ? words.missing
        : undefined;
    if (problem) problems[field] = problem;
  }
  if (!entries.consent) problems.consent = words.notAgreed;
  return problems;
}

function problemOf(
  field: Field,
  value: string,
  { today, eventTypes }: InquiryForm,
  words: FormWords,
): string | undefined {
  if (value.length > LONGEST[field]) return words.tooLong(LONGEST[field]);
  switch (field) {
    case 'first_name':
    case 'last_name':
      return hasLink(value) ? words.notName : undefined;
    case 'email':
      return z.email().safeParse(value).success ? undefined : words.notEmail;
    case 'phone':
      return value.replace(/\D/g, '').length < 5 ? words.notPhone : undefined;
    case 'event_type':
      return eventTypes.some(({ id }) => id === value) ? undefined : words.missing;
    case 'event_date':
      return problemOfDate(value, today, words);
    case 'guest_count':
      return /^\d{1,6}$/.test(value) ? undefined : words.notNumber;
    default:
      return undefined;
  }
}

function problemOfDate(value: string, today: string, words: FormWords): string | undefined {
  if (!z.iso.date().safeParse(value).success) return words.notDate;
  if (value < today) return words.pastDate;
  return value > latestDay(today) ? words.farDate : undefined;
}

/** The last day that can be asked for, ISO. */
export function latestDay(today: string): string {
  return `${Number(today.slice(0, 4)) + YEARS_AHEAD}${today.slice(4)}`.replace('-02-29', '-02-28');
}

/** The inquiry that checked entries make. Fields that are not asked for are left out. @param consentText as it was shown */
export function toInquiry(
  id: string,
  entries: Entries,
  form: InquiryForm,
  words: FormWords,
  consentText: string,
): Inquiry {
  const shown = (field: Field) => (demandFor(field, form) === 'off' ? '' : (entries[field] ?? ''));
  const eventType = form.eventTypes.find(({ id }) => id === shown('event_type'));
  const columns = {
    last_name: shown('last_name'),
    email: shown('email'),
    phone: shown('phone'),
    event_type_id: eventType?.id ?? '',
    event_date: shown('event_date'),
    event_place: shown('event_place'),
    message: shown('message'),
  };
  const given = Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== ''));
  const guests = shown('guest_count');
  const lines = FIELDS.map((field) => [
    field,
    field === 'event_type'
      ? eventType?.name
      : field === 'event_date'
        ? dayInWords(shown(field), form.locale)
        : shown(field),
  ]);
  return {
    id,
    first_name: shown('first_name'),
    ...given,
    ...(guests ? { guest_count: Number(guests) } : {}),
    consent_text: consentText,
    summary: [...lines, ['consent', consentText]]
      .filter(([, value]) => value)
      .map(([field, value]) => `${words.fields[field as Field | 'consent']}: ${value}`)
      .join('\n'),
  };
}

/** A day as the company writes it, such as “Sat, Jun 12, 2032”. */
function dayInWords(day: string, locale: string): string {
  if (day === '') return '';
  const style = {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    timeZone: 'UTC',
  } as const;
  return new Intl.DateTimeFormat(locale, style).format(new Date(day));
}
