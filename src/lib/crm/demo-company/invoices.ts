import { shiftDate } from '../dates';
import { at } from './calendar';
import type { Client } from './clients';
import type { Random } from './random';
import type { Rows } from './rows';
import type { Chosen, Sales } from './sales';

export type InvoiceStatus = 'draft' | 'sent' | 'partially_paid' | 'paid' | 'void' | 'written_off';

/** An event that is invoiced. `date` and `wonOn` are ISO dates. */
interface Invoiced {
  eventId: string;
  opportunityId: string;
  quoteId: string;
  client: Client;
  chosen: Chosen;
  date: string;
  wonOn: string;
}

/** The invoices of events, and what becomes of them once they are written. */
export class Invoices {
  readonly sent: { id: string }[] = [];
  /** Payments: up to this share of the total. */
  readonly paid: { invoiceId: string; share: number; paidAt: string; method: string }[] = [];
  /** Given up after they were sent. */
  readonly ended: { id: string; status: 'void' | 'written_off' }[] = [];

  constructor(
    private readonly rows: Rows,
    private readonly random: Random,
    private readonly sales: Sales,
    private readonly options: { today: string; currency: string },
  ) {}

  /** The invoice of an event. @param status left to chance unless given */
  add(
    { eventId, opportunityId, quoteId, client, chosen, date, wonOn }: Invoiced,
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
    this.sales.addLines('invoice_line_items', { invoice_id: id }, chosen);
    if (status !== 'draft') this.sent.push({ id });
    if (status === 'void' || status === 'written_off') this.ended.push({ id, status });
    const method = random.pick(['card', 'card', 'bank_transfer', 'check']);
    const deposit = { invoiceId: id, share: 0.5, paidAt: at(wonOn, 16), method };
    if (status) {
      if (status === 'partially_paid' || status === 'paid') this.paid.push(deposit);
      if (status === 'paid') this.paid.push({ ...deposit, share: 1, paidAt: at(wonOn, 17) });
      return;
    }
    // Most pay the deposit when they sign and the rest when it is due; some pay late, a few not yet.
    if (random.chance(0.94)) this.paid.push(deposit);
    const settled = shiftDate(dueDate, random.chance(0.75) ? -random.integer(0, 5) : random.integer(1, 25));
    if (settled < options.today && random.chance(0.95)) {
      this.paid.push({ ...deposit, share: 1, paidAt: at(settled < wonOn ? wonOn : settled, 17) });
    }
  }
}
