// The words of the public inquiry form, in the visitor's language.

const en = {
  title: (company: string) => `Send an inquiry to ${company}`,
  intro: (company: string) => `Tell us about your event. ${company} will get back to you by email.`,
  required: 'required',
  fields: {
    first_name: 'First name',
    last_name: 'Last name',
    email: 'Email',
    phone: 'Phone',
    event_type: 'Type of event',
    event_date: 'Date',
    event_place: 'Place',
    guest_count: 'Guests',
    message: 'Message',
    consent: 'Consent',
  },
  choose: 'Choose…',
  consent: (company: string) => `${company} may store what I enter here to answer my inquiry.`,
  send: 'Send inquiry',
  problems: 'Please check these fields:',
  errorPrefix: 'Error: ',
  missing: 'Required',
  notEmail: 'Enter an email address such as name@example.com.',
  notDate: 'Enter a date such as 2027-06-12.',
  pastDate: 'Choose a date that is not in the past.',
  farDate: 'Choose a date within the next three years.',
  notNumber: 'Enter a whole number such as 120.',
  notPhone: 'Enter a phone number with at least 5 digits.',
  notName: 'Enter a name without a web address.',
  tooLong: (most: number) => `Enter at most ${most} characters.`,
  notAgreed: 'Tick this box so that we may answer you.',
  sendAgain: 'Your entries are still here. Please press “Send inquiry” once more.',
  sentBefore: 'This form was sent before. Press “Send inquiry” once more to send it as a new inquiry.',
  tooMany: 'There were too many inquiries from here. Please try again in an hour, or call us.',
  unavailable:
    'We cannot take your inquiry at the moment. Your entries are still here: please try again in a minute.',
  unreachable: 'This form cannot be reached at the moment. Go back and try again in a minute.',
  trap: 'Leave this field empty',
  thanksTitle: 'Thank you',
  thanks: (company: string) => `${company} has received your inquiry and will get back to you by email.`,
  again: 'Send another inquiry',
  goneTitle: 'There is no inquiry form here',
  gone: 'Check the address, or ask the company for it.',
  day: {
    free: 'This day is free.',
    likely: 'This day is probably free. We will confirm it.',
    taken: 'This day is taken. Send your inquiry anyway: we may find a way.',
  },
  otherLanguage: 'Deutsch',
  mail: {
    subject: (company: string) => `${company} has received your inquiry`,
    greeting: (name: string) => `Hello ${name},`,
    text: (company: string) => `Thank you for your inquiry. ${company} will get back to you soon.`,
    facts: 'What you asked for:',
    reply: 'If something is wrong, just reply to this mail.',
  },
};

export type FormWords = typeof en;

const de: FormWords = {
  title: (company) => `Anfrage an ${company}`,
  intro: (company) =>
    `Erzählen Sie uns von Ihrer Veranstaltung. ${company} meldet sich per E-Mail bei Ihnen.`,
  required: 'Pflichtfeld',
  fields: {
    first_name: 'Vorname',
    last_name: 'Nachname',
    email: 'E-Mail',
    phone: 'Telefon',
    event_type: 'Art der Veranstaltung',
    event_date: 'Datum',
    event_place: 'Ort',
    guest_count: 'Gäste',
    message: 'Nachricht',
    consent: 'Einwilligung',
  },
  choose: 'Bitte wählen…',
  consent: (company) => `${company} darf meine Angaben speichern, um meine Anfrage zu beantworten.`,
  send: 'Anfrage senden',
  problems: 'Bitte prüfen Sie diese Felder:',
  errorPrefix: 'Fehler: ',
  missing: 'Pflichtfeld',
  notEmail: 'Geben Sie eine E-Mail-Adresse wie name@example.com ein.',
  notDate: 'Geben Sie ein Datum wie 2027-06-12 ein.',
  pastDate: 'Wählen Sie ein Datum, das nicht in der Vergangenheit liegt.',
  farDate: 'Wählen Sie ein Datum innerhalb der nächsten drei Jahre.',
  notNumber: 'Geben Sie eine ganze Zahl wie 120 ein.',
  notPhone: 'Geben Sie eine Telefonnummer mit mindestens 5 Ziffern ein.',
  notName: 'Geben Sie einen Namen ohne Internetadresse ein.',
  tooLong: (most) => `Geben Sie höchstens ${most} Zeichen ein.`,
  notAgreed: 'Setzen Sie diesen Haken, damit wir Ihnen antworten dürfen.',
  sendAgain: 'Ihre Angaben sind noch da. Bitte drücken Sie noch einmal auf „Anfrage senden“.',
  sentBefore:
    'Dieses Formular wurde schon gesendet. Drücken Sie noch einmal auf „Anfrage senden“, um eine neue Anfrage zu senden.',
  tooMany:
    'Von hier kamen zu viele Anfragen. Bitte versuchen Sie es in einer Stunde wieder, oder rufen Sie uns an.',
  unavailable:
    'Wir können Ihre Anfrage gerade nicht annehmen. Ihre Angaben sind noch da: Bitte versuchen Sie es in einer Minute wieder.',
  unreachable:
    'Dieses Formular ist gerade nicht erreichbar. Gehen Sie zurück und versuchen Sie es in einer Minute wieder.',
  trap: 'Dieses Feld leer lassen',
  thanksTitle: 'Vielen Dank',
  thanks: (company) => `${company} hat Ihre Anfrage erhalten und meldet sich per E-Mail bei Ihnen.`,
  again: 'Weitere Anfrage senden',
  goneTitle: 'Hier gibt es kein Anfrageformular',
  gone: 'Prüfen Sie die Adresse, oder fragen Sie das Unternehmen danach.',
  day: {
    free: 'Dieser Tag ist frei.',
    likely: 'Dieser Tag ist wahrscheinlich frei. Wir bestätigen ihn.',
    taken: 'Dieser Tag ist vergeben. Fragen Sie trotzdem an: Vielleicht finden wir einen Weg.',
  },
  otherLanguage: 'English',
  mail: {
    subject: (company) => `${company} hat Ihre Anfrage erhalten`,
    greeting: (name) => `Guten Tag ${name},`,
    text: (company) => `vielen Dank für Ihre Anfrage. ${company} meldet sich bald bei Ihnen.`,
    facts: 'Ihre Anfrage:',
    reply: 'Wenn etwas nicht stimmt, antworten Sie einfach auf diese E-Mail.',
  },
};

export const WORDS = { en, de };

export type Language = keyof typeof WORDS;

/** The first language asked for that the form speaks; else the company's, else English. */
export function chooseLanguage(asked: string | undefined, accepted: string, locale: string): Language {
  const wanted = accepted
    .split(',')
    .map((part) => {
      const [tag = '', weight] = part.trim().split(/;\s*q=/);
      return { tag, weight: weight === undefined ? 1 : Number(weight) || 0 };
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
    .map(({ tag }) => tag);
  for (const tag of [asked ?? '', ...wanted, locale]) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'en' || language === 'de') return language;
  }
  return 'en';
}
