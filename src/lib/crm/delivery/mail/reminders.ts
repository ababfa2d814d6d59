import type { TenantClient } from '@/lib/data-sources';
import { formatMoney } from '@/lib/money';
import { shiftDate } from '../../dates';
import { loadSettings } from '../../settings/load';
import { type Action, type OutgoingMail, REMINDER } from './outgoing-mail';
import { reminderText } from './reminder-words';

/** Makes the button that opens an invoice. */
export type InvoiceButton = (invoiceId: string, language: string) => Promise<Action>;

/**
 * The reminders that a tenant's settings ask for on a day: quotes about to expire, payments due and overdue, designs late, crew who
 * have not answered. Each has its own key, so that it is sent once. Nothing is said about what is over: quotes of lost deals, and cancelled
 * or deleted events, but for invoices that were issued after the cancellation.
 *
 * @param today the tenant's own date (ISO)
 * @param emailOf a colleague's address, by user id
 */
export async function findReminders(
  client: TenantClient,
  today: string,
  emailOf: (userId: string) => Promise<string | undefined>,
  invoiceButton?: InvoiceButton,
): Promise<OutgoingMail[]> {
  const {
    reminders,
    locale,
    pipeline,
    payment_instructions: instructions,
  } = await loadSettings(client, ['reminders', 'locale', 'pipeline', 'payment_instructions']);
  const on = (days: number) => shiftDate(today, days);
  const mails: OutgoingMail[] = [];

  if (reminders.quote_expiring !== null) {
    const lost = pipeline.stages.filter(({ kind }) => kind === 'lost').map(({ key }) => key);
    const { data } = await client
      .from('quotes')
      .select(
        `id, quote_number, valid_until, account_id, contact_id, opportunity_id, ${CLIENT}, opportunity:opportunities(stage)`,
      )
      .in('status', ['sent', 'viewed'])
      .eq('valid_until', on(reminders.quote_expiring))
      .throwOnError();
    for (const quote of data) {
      const to = recipientOf(quote);
      if (!to || lost.includes(quote.opportunity?.stage ?? '')) continue;
      const { id, account_id, contact_id, opportunity_id } = quote;
      const language = languageOf(quote, locale);
      mails.push({
        to,
        language,
        ...reminderText('quote_expiring', language, {
          person: quote.contact?.first_name,
          number: quote.quote_number,
          date: on(reminders.quote_expiring),
        }),
        key: `${REMINDER}quote:${id}:${quote.valid_until}`,
        about: { account_id, contact_id, opportunity_id, quote_id: id },
      });
    }
  }

  for (const [kind, days] of [
    ['payment_due', reminders.payment_due],
    ['payment_overdue', reminders.payment_overdue === null ? null : -reminders.payment_overdue],
  ] as const) {
    if (days === null) continue;
    const { data } = await client
      .from('invoices')
      .select(
        `id, invoice_number, next_due_date, next_due_amount, currency, sent_at, account_id, contact_id, event_id, opportunity_id, ${CLIENT}, ${EVENT}`,
      )
      .eq('next_due_date', on(days))
      .throwOnError();
    for (const invoice of data) {
      const to = recipientOf(invoice);
      if (!to || isOver(invoice.event, invoice.sent_at)) continue;
      const { id, account_id, contact_id, event_id, opportunity_id } = invoice;
      const language = languageOf(invoice, locale);
      mails.push({
        to,
        language,
        ...reminderText(kind, language, {
          person: invoice.contact?.first_name,
          number: invoice.invoice_number ?? '',
          amount: formatMoney(invoice.next_due_amount, invoice.currency, language),
          date: on(days),
          instructions,
        }),
        ...(invoiceButton ? { makeAction: () => invoiceButton(id, language) } : {}),
        key: `${REMINDER}${kind === 'payment_due' ? 'invoice' : 'overdue'}:${id}:${invoice.next_due_date}`,
        about: { account_id, contact_id, event_id, opportunity_id, invoice_id: id },
      });
    }
  }

  if (reminders.design_late !== null) {
    const { data } = await client
      .from('event_design_items')
      .select(`id, name, due_date, designer_id, event_id, ${EVENT}`)
      .is('approved_at', null)
      .not('designer_id', 'is', null)
      .eq('due_date', on(reminders.design_late))
      .throwOnError();
    for (const item of data) {
      const to = await emailOf(item.designer_id ?? '');
      if (!to || isOver(item.event)) continue;
      mails.push({
        to,
        ...reminderText('design_late', locale, {
          ...{ name: item.name, event: item.event?.title ?? '' },
          date: on(reminders.design_late),
        }),
        key: `${REMINDER}design:${item.id}:${item.due_date}`,
        about: { event_id: item.event_id },
      });
    }
  }

  if (reminders.crew_unconfirmed !== null) {
    const { data } = await client
      .from('event_staff_assignments')
      .select('id, user_id, event_id, event_dates!inner(event_date), event:events(title)')
      .eq('status', 'invited')
      .eq('event_dates.event_date', on(reminders.crew_unconfirmed))
      .throwOnError();
    for (const assignment of data) {
      const to = await emailOf(assignment.user_id);
      if (!to) continue;
      const date = on(reminders.crew_unconfirmed);
      mails.push({
        to,
        ...reminderText('crew_unconfirmed', locale, { event: assignment.event?.title ?? '', date }),
        key: `${REMINDER}crew:${assignment.id}:${on(reminders.crew_unconfirmed)}`,
        about: { event_id: assignment.event_id },
      });
    }
  }
  return mails;
}

const CLIENT = 'contact:contacts(email, first_name), account:accounts(email, locale)';
const EVENT = 'event:events(title, status, cancelled_at, deleted_at)';

interface Client {
  contact: { email: string | null } | null;
  account: { email: string | null; locale: string | null } | null;
}

/** As of other mails: the contact's address, else the account's. */
function recipientOf({ contact, account }: Client): string | undefined {
  return contact?.email ?? account?.email ?? undefined;
}

function languageOf({ account }: Client, locale: string): string {
  return account?.locale ?? locale;
}

/** Whether the event was cancelled or deleted. @param since what was issued after the cancellation stands */
function isOver(
  event: { status: string; cancelled_at: string | null; deleted_at: string | null } | null,
  since?: string | null,
): boolean {
  if (event?.deleted_at) return true;
  if (event?.status !== 'cancelled') return false;
  return !since || Date.parse(since) <= Date.parse(event.cancelled_at ?? since);
}
