import { shiftDate } from '../dates';
import type { Catalogue } from './catalogue';
import { type Client, Clients } from './clients';
import type { Random } from './random';
import type { Rows } from './rows';
import {
  CANCEL_REASONS,
  FIRST_NAMES,
  LAST_NAMES,
  LEAD_MESSAGES,
  LOST_REASONS,
  NOTES,
  SOURCES,
} from './words';

export interface StoryOptions {
  /** ISO date that stands for today: what lies before it has happened. */
  today: string;
  timezone: string;
  currency: string;
  /** The tenant's users: who sells, who works at events. */
  salesUserIds: string[];
  crewUserIds: string[];
  /** From the tenant's own tables, made when it was provisioned. */
  eventTypes: { id: string; categoryId: string; name: string; slug: string }[];
  staffRoleId: string;
}

type LeadStatus = 'new' | 'contacted' | 'qualified' | 'lost';

const STAGES = [
  { key: 'prospecting', probability: 10, chance: 3 },
  { key: 'qualification', probability: 25, chance: 4 },
  { key: 'proposal', probability: 50, chance: 5 },
  { key: 'negotiation', probability: 75, chance: 3 },
] as const;
type Stage = (typeof STAGES)[number]['key'];

/** What becomes of a quote; `revised`: it was sent, then another in its place. */
export type QuoteEnd = 'draft' | 'sent' | 'viewed' | 'accepted' | 'declined' | 'expired' | 'revised';
type InvoiceStatus = 'draft' | 'sent' | 'partially_paid' | 'paid' | 'void' | 'written_off';

/** An event of which this much is not left to chance. */
export interface FixedEvent {
  /** From today. */
  inDays: number;
  status: 'tentative' | 'confirmed' | 'completed' | 'cancelled';
  /** Who has confirmed to work there. */
  crew?: string | undefined;
  invoice: InvoiceStatus;
}

/** Weddings in summer, parties in December: how busy each month is. */
const MONTH_WEIGHTS = [3, 4, 6, 8, 11, 13, 10, 9, 12, 13, 8, 12];
/** Sunday first. */
const WEEKDAY_WEIGHTS = [9, 2, 2, 4, 8, 26, 49];

/** How long an offer stands. */
const QUOTE_DAYS = 21;

/** The year of one company: each client from the first inquiry to the paid event, as far as today allows. */
export class Story {
  readonly #busy = new Map<string, Set<string>>();
  readonly #clients: Clients;
  readonly paidInvoices: { invoiceId: string; share: number; paidAt: string; method: string }[] = [];
  readonly sentInvoices: { id: string }[] = [];
  /** Given up after they were sent. */
  readonly endedInvoices: { id: string; status: 'void' | 'written_off' }[] = [];
  readonly timeOff: { userId: string; firstDay: string; lastDay: string; reason: string }[] = [];
  readonly boothBookings: { eventDateId: string; boothId: string; eventId: string; status: string }[] = [];

  constructor(
    private readonly rows: Rows,
    private readonly random: Random,
    private readonly catalogue: Catalogue,
    private readonly options: StoryOptions,
  ) {
    this.#clients = new Clients(rows, random, options.salesUserIds);
  }

  /** A date in the year around today (nine months back, three ahead), by season and weekday. */
  eventDate(): string {
    for (;;) {
      const date = shiftDate(this.options.today, this.random.integer(-270, 95));
      const day = new Date(`${date}T00:00:00Z`);
      const weight =
        ((MONTH_WEIGHTS[day.getUTCMonth()] ?? 0) / 13) * ((WEEKDAY_WEIGHTS[day.getUTCDay()] ?? 0) / 49);
      if (this.random.next() < weight) return date;
    }
  }

  /** Days on which a crew member is not asked to work. @param from days from today */
  addDaysOff(userId: string, from: number, days: number): void {
    for (let day = from; day < from + days; day++) this.#take(shiftDate(this.options.today, day), [userId]);
  }

  /** Days that a crew member has entered as time off. @param off `from`: days from today */
  addTimeOff(userId: string, off: { from: number; days: number; reason: string }): void {
    this.addDaysOff(userId, off.from, off.days);
    const firstDay = shiftDate(this.options.today, off.from);
    this.timeOff.push({ userId, firstDay, lastDay: shiftDate(firstDay, off.days - 1), reason: off.reason });
  }

  /** An inquiry that has come to nothing yet, or never will. */
  addInquiry(given?: LeadStatus): void {
    const { random, options } = this;
    const status =
      given ?? random.pick(['new', 'new', 'contacted', 'qualified', 'lost', 'lost', 'lost'] as const);
    // Not today: what comes at a later hour has not happened.
    const age = status === 'new' ? random.integer(1, 4) : random.integer(3, 120);
    const [first, last] = [random.pick(FIRST_NAMES), random.pick(LAST_NAMES)];
    this.rows.add('leads', {
      first_name: first,
      last_name: last,
      email: `${first}.${last}.${random.integer(100, 9999)}@example.net`.toLowerCase(),
      source: random.pick(SOURCES),
      status,
      lost_reason: status === 'lost' ? random.pick(LOST_REASONS) : null,
      event_date: shiftDate(options.today, random.integer(10, 300)),
      event_type_id: random.pick(options.eventTypes).id,
      guest_count: random.integer(3, 30) * 10,
      message: random.pick(LEAD_MESSAGES),
      owner_id: random.pick(options.salesUserIds),
      created_at: at(shiftDate(options.today, -age), random.integer(8, 20)),
    });
  }

  /** A deal that is still open, with a quote when it has come that far. */
  addOpenDeal(given?: Stage, quote?: QuoteEnd): void {
    const { random, options, rows } = this;
    const client = this.#clients.next();
    const drawn = random.weighted(STAGES.map(({ chance }) => chance));
    const stage = given ? STAGES.findIndex(({ key }) => key === given) : drawn;
    const chosen = random.pick(this.catalogue.packages);
    const id = random.uuid();
    const type = random.pick(options.eventTypes);
    const date = shiftDate(options.today, random.integer(20, 240));
    rows.add('opportunities', {
      id,
      name: `${type.name}, ${client.name}`,
      account_id: client.accountId,
      contact_id: client.contactId,
      event_type_id: type.id,
      stage: STAGES[stage]?.key,
      probability: STAGES[stage]?.probability,
      amount: chosen.price,
      currency: options.currency,
      stage_changed_at: at(shiftDate(options.today, -random.integer(1, 40)), 10),
      expected_close_date: shiftDate(options.today, random.integer(-5, 45)),
      owner_id: random.pick(options.salesUserIds),
    });
    this.#addDate({ opportunity_id: id }, date, chosen.hours);
    this.#addLines('opportunity_line_items', { opportunity_id: id }, chosen);
    const end = quote ?? (stage >= 2 ? 'sent' : undefined);
    if (!end) return;
    const age = random.integer(1, 12) + (end === 'expired' ? QUOTE_DAYS : 0);
    this.#addQuote(id, client, chosen, end, shiftDate(options.today, -age));
  }

  /** A deal that went to a competitor. */
  addLostDeal(quote?: QuoteEnd): void {
    const { random, options, rows } = this;
    const client = this.#clients.next();
    const type = random.pick(options.eventTypes);
    const owner = random.pick(options.salesUserIds);
    const begun = shiftDate(options.today, -random.integer(20, 300));
    const lostOn = shiftDate(begun, random.integer(3, 19));
    const date = shiftDate(lostOn, random.integer(20, 200));
    const chosen = random.pick(this.catalogue.packages);
    const id = random.uuid();
    rows.add('opportunities', {
      id,
      lead_id: this.#addConvertedLead(client, { date, typeId: type.id, owner, begun, until: lostOn }),
      created_at: at(begun, 12),
      name: `${type.name}, ${client.name}`,
      account_id: client.accountId,
      contact_id: client.contactId,
      event_type_id: type.id,
      stage: 'closed_lost',
      probability: 0,
      amount: chosen.price,
      currency: options.currency,
      closed_at: at(lostOn, 15),
      close_reason: random.pick(LOST_REASONS),
      stage_changed_at: at(lostOn, 15),
      owner_id: owner,
    });
    this.#addDate({ opportunity_id: id }, date, chosen.hours);
    if (!quote) return;
    this.#addLines('opportunity_line_items', { opportunity_id: id }, chosen);
    this.#addQuote(id, client, chosen, quote, begun);
  }

  /** The inquiry that a deal began with. @param deal `begun` and `until`: days, of the inquiry and its end */
  #addConvertedLead(
    client: { name: string; accountId: string; contactId: string },
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

  /** One event, from inquiry to where it stands today. */
  addEvent(fixed?: FixedEvent): void {
    const { random, options, rows } = this;
    const client = this.#clients.next();
    const { date, chosen, booth } = this.#whatIsFree(fixed);
    const past = date < options.today;
    const cancelled = booth === undefined || (fixed ? fixed.status === 'cancelled' : random.chance(0.06));
    const type = random.pick(options.eventTypes);
    const [eventId, opportunityId] = [random.uuid(), random.uuid()];
    const booked = shiftDate(date, -random.integer(25, 160));
    const wonOn = booked < options.today ? booked : shiftDate(options.today, -random.integer(1, 20));
    const owner = random.pick(options.salesUserIds);
    const title = `${type.name}, ${client.name}`;
    const begun = shiftDate(wonOn, -random.integer(2, 20));
    const leadId = this.#addConvertedLead(client, { date, typeId: type.id, owner, begun, until: wonOn });
    rows.add('opportunities', {
      id: opportunityId,
      lead_id: leadId,
      created_at: at(begun, 12),
      name: title,
      account_id: client.accountId,
      contact_id: client.contactId,
      event_type_id: type.id,
      stage: 'closed_won',
      probability: 100,
      amount: chosen.price,
      currency: options.currency,
      closed_at: at(wonOn, 15),
      stage_changed_at: at(wonOn, 15),
      owner_id: owner,
    });
    rows.add('events', {
      id: eventId,
      title,
      account_id: client.accountId,
      primary_contact_id: client.contactId,
      opportunity_id: opportunityId,
      status:
        fixed?.status ??
        (cancelled ? 'cancelled' : past ? 'completed' : random.chance(0.85) ? 'confirmed' : 'tentative'),
      cancelled_at: cancelled ? at(shiftDate(wonOn, 3), 12) : null,
      cancel_reason: cancelled ? random.pick(CANCEL_REASONS) : null,
      event_type_id: type.id,
      event_category_id: type.categoryId,
      guest_count: random.integer(4, 35) * 10,
      owner_id: owner,
      onsite_contact_name: `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`,
      onsite_contact_phone: `+1 555 010 ${random.integer(1000, 9999)}`,
      start_date: date,
      end_date: date,
    });
    const eventDateId = this.#addDate(
      { event_id: eventId, opportunity_id: opportunityId },
      date,
      chosen.hours,
      cancelled ? 'cancelled' : past ? 'completed' : 'scheduled',
    );
    this.#addLines('opportunity_line_items', { opportunity_id: opportunityId }, chosen);
    const quoteId = this.#addQuote(opportunityId, client, chosen, 'accepted', wonOn);
    if (!cancelled)
      this.boothBookings.push({
        eventDateId,
        boothId: booth,
        eventId,
        status: past ? 'returned' : 'reserved',
      });
    if (!cancelled) this.#addCrew(eventId, eventDateId, date, past, fixed?.crew);
    if (!cancelled || fixed)
      this.#addInvoice(eventId, opportunityId, quoteId, client, chosen, date, wonOn, fixed?.invoice);
    this.#addWork(eventId, title, client, date, wonOn);
  }

  /** A date and a package with a booth that is free then, if some are found. */
  #whatIsFree(fixed?: FixedEvent) {
    for (let attempt = 1; ; attempt++) {
      const date = fixed ? shiftDate(this.options.today, fixed.inDays) : this.eventDate();
      const chosen = this.random.pick(this.catalogue.packages);
      const booth = this.#take(date, this.catalogue.boothsByType.get(chosen.boothTypeId) ?? []);
      if (booth !== undefined || attempt === 30) return { date, chosen, booth };
    }
  }

  /** One of these that is not taken on the date; taken from then on. */
  #take(date: string, candidates: readonly string[]): string | undefined {
    const taken = this.#busy.get(date) ?? new Set<string>();
    this.#busy.set(date, taken);
    const free = candidates.filter((candidate) => !taken.has(candidate));
    if (free.length === 0) return undefined;
    const chosen = this.random.pick(free);
    taken.add(chosen);
    return chosen;
  }

  #addDate(of: Record<string, string>, date: string, hours: number, status = 'scheduled'): string {
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

  #addLines(table: string, parent: Record<string, string>, chosen: Catalogue['packages'][number]): void {
    const { random } = this;
    this.rows.add(table, {
      ...parent,
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
        ...parent,
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

  #addQuote(
    opportunityId: string,
    client: Client,
    chosen: Catalogue['packages'][number],
    end: QuoteEnd,
    issued: string,
  ): string {
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
      // Until it is settled.
      notes: end === 'draft' ? null : end,
    });
    this.#addLines('quote_line_items', { quote_id: id }, chosen);
    return id;
  }

  /** One or two of the crew who are free that day; on a busy day one person is still missing. */
  #addCrew(eventId: string, eventDateId: string, date: string, past: boolean, first?: string): void {
    const { random, options } = this;
    for (let people = random.chance(0.3) ? 2 : 1, place = 0; place < people; place++) {
      const given = place === 0 ? first : undefined;
      const userId = this.#take(date, given ? [given] : options.crewUserIds);
      if (!userId) return;
      const near = date <= shiftDate(options.today, 21);
      this.rows.add('event_staff_assignments', {
        event_id: eventId,
        event_date_id: eventDateId,
        user_id: userId,
        staff_role_id: options.staffRoleId,
        status: past || given || (near && random.chance(0.7)) ? 'confirmed' : 'invited',
        pay_type: 'hourly',
        rate_snapshot: 2500,
        hours_actual: past ? random.integer(5, 8) : null,
      });
    }
  }

  #addInvoice(
    eventId: string,
    opportunityId: string,
    quoteId: string,
    client: Client,
    chosen: Catalogue['packages'][number],
    date: string,
    wonOn: string,
    status?: InvoiceStatus,
  ): void {
    const { random, options } = this;
    const id = random.uuid();
    const dueDate = shiftDate(date, -14) > wonOn ? shiftDate(date, -14) : wonOn;
    this.rows.add('invoices', {
      id,
      account_id: client.accountId,
      contact_id: client.contactId,
      event_id: eventId,
      opportunity_id: opportunityId,
      quote_id: quoteId,
      currency: options.currency,
      issue_date: wonOn,
      due_date: dueDate,
      invoice_type: 'event',
    });
    this.#addLines('invoice_line_items', { invoice_id: id }, chosen);
    if (status !== 'draft') this.sentInvoices.push({ id });
    if (status === 'void' || status === 'written_off') this.endedInvoices.push({ id, status });
    const method = random.pick(['card', 'card', 'bank_transfer', 'check']);
    if (status) {
      const deposit = { invoiceId: id, share: 0.5, paidAt: at(wonOn, 16), method };
      if (status === 'partially_paid' || status === 'paid') this.paidInvoices.push(deposit);
      if (status === 'paid') this.paidInvoices.push({ ...deposit, share: 1, paidAt: at(wonOn, 17) });
      return;
    }
    // Most pay the deposit when they sign and the rest when it is due; some pay late, a few not yet.
    if (random.chance(0.94))
      this.paidInvoices.push({ invoiceId: id, share: 0.5, paidAt: at(wonOn, 16), method });
    const settled = shiftDate(dueDate, random.chance(0.75) ? -random.integer(0, 5) : random.integer(1, 25));
    if (settled < options.today && random.chance(0.95))
      this.paidInvoices.push({
        invoiceId: id,
        share: 1,
        paidAt: at(settled < wonOn ? wonOn : settled, 17),
        method,
      });
  }

  #addWork(eventId: string, title: string, client: Client, date: string, wonOn: string): void {
    const { random, options, rows } = this;
    rows.add('communications', {
      type: 'email',
      direction: 'outbound',
      status: 'sent',
      subject: `Your booking: ${title}`,
      body: 'Thank you for booking with us. Your date is reserved.',
      occurred_at: at(wonOn, 17),
      account_id: client.accountId,
      contact_id: client.contactId,
      event_id: eventId,
    });
    if (random.chance(0.35))
      rows.add('notes', {
        entity_type: 'event',
        entity_id: eventId,
        content: random.pick(NOTES),
        pinned: random.chance(0.3),
      });
    const due = shiftDate(date, -random.integer(1, 14));
    const done = due < options.today && random.chance(0.9);
    rows.add('tasks', {
      title: random.pick([
        'Call the venue about load-in',
        'Send the run sheet',
        'Confirm the backdrop',
        'Check the guest list',
        'Order prints',
      ]),
      priority: random.pick(['low', 'medium', 'medium', 'high']),
      due_date: due,
      assigned_to: random.pick([...options.salesUserIds, ...options.crewUserIds]),
      entity_type: 'event',
      entity_id: eventId,
      status: done ? 'completed' : 'pending',
      completed_at: done ? at(due, 13) : null,
    });
  }
}

/** An hour of a day as an instant: offices keep hours, so a demo needs no minute. */
function at(date: string, hour: number): string {
  return `${date}T${String(hour).padStart(2, '0')}:00:00Z`;
}
