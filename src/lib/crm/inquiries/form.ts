import { failureOf } from '../refusals';
import { readSetting, type SettingValue } from '../settings';
import { type Visitor, websiteClient } from './website-client';

/** What a visitor is shown. */
export interface InquiryForm {
  form: SettingValue<'inquiry_form'>;
  company: SettingValue<'company'>;
  locale: string;
  /** The tenant's own date (ISO). */
  today: string;
  eventTypes: { id: string; name: string }[];
}

/** The tenant's form; undefined where it is switched off. @throws DataSourceError */
export async function readInquiryForm(visitor: Visitor): Promise<InquiryForm | undefined> {
  const client = await websiteClient(visitor);
  const { data, error, status } = await client.rpc('inquiry_form');
  if (error) throw failureOf(error, status);
  if (data === null) return undefined;
  const { form, company, locale, today, event_types } = data as Record<string, unknown>;
  return {
    form: readSetting('inquiry_form', form),
    company: readSetting('company', company),
    locale: readSetting('locale', locale),
    today: String(today),
    eventTypes: event_types as InquiryForm['eventTypes'],
  };
}

/**
 * Whether a day is free; null where the tenant does not show it, or cannot say.
 *
 * @param day ISO date
 * @throws DataSourceError
 */
export async function readDay(visitor: Visitor, day: string): Promise<'free' | 'likely' | 'taken' | null> {
  const client = await websiteClient(visitor);
  const { data, error, status } = await client.rpc('inquiry_day', { day });
  if (error) throw failureOf(error, status);
  return data as 'free' | 'likely' | 'taken' | null;
}
