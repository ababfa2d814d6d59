import { shiftDate } from '../dates';
import { at } from './calendar';
import type { Catalogue } from './catalogue';
import type { Client } from './clients';
import type { Random } from './random';
import type { Rows } from './rows';
import { LEAD_MESSAGES, SOURCES } from './words';

/** What becomes of a quote; `revised`: it was sent, then another in its place. */
export type QuoteEnd = 'draft' | 'sent' | 'viewed' | 'accepted' | 'declined' | 'expired' | 'revised';

/** A package that a client chooses. */
export type Chosen = Catalogue['packages'][number];

/** How long an offer stands. */
export const QUOTE_DAYS = 21;

/** What deals and events have in common: the lead, the date, the lines, the quote. Days are ISO dates. */
export class Sales {
  constructor(
    private readonly rows: Rows,
    private readonly random: Random,
    private readonly catalogue: Catalogue,
    private readonly options: { timezone: string; currency: string },
  ) {}

  /** The inquiry that a deal began with. @param deal `begun` and `until`: days, of the inquiry and its end. @returns its id */
  addConvertedLead(
    client: Client,
    deal: { date: string; typeId: string; owner: string | undefined; begun: string; until: string },
  ): string {
    const id = this.random.uuid();
    this.rows.add('leads', {
      id,
      first_name: client.name.split(' ')[0],
      last_name: client.name.split(' ').slice(1).join(' ') || null,
      source: this.random.pick(SOURCES),
      status: 'converted',
      event_date: deal.date,
      event_type_id: deal.typeId,
      owner_id: deal.owner,
      converted_at: at(deal.until, 9),
      converted_account_id: client.accountId,
      converted_contact_id: client.contactId,
      created_at: at(deal.begun, 9),
      message: this.random.pick(LEAD_MESSAGES),
    });
    return id;
  }

  /** A date at an hour when events begin. @param of the deal or event, by its column. @returns its id */
  addDate(of: Record<string, string>, date: string, hours: number, status = 'scheduled'): string {
    const { random } = this;
    const id = random.uuid();
    const start = random.pick([11, 14, 16, 17, 18]);
    const time = (hour: number) => `${String(hour % 24).padStart(2, '0')}:00`;
    this.rows.add('event_dates', {
      id,
      ...of,
      event_date: date,
      setup_time: time(start - 1),
      start_time: time(start),
      end_time: time(start + hours),
      teardown_minutes: 45,
      timezone: this.options.timezone,
      location_id: random.pick(this.catalogue.locationIds),
      status,
    });
    return id;
  }

  /** The package, and often an add-on. @param of the deal, quote or invoice, by its column */
  addLines(table: string, of: Record<string, string>, chosen: Chosen): void {
    const { random } = this;
    this.rows.add(table, {
      ...of,
      item_type: 'package',
      package_id: chosen.id,
      name: chosen.name,
      quantity: 1,
      unit_price: chosen.price,
      tax_rate: 8.25,
      sort_order: 1,
    });
    if (random.chance(0.6)) {
      const addOn = random.pick(this.catalogue.addOns);
      this.rows.add(table, {
        ...of,
        item_type: 'add_on',
        add_on_id: addOn.id,
        name: addOn.name,
        quantity: random.integer(1, 2),
        unit_price: addOn.price,
        tax_rate: 8.25,
        sort_order: 2,
      });
    }
  }

  /** A quote with its lines. What becomes of it waits in its notes until it is settled. @returns its id */
  addQuote(opportunityId: string, client: Client, chosen: Chosen, end: QuoteEnd, issued: string): string {
    const id = this.random.uuid();
    this.rows.add('quotes', {
      id,
      opportunity_id: opportunityId,
      account_id: client.accountId,
      contact_id: client.contactId,
      issue_date: issued,
      valid_until: shiftDate(issued, QUOTE_DAYS),
      currency: this.options.currency,
      deposit_type: 'percent',
      deposit_value: 50,
      notes: end === 'draft' ? null : end,
    });
    this.addLines('quote_line_items', { quote_id: id }, chosen);
    return id;
  }
}
