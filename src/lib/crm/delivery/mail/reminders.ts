import type { TenantClient } from '@/lib/data-sources';
import { shiftDate } from '../../dates';
import { formatMoney } from '../../money';
import { loadSettings } from '../../settings/load';
import type { OutgoingMail } from './queue';

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
  const { reminders, locale } = await loadSettings(client, ['reminders', 'locale']);
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
      const bodyHtml = `<p>Our quote ${quote.quote_number} is valid until ${quote.valid_until}. We would love to be part of your event.</p>`;
      mails.push({
        to,
        subject: `Your quote ${quote.quote_number} expires soon`,
        bodyHtml,
        key: `reminder:quote:${quote.id}:${quote.valid_until}`,
        about: { account_id, contact_id },
      });
    }
  }

  if (reminders.payment_due !== null) {
    const { data } = await client
      .from('invoices')
      .select(
        'id, invoice_number, due_date, balance, currency, account_id, contact_id, event_id, contact:contacts(email)',
      )
      .in('status', ['sent', 'partially_paid'])
      .eq('due_date', on(reminders.payment_due))
      .gt('balance', 0)
      .throwOnError();
    for (const invoice of data) {
      const to = emailIn(invoice.contact);
      if (!to) continue;
      const { account_id, contact_id, event_id } = invoice;
      const open = formatMoney(invoice.balance ?? 0, invoice.currency, locale);
      const bodyHtml = `<p>${open} of our invoice ${invoice.invoice_number} is due on ${invoice.due_date}.</p>`;
      mails.push({
        to,
        subject: `Invoice ${invoice.invoice_number} is due soon`,
        bodyHtml,
        key: `reminder:invoice:${invoice.id}:${invoice.due_date}`,
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
      const title = item.event?.title ?? '';
      const bodyHtml = `<p>${text(item.name)} for ${text(title)} is due on ${item.due_date} and not approved yet.</p>`;
      mails.push({
        to,
        subject: `Design due: ${item.name}`,
        bodyHtml,
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
      const title = assignment.event?.title ?? '';
      const bodyHtml = `<p>Please confirm that you work at ${text(title)} on ${on(reminders.crew_unconfirmed)}.</p>`;
      mails.push({
        to,
        subject: `Please confirm: ${title}`,
        bodyHtml,
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

function text(value: string): string {
  return value.replace(/&/g, '&amp;').replace(/</g, '&lt;');
}
