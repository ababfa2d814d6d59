import type { StarterText } from './starter-text';

export const ENGLISH_TEXTS: readonly StarterText[] = [
  {
    key: 'agreement',
    type: 'contract',
    name: 'Booth rental agreement',
    task: 'Have your lawyer check the booth rental agreement',
    // Clients do not see a comment.
    content: `<!-- Starting point, not legal advice: have your lawyer check this text for your state, then delete this line. -->
<h1>Booth rental agreement</h1>
<p>{{company.name}} (“we”) provides its services to {{account.name}} (“you”) for {{event.title}} on {{event.date}}. The accepted quote states hours, place and price and is part of this agreement.</p>
<h2>What you get</h2>
<p>We bring, set up, operate and take down what is listed in the accepted quote, for the hours stated there. Set-up and take-down do not count as rental time.</p>
<h2>What we need from you</h2>
<p>A level, dry place of about 10 by 10 feet with a power outlet within 15 feet, access one hour before the start, and a person on site whom we can reach.</p>
<h2>Price and payment</h2>
<p>The price is {{quote.total}}. Your date is reserved once you have signed this agreement. The quote states the deposit that is due then; the balance is due as stated on the invoice.</p>
<h2>Changes and cancellation</h2>
<p>You can move the date once at no charge if we are free on the new date and you tell us at least 30 days before. The deposit is not refunded if you cancel. If you cancel less than 14 days before the event, the full price is due.</p>
<h2>If we cannot come</h2>
<p>If we cannot provide the service for reasons within our control, we refund everything you paid. If something outside of anyone’s control prevents the event, we agree on a new date or refund what you paid, less costs already incurred.</p>
<h2>Damage</h2>
<p>You pay for damage to our equipment that you or your guests cause beyond ordinary wear.</p>
<h2>Pictures</h2>
<p>We may show pictures from the event in our portfolio, unless you tell us not to.</p>`,
  },
  {
    key: 'quote',
    type: 'email',
    name: 'Your quote',
    subject: 'Your quote from {{company.name}}',
    content: `Hello {{contact.first_name}},

thank you for your inquiry. Here is your quote for {{event.title}} on {{event.date}}: {{link}}

You can read it on your phone, ask us a question, and accept it there. It is valid until {{quote.valid_until}}; your date is yours once you have accepted.

{{company.name}}
{{company.phone}}`,
  },
  {
    key: 'booked',
    type: 'email',
    name: 'Thank you for your booking',
    subject: 'You are booked: {{event.title}}',
    content: `Hello {{contact.first_name}},

thank you for booking {{company.name}}! We look forward to {{event.title}} on {{event.date}}.

We will be in touch about your design four weeks before. Until then, just write to us at {{company.email}}.

{{company.name}}`,
  },
  {
    key: 'payment',
    type: 'email',
    name: 'Payment reminder',
    subject: 'Invoice {{invoice.number}}: a friendly reminder',
    content: `Hello {{contact.first_name}},

this is a reminder that {{invoice.next_due_amount}} of invoice {{invoice.number}} is due on {{invoice.next_due_date}}. The button below opens the invoice and shows how to pay.

If you have paid already, please ignore this message.

{{company.name}}`,
  },
  {
    key: 'soon',
    type: 'email',
    name: 'Two weeks to go',
    subject: 'Two weeks until {{event.title}}',
    content: `Hello {{contact.first_name}},

{{event.title}} is close: {{event.date}}, {{event.start_time}} to {{event.end_time}}, at {{event.location}}.

Please tell us if anything has changed. We need about 10 by 10 feet and one power outlet.

{{company.name}}
{{company.phone}}`,
  },
  {
    key: 'review',
    type: 'email',
    name: 'How was it?',
    subject: 'How was {{event.title}}?',
    content: `Hello {{contact.first_name}},

we hope that you and your guests had a wonderful time. Would you tell us in two sentences how it was?

{{company.name}}`,
  },
];
