import { textToHtml } from '../../templates';

/** What a reminder is about, in the reader's words. */
interface Said {
  /** The client's first name. */
  person: string | undefined;
  /** Number of the quote or invoice. */
  number: string;
  /** Names of the design and of its event. */
  name: string;
  event: string;
  amount: string;
  date: string;
}

type Text = { subject: string; greeting?: string; text: string };

const en = {
  quote_expiring: ({ person, number, date }) => ({
    subject: `Your quote ${number} expires soon`,
    greeting: person ? `Hello ${person},` : 'Hello,',
    text: `Our quote ${number} is valid until ${date}. We would love to be part of your event.`,
  }),
  payment_due: ({ person, number, amount, date }) => ({
    subject: `Payment for invoice ${number} is due soon`,
    greeting: person ? `Hello ${person},` : 'Hello,',
    text: `A payment of ${amount} for invoice ${number} is due on ${date}.`,
  }),
  payment_overdue: ({ person, number, amount, date }) => ({
    subject: `Payment for invoice ${number} is overdue`,
    greeting: person ? `Hello ${person},` : 'Hello,',
    text: `A payment of ${amount} for invoice ${number} was due on ${date} and is still open. If you have paid already, please ignore this email.`,
  }),
  design_late: ({ name, event, date }) => ({
    subject: `Design due: ${name}`,
    text: `${name} for ${event} is due on ${date} and is not approved yet.`,
  }),
  crew_unconfirmed: ({ event, date }) => ({
    subject: `Please confirm your shift: ${event}`,
    text: `Please confirm that you work at ${event} on ${date}.`,
  }),
} satisfies Record<string, (said: Said) => Text>;

type ReminderKind = keyof typeof en;

const de: Record<ReminderKind, (said: Said) => Text> = {
  quote_expiring: ({ person, number, date }) => ({
    greeting: person ? `Guten Tag ${person},` : 'Guten Tag,',
    subject: `Ihr Angebot ${number} läuft bald ab`,
    text: `unser Angebot ${number} gilt bis ${date}. Wir wären gern bei Ihrer Veranstaltung dabei.`,
  }),
  payment_due: ({ person, number, amount, date }) => ({
    greeting: person ? `Guten Tag ${person},` : 'Guten Tag,',
    subject: `Zahlung zu Rechnung ${number} wird bald fällig`,
    text: `eine Zahlung von ${amount} zu Rechnung ${number} ist am ${date} fällig.`,
  }),
  payment_overdue: ({ person, number, amount, date }) => ({
    greeting: person ? `Guten Tag ${person},` : 'Guten Tag,',
    subject: `Zahlung zu Rechnung ${number} ist überfällig`,
    text: `eine Zahlung von ${amount} zu Rechnung ${number} war am ${date} fällig und ist noch offen. Falls Sie schon bezahlt haben, ist diese E-Mail gegenstandslos.`,
  }),
  design_late: ({ name, event, date }) => ({
    subject: `Gestaltung fällig: ${name}`,
    text: `${name} für ${event} ist am ${date} fällig und noch nicht freigegeben.`,
  }),
  crew_unconfirmed: ({ event, date }) => ({
    subject: `Bitte bestätigen Sie Ihren Einsatz: ${event}`,
    text: `Bitte bestätigen Sie, dass Sie am ${date} bei ${event} arbeiten.`,
  }),
};

/** A reminder in its reader's language. @param locale of the reader @param date ISO @param instructions how to pay */
export function reminderText(
  kind: ReminderKind,
  locale: string,
  { date, instructions = '', ...said }: Partial<Said> & { date: string; instructions?: string },
): { subject: string; bodyHtml: string } {
  const words = locale.startsWith('de') ? de : en;
  const { subject, greeting, text }: Text = words[kind]({
    ...{ person: undefined, number: '', name: '', event: '', amount: '' },
    ...said,
    date: new Date(`${date}T00:00:00Z`).toLocaleDateString(locale, { dateStyle: 'long', timeZone: 'UTC' }),
  });
  return {
    subject,
    bodyHtml: [greeting, text, instructions]
      .filter((part) => part?.trim())
      .map((part) => textToHtml(part ?? ''))
      .join(''),
  };
}
