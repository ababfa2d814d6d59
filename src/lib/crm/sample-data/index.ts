// Sample data that an owner loads to look around, and removes again (`load_sample_data`, `remove_sample_data`).

import { randomUUID } from 'node:crypto';
import { fractionDigits } from '@/lib/money';
import type { InsertOf } from '@/lib/repositories';
import type { Database } from '@/lib/tenant-data/types';
import { dateIn, shiftDate } from '../dates';
import { WORDS } from './words';

/** Mail to this domain is never delivered (RFC 2606), and is not even sent. */
export const SAMPLE_DOMAIN = 'sample.invalid';

type Table = keyof Database['public']['Tables'];

export interface SampleRecord {
  table: Table;
  row: object;
}

export interface SampleOptions {
  language: 'en' | 'de';
  now: Date;
  /** IANA name, of the tenant. */
  timezone: string;
  /** ISO 4217. */
  currency: string;
  /** The first two open stages of the pipeline. */
  stages: readonly [string, string];
  /** Who loads them: the task is theirs. */
  userId: string;
  /** Appended to names that must be unique, where an earlier sample was kept. */
  suffix?: string;
}

/**
 * A client with a coming event, one with an open deal and a draft quote, and an inquiry. Documents are drafts with numbers of their
 * own: nothing of this reaches reports of money, books or mailboxes.
 *
 * @returns records, parents first
 */
export function sampleRecords(options: SampleOptions): SampleRecord[] {
  const { language, timezone, stages, userId, suffix = '' } = options;
  const today = dateIn(timezone, options.now);
  const scale = 10 ** fractionDigits(options.currency);
  const words = WORDS[language];
  const named = (name: string) => `${name} ${words.mark}${suffix}`;
  const number = `SAMPLE${suffix.replace(' ', '-')}`;
  const records: SampleRecord[] = [];
  const add = <Name extends Table>(table: Name, row: InsertOf<Name>): string => {
    const id = randomUUID();
    records.push({ table, row: { id, ...row } });
    return id;
  };
  const client = (name: string, type: 'individual' | 'company', first: string, last: string) => {
    const email = `${first}.${last}@${SAMPLE_DOMAIN}`.toLowerCase();
    const account_id = add('accounts', { name: named(name), account_type: type, email });
    const contact_id = add('contacts', { first_name: first, last_name: named(last), email });
    add('contact_accounts', { account_id, contact_id, is_primary: true });
    return { account_id, contact_id };
  };
  const times = {
    setup_time: '17:00',
    start_time: '18:00',
    end_time: '21:00',
    teardown_minutes: 45,
    timezone,
  };

  const booth_type_id = add('booth_types', {
    name: named(words.boothType),
    crew_needed: 1,
    buffer_before_minutes: 60,
    buffer_after_minutes: 60,
  });
  const booth_id = add('booths', { booth_type_id, name: named(words.booth) });
  const price = 695 * scale;
  const package_id = add('packages', {
    name: named(words.package),
    base_price: price,
    duration_hours: 3,
    extra_hour_price: 150 * scale,
    booth_type_id,
    includes: [...words.includes],
  });
  add('add_ons', { name: named(words.addOn), price: 125 * scale });
  const location_id = add('locations', { name: named(words.place), city: words.city, travel_minutes: 25 });

  const couple = client('Ada Abbott', 'individual', 'Ada', 'Abbott');
  const event_id = add('events', {
    event_number: number,
    title: named(words.wedding),
    account_id: couple.account_id,
    primary_contact_id: couple.contact_id,
    guest_count: 120,
    owner_id: userId,
  });
  const event_date_id = add('event_dates', {
    event_id,
    event_date: shiftDate(today, 9),
    location_id,
    ...times,
  } as never);
  // The database works out the period that the booking takes.
  add('booth_assignments', { event_id, event_date_id, booth_id } as never);
  add('notes', { entity_type: 'event', entity_id: event_id, content: words.note });
  add('tasks', {
    title: named(words.task),
    due_date: shiftDate(today, 2),
    assigned_to: userId,
    entity_type: 'event',
    entity_id: event_id,
  });

  const company = client('Northwind Dental', 'company', 'Finn', 'Carver');
  const opportunity_id = add('opportunities', {
    name: named(words.party),
    ...company,
    stage: stages[1],
    owner_id: userId,
  });
  add('event_dates', { opportunity_id, event_date: shiftDate(today, 40), location_id, ...times } as never);
  const line = {
    item_type: 'package',
    package_id,
    name: named(words.package),
    quantity: 1,
    unit_price: price,
  };
  add('opportunity_line_items', { opportunity_id, ...line } as never);
  const quote_id = add('quotes', {
    quote_number: number,
    opportunity_id,
    ...company,
  });
  add('quote_line_items', { quote_id, ...line } as never);

  add('leads', {
    first_name: 'Noah',
    last_name: named('Price'),
    email: `noah.price@${SAMPLE_DOMAIN}`,
    event_date: shiftDate(today, 75),
    message: words.inquiry,
    owner_id: userId,
  });
  return records;
}
