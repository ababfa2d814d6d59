import type { Rows } from './rows';

/** What the company writes again and again. */
const TEMPLATES = [
  {
    type: 'email',
    name: 'Thank you for your booking',
    subject: 'You are booked: {{event.title}}',
    content: `Hello {{contact.first_name}},

thank you for booking {{company.name}}! We look forward to {{event.title}} on {{event.date}}.

We will be in touch about your design four weeks before. Until then, just write to us at {{company.email}}.

{{company.name}}`,
  },
  {
    type: 'email',
    name: 'Two weeks to go',
    subject: 'Two weeks until {{event.title}}',
    content: `Hello {{contact.first_name}},

{{event.title}} is close: {{event.date}}, {{event.start_time}} to {{event.end_time}}, at {{event.location}}.

Please tell us if anything has changed. We need about 3 × 3 metres and one socket.

{{company.name}}
{{company.phone}}`,
  },
  {
    type: 'email',
    name: 'How was it?',
    subject: 'How was {{event.title}}?',
    content: `Hello {{contact.first_name}},

we hope that you and your guests had a wonderful time. Would you tell us in two sentences how it was?

{{company.name}}`,
  },
  {
    type: 'contract',
    name: 'Booth rental agreement',
    is_default: true,
    content: `<h1>Booth rental agreement</h1>
<p>{{company.name}} provides its services to {{account.name}} at {{event.title}} on {{event.date}}.</p>
<h2>Set-up</h2>
<p>The client provides a level, dry place of 3 by 3 metres with a socket within 5 metres, and access an hour before.</p>
<h2>Payment and cancellation</h2>
<p>The date is reserved when this agreement is signed. The deposit is not given back when the client cancels.</p>
<h2>Damage</h2>
<p>The client pays for damage that guests do to the equipment beyond ordinary use.</p>`,
  },
];

export function addTemplates(rows: Rows): void {
  for (const template of TEMPLATES) rows.add('templates', template);
}
