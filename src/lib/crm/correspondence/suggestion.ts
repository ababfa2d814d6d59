import type { DealRows } from '../closing';
import { dateIn } from '../dates';

/** A mail to begin with, with merge fields. */
export interface Suggestion {
  subject: string;
  body: string;
}

/** `{{pay}}` is where the company says how to pay. */
const TEXTS = {
  en: {
    invoice: {
      subject: 'Invoice {{invoice.number}} from {{company.name}}',
      body: 'Hello {{contact.first_name}},\n\nHere is invoice {{invoice.number}}. {{invoice.next_due_amount}} is due on {{invoice.next_due_date}}.{{pay}}\n\nThank you,\n{{company.name}}',
    },
    undated: {
      subject: 'Invoice {{invoice.number}} from {{company.name}}',
      body: 'Hello {{contact.first_name}},\n\nHere is invoice {{invoice.number}} for {{invoice.next_due_amount}}.{{pay}}\n\nThank you,\n{{company.name}}',
    },
    paid: {
      subject: 'Invoice {{invoice.number}} from {{company.name}}',
      body: 'Hello {{contact.first_name}},\n\nHere is invoice {{invoice.number}}. It is paid in full.\n\nThank you,\n{{company.name}}',
    },
    reminder: {
      subject: 'Reminder: invoice {{invoice.number}} from {{company.name}}',
      body: 'Hello {{contact.first_name}},\n\nThis is a friendly reminder: {{invoice.next_due_amount}} of invoice {{invoice.number}}, due on {{invoice.next_due_date}}, is still open. If you have paid already, please ignore this email.{{pay}}\n\nThank you,\n{{company.name}}',
    },
  },
  de: {
    invoice: {
      subject: 'Rechnung {{invoice.number}} von {{company.name}}',
      body: 'Guten Tag {{contact.first_name}},\n\nhier ist Rechnung {{invoice.number}}. {{invoice.next_due_amount}} sind am {{invoice.next_due_date}} fällig.{{pay}}\n\nVielen Dank,\n{{company.name}}',
    },
    undated: {
      subject: 'Rechnung {{invoice.number}} von {{company.name}}',
      body: 'Guten Tag {{contact.first_name}},\n\nhier ist Rechnung {{invoice.number}} über {{invoice.next_due_amount}}.{{pay}}\n\nVielen Dank,\n{{company.name}}',
    },
    paid: {
      subject: 'Rechnung {{invoice.number}} von {{company.name}}',
      body: 'Guten Tag {{contact.first_name}},\n\nhier ist Rechnung {{invoice.number}}. Sie ist vollständig bezahlt.\n\nVielen Dank,\n{{company.name}}',
    },
    reminder: {
      subject: 'Erinnerung: Rechnung {{invoice.number}} von {{company.name}}',
      body: 'Guten Tag {{contact.first_name}},\n\nvon Rechnung {{invoice.number}} sind noch {{invoice.next_due_amount}} offen, fällig am {{invoice.next_due_date}}. Falls Sie schon bezahlt haben, ist diese E-Mail gegenstandslos.{{pay}}\n\nVielen Dank,\n{{company.name}}',
    },
  },
};

/**
 * What one would write about an issued invoice: the invoice at first, a reminder once the client has seen it or it is overdue.
 *
 * @param company its timezone, and how clients pay, in its words; empty: it has entered none
 */
export function suggestMail(
  { invoice }: DealRows,
  language: string,
  company: { timezone: string; payment_instructions: string },
  now = new Date(),
): Suggestion | null {
  if (!invoice || !['sent', 'partially_paid', 'paid'].includes(invoice.status)) return null;
  const texts = TEXTS[language.startsWith('de') ? 'de' : 'en'];
  if (invoice.next_due_amount === 0) return texts.paid;
  const due = invoice.next_due_date;
  const isOverdue = due !== null && due < dateIn(company.timezone, now);
  const text = due === null ? texts.undated : invoice.viewed_at || isOverdue ? texts.reminder : texts.invoice;
  const pay = company.payment_instructions.trim() ? '\n\n{{company.payment_instructions}}' : '';
  return { subject: text.subject, body: text.body.replace('{{pay}}', pay) };
}
