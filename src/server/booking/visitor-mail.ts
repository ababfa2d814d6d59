import type { Inquiry, InquiryForm } from '@/lib/crm/inquiries';
import { escapeHtml } from '@/lib/crm/templates';
import { type Language, WORDS } from './words';

/**
 * Confirms an inquiry to the visitor. The address is not proven, so the mail repeats nothing that could carry an advertisement:
 * neither message nor place.
 */
export function confirmationMail(inquiry: Inquiry, form: InquiryForm, language: Language, leadId: string) {
  const words = WORDS[language];
  const company = form.company.name;
  const day = inquiry.event_date ? new Date(`${inquiry.event_date}T00:00:00Z`) : undefined;
  const facts = [
    [words.fields.event_type, form.eventTypes.find(({ id }) => id === inquiry.event_type_id)?.name],
    [
      words.fields.event_date,
      day?.toLocaleDateString(language === 'de' ? 'de-DE' : form.locale, {
        dateStyle: 'full',
        timeZone: 'UTC',
      }),
    ],
    [words.fields.guest_count, inquiry.guest_count],
  ].filter(([, value]) => value);
  const bodyHtml = [
    `<p>${escapeHtml(words.mail.greeting(inquiry.first_name))}</p>`,
    `<p>${escapeHtml(words.mail.text(company))}</p>`,
    facts.length === 0
      ? ''
      : `<p>${words.mail.facts}</p><ul>${facts.map(([name, value]) => `<li>${name}: ${escapeHtml(String(value))}</li>`).join('')}</ul>`,
    // Without an address of the company, an answer would go to the service's own.
    form.company.email ? `<p>${words.mail.reply}</p>` : '',
  ];
  return {
    to: inquiry.email ?? '',
    subject: words.mail.subject(company),
    bodyHtml: bodyHtml.join(''),
    key: `inquiry:${inquiry.id}`,
    language,
    about: { lead_id: leadId },
  };
}
