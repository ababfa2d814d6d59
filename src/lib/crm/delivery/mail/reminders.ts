import type { TenantClient } from '@/lib/data-sources';
import { shiftDate } from '../../dates';
import { formatMoney } from '../../money';
import { loadSettings } from '../../settings/load';
import type { OutgoingMail } from './queue';
import { reminderText } from './reminder-words';

/**
 * The reminders that a tenant's settings ask for on a day: quotes about to expire, payments due, designs late, crew not
 * confirmed. Each has its own key, so that it is sent once.
 *
 * @param today the tenant's own date (ISO)
 * @param emailOf a colleague's address, by user id
 */
export async function findReminders(
  client: TenantClient,
  today: string,
  emailOf: (userId: string) => Promise<string | undefined>,
): Promise<OutgoingMail[]> {
  const {
    reminders,
    locale,
    payment_instructions: instructions,
  } = await loadSettings(client, ['reminders', 'locale', 'payment_instructions']);
  const on = (days: number) => shiftDate(today, days);
  const mails: OutgoingMail[] = [];

  if (reminders.quote_expiring !== null) {
    const { data } = await client
      .from('quotes')
      .select('id, quote_number, valid_until, account_id, contact_id, contact:contacts(email)')
      .in('status', ['sent', 'viewed'])
      .eq('valid_until', on(reminders.quote_expiring))
      .throwOnError();
    for (const quote of data) {
      const to = emailIn(quote.contact);
      if (!to) continue;
      const { account_id, contact_id } = quote;
      mails.push({
        to,
        ...reminderText('quote_expiring', locale, {
          number: quote.quote_number,
          date: on(reminders.quote_expiring),
        }),
        key: `reminder:quote:${quote.id}:${quote.valid_until}`,
        about: { account_id, contact_id },
      });
    }
  }

  if (reminders.payment_due !== null) {
    const { data } = await client
      .from('invoices')
      .select(
        'id, invoice_number, next_due_date, next_due_amount, currency, account_id, contact_id, event_id, contact:contacts(email)',
      )
      .eq('next_due_date', on(reminders.payment_due))
      .throwOnError();
    for (const invoice of data) {
      const to = emailIn(invoice.contact);
      if (!to) continue;
      const { account_id, contact_id, event_id } = invoice;
      const amount = formatMoney(invoice.next_due_amount, invoice.currency, locale);
      mails.push({
        to,
        ...reminderText('payment_due', locale, {
          number: invoice.invoice_number ?? '',
          amount,
          date: on(reminders.payment_due),
          instructions,
        }),
        key: `reminder:invoice:${invoice.id}:${invoice.next_due_date}`,
        about: { account_id, contact_id, event_id },
      });
    }
  }

  if (reminders.design_late !== null) {
    const { data } = await client
      .from('event_design_items')
      .select('id, name, due_date, designer_id, event_id, event:events(title)')
      .is('approved_at', null)
      .not('designer_id', 'is', null)
      .eq('due_date', on(reminders.design_late))
      .throwOnError();
    for (const item of data) {
      const to = await emailOf(item.designer_id ?? '');
      if (!to) continue;
      mails.push({
        to,
        ...reminderText('design_late', locale, {
          ...{ name: item.name, event: item.event?.title ?? '' },
          date: on(reminders.design_late),
        }),
        key: `reminder:design:${item.id}:${item.due_date}`,
        about: { event_id: item.event_id },
      });
    }
  }

  if (reminders.crew_unconfirmed !== null) {
    const { data } = await client
      .from('event_staff_assignments')
      .select('id, user_id, event_id, event_dates!inner(event_date), event:events(title)')
      .in('status', ['invited', 'accepted'])
      .eq('event_dates.event_date', on(reminders.crew_unconfirmed))
      .throwOnError();
    for (const assignment of data) {
      const to = await emailOf(assignment.user_id);
      if (!to) continue;
      const date = on(reminders.crew_unconfirmed);
      mails.push({
        to,
        ...reminderText('crew_unconfirmed', locale, { event: assignment.event?.title ?? '', date }),
        key: `reminder:crew:${assignment.id}:${on(reminders.crew_unconfirmed)}`,
        about: { event_id: assignment.event_id },
      });
    }
  }
  return mails;
}

function emailIn(contact: { email: string | null } | null): string | undefined {
  return contact?.email ?? undefined;
}
