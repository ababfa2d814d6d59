import type { StarterText } from './starter-text';

export const GERMAN_TEXTS: readonly StarterText[] = [
  {
    key: 'agreement',
    type: 'contract',
    name: 'Mietvertrag',
    task: 'Den Mietvertrag anwaltlich prüfen lassen',
    // Clients do not see a comment.
    content: `<!-- Nur ein Ausgangspunkt, keine Rechtsberatung: Lassen Sie diesen Text anwaltlich prüfen und löschen Sie dann diese Zeile. -->
<h1>Mietvertrag</h1>
<p>{{company.name}} („wir“) erbringt für {{account.name}} („Sie“) die vereinbarten Leistungen: {{event.title}} am {{event.date}}. Das angenommene Angebot nennt Stunden, Ort und Preis und ist Teil dieses Vertrags.</p>
<h2>Leistung</h2>
<p>Wir bringen, was im angenommenen Angebot steht, bauen es auf, betreuen es für die dort genannten Stunden und bauen es wieder ab. Auf- und Abbau zählen nicht zur Mietzeit.</p>
<h2>Was wir von Ihnen brauchen</h2>
<p>Eine ebene, trockene Fläche von etwa 3 mal 3 Metern mit einer Steckdose im Umkreis von 5 Metern, Zugang eine Stunde vor Beginn und jemanden vor Ort, den wir erreichen.</p>
<h2>Preis und Zahlung</h2>
<p>Der Preis beträgt {{quote.total}}. Der Termin ist für Sie reserviert, sobald Sie diesen Vertrag unterschrieben haben. Das Angebot nennt die Anzahlung, die dann fällig ist; der Rest ist zu dem Tag fällig, der auf der Rechnung steht.</p>
<h2>Änderung und Rücktritt</h2>
<p>Sie können den Termin einmal kostenlos verlegen, wenn wir am neuen Tag frei sind und Sie es uns mindestens 30 Tage vorher sagen. Treten Sie zurück, behalten wir die Anzahlung ein. Treten Sie weniger als 14 Tage vor dem Termin zurück, wird der volle Preis fällig.</p>
<h2>Wenn wir nicht kommen können</h2>
<p>Können wir aus Gründen, die wir zu vertreten haben, nicht leisten, erhalten Sie alles Gezahlte zurück. Verhindert höhere Gewalt den Termin, vereinbaren wir einen neuen oder erstatten das Gezahlte abzüglich bereits entstandener Kosten.</p>
<h2>Schäden</h2>
<p>Für Schäden an unserer Ausstattung, die Sie oder Ihre Gäste über die übliche Abnutzung hinaus verursachen, kommen Sie auf.</p>
<h2>Bilder</h2>
<p>Bilder der Veranstaltung zeigen wir nur mit Ihrer Einwilligung.</p>`,
  },
  {
    key: 'quote',
    type: 'email',
    name: 'Ihr Angebot',
    subject: 'Ihr Angebot von {{company.name}}',
    content: `Guten Tag {{contact.first_name}} {{contact.last_name}},

vielen Dank für Ihre Anfrage. Hier ist Ihr Angebot für {{event.title}} am {{event.date}}: {{link}}

Sie können es auf dem Handy lesen, uns etwas fragen und es dort annehmen. Es gilt bis {{quote.valid_until}}; der Termin gehört Ihnen, sobald Sie angenommen haben.

{{company.name}}
{{company.phone}}`,
  },
  {
    key: 'booked',
    type: 'email',
    name: 'Danke für Ihre Buchung',
    subject: 'Gebucht: {{event.title}}',
    content: `Guten Tag {{contact.first_name}} {{contact.last_name}},

danke, dass Sie {{company.name}} gebucht haben! Wir freuen uns auf {{event.title}} am {{event.date}}.

Vier Wochen vorher melden wir uns wegen der Gestaltung. Bis dahin erreichen Sie uns unter {{company.email}}.

{{company.name}}`,
  },
  {
    key: 'payment',
    type: 'email',
    name: 'Zahlungserinnerung',
    subject: 'Rechnung {{invoice.number}}: freundliche Erinnerung',
    content: `Guten Tag {{contact.first_name}} {{contact.last_name}},

von der Rechnung {{invoice.number}} sind am {{invoice.next_due_date}} noch {{invoice.next_due_amount}} fällig. Über die Schaltfläche unten öffnen Sie die Rechnung und sehen, wie Sie zahlen können.

Haben Sie schon gezahlt, ist diese Nachricht gegenstandslos.

{{company.name}}`,
  },
  {
    key: 'soon',
    type: 'email',
    name: 'Noch zwei Wochen',
    subject: 'Noch zwei Wochen bis {{event.title}}',
    content: `Guten Tag {{contact.first_name}} {{contact.last_name}},

bald ist es so weit: {{event.title}} am {{event.date}}, {{event.start_time}} bis {{event.end_time}}, {{event.location}}.

Bitte sagen Sie uns, wenn sich etwas geändert hat. Wir brauchen etwa 3 mal 3 Meter und eine Steckdose.

{{company.name}}
{{company.phone}}`,
  },
  {
    key: 'review',
    type: 'email',
    name: 'Wie war es?',
    subject: 'Wie war {{event.title}}?',
    content: `Guten Tag {{contact.first_name}} {{contact.last_name}},

wir hoffen, Sie und Ihre Gäste hatten eine schöne Zeit. Mögen Sie uns in zwei Sätzen sagen, wie es war?

{{company.name}}`,
  },
];
