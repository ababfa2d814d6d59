import { shiftDate } from '../dates';
import { at, Calendar } from './calendar';
import type { Catalogue } from './catalogue';
import { type Client, Clients } from './clients';
import { type InvoiceStatus, Invoices } from './invoices';
import type { Random } from './random';
import type { Rows } from './rows';
import { QUOTE_DAYS, type QuoteEnd, Sales } from './sales';
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

/** An event of which this much is not left to chance. */
export interface FixedEvent {
  /** From today. */
  inDays: number;
  status: 'tentative' | 'confirmed' | 'completed' | 'cancelled';
  /** Who has confirmed to work there. */
  crew?: string | undefined;
  invoice: InvoiceStatus;
}

/** The year of one company: each client from the first inquiry to the paid event, as far as today allows. */
export class Story {
  readonly #calendar: Calendar;
  readonly #clients: Clients;
  readonly #sales: Sales;
  readonly invoices: Invoices;
  readonly timeOff: { userId: string; firstDay: string; lastDay: string; reason: string }[] = [];
  readonly boothBookings: { eventDateId: string; boothId: string; eventId: string; status: string }[] = [];

  constructor(
    private readonly rows: Rows,
    private readonly random: Random,
    private readonly catalogue: Catalogue,
    private readonly options: StoryOptions,
  ) {
    this.#calendar = new Calendar(random, options.today);
    this.#clients = new Clients(rows, random, options.salesUserIds);
    this.#sales = new Sales(rows, random, catalogue, options);
    this.invoices = new Invoices(rows, random, this.#sales, options);
  }

  /** Days on which a crew member is not asked to work. @param from days from today */
  addDaysOff(userId: string, from: number, days: number): void {
    for (let day = from; day < from + days; day++)
      this.#calendar.take(shiftDate(this.options.today, day), [userId]);
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
    // Not today, since a later hour has not happened yet.
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
    this.#sales.addDate({ opportunity_id: id }, date, chosen.hours);
    this.#sales.addLines('opportunity_line_items', { opportunity_id: id }, chosen);
    const end = quote ?? (stage >= 2 ? 'sent' : undefined);
    if (!end) return;
    const age = random.integer(1, 12) + (end === 'expired' ? QUOTE_DAYS : 0);
    this.#sales.addQuote(id, client, chosen, end, shiftDate(options.today, -age));
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
      lead_id: this.#sales.addConvertedLead(client, { date, typeId: type.id, owner, begun, until: lostOn }),
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
    this.#sales.addDate({ opportunity_id: id }, date, chosen.hours);
    if (!quote) return;
    this.#sales.addLines('opportunity_line_items', { opportunity_id: id }, chosen);
    this.#sales.addQuote(id, client, chosen, quote, begun);
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
    const leadId = this.#sales.addConvertedLead(client, {
      date,
      typeId: type.id,
      owner,
      begun,
      until: wonOn,
    });
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
    const eventDateId = this.#sales.addDate(
      { event_id: eventId, opportunity_id: opportunityId },
      date,
      chosen.hours,
      cancelled ? 'cancelled' : past ? 'completed' : 'scheduled',
    );
    this.#sales.addLines('opportunity_line_items', { opportunity_id: opportunityId }, chosen);
    const quoteId = this.#sales.addQuote(opportunityId, client, chosen, 'accepted', wonOn);
    if (!cancelled)
      this.boothBookings.push({
        eventDateId,
        boothId: booth,
        eventId,
        status: past ? 'returned' : 'reserved',
      });
    if (!cancelled) this.#addCrew(eventId, eventDateId, date, past, fixed?.crew);
    if (!cancelled || fixed)
      this.invoices.add({ eventId, opportunityId, quoteId, client, chosen, date, wonOn }, fixed?.invoice);
    this.#addWork(eventId, title, client, date, wonOn);
  }

  /** A date and a package with a booth that is free then, if some are found. */
  #whatIsFree(fixed?: FixedEvent) {
    for (let attempt = 1; ; attempt++) {
      const date = fixed ? shiftDate(this.options.today, fixed.inDays) : this.#calendar.eventDate();
      const chosen = this.random.pick(this.catalogue.packages);
      const booth = this.#calendar.take(date, this.catalogue.boothsByType.get(chosen.boothTypeId) ?? []);
      if (booth !== undefined || attempt === 30) return { date, chosen, booth };
    }
  }

  /** One or two of the crew who are free that day; on a busy day one person is still missing. */
  #addCrew(eventId: string, eventDateId: string, date: string, past: boolean, first?: string): void {
    const { random, options } = this;
    for (let people = random.chance(0.3) ? 2 : 1, place = 0; place < people; place++) {
      const given = place === 0 ? first : undefined;
      const userId = this.#calendar.take(date, given ? [given] : options.crewUserIds);
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
