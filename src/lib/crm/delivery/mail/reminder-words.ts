import { escapeHtml, textToHtml } from '../../templates';

/** What a reminder is about, in the reader's words. */
interface Said {
  /** Number of the quote or invoice. */
  number: string;
  /** Names of the design and of its event. */
  name: string;
  event: string;
  amount: string;
  date: string;
}

type Text = { subject: string; text: string };

const en = {
  quote_expiring: ({ number, date }) => ({
    subject: `Your quote ${number} expires soon`,
    text: `Our quote ${number} is valid until ${date}. We would love to be part of your event.`,
  }),
  payment_due: ({ number, amount, date }) => ({
    subject: `Payment for invoice ${number} is due soon`,
    text: `A payment of ${amount} for invoice ${number} is due on ${date}.`,
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
  quote_expiring: ({ number, date }) => ({
    subject: `Ihr Angebot ${number} läuft bald ab`,
    text: `Unser Angebot ${number} gilt bis ${date}. Wir wären gern bei Ihrer Veranstaltung dabei.`,
  }),
  payment_due: ({ number, amount, date }) => ({
    subject: `Zahlung zu Rechnung ${number} wird bald fällig`,
    text: `Eine Zahlung von ${amount} zu Rechnung ${number} ist am ${date} fällig.`,
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

/** A reminder in the company's language. @param locale of the company @param date ISO @param instructions how to pay */
export function reminderText(
  kind: ReminderKind,
  locale: string,
  { date, instructions = '', ...said }: Partial<Said> & { date: string; instructions?: string },
): { subject: string; bodyHtml: string } {
  const words = locale.startsWith('de') ? de : en;
  const { subject, text } = words[kind]({
    ...{ number: '', name: '', event: '', amount: '' },
    ...said,
    date: new Date(`${date}T00:00:00Z`).toLocaleDateString(locale, { dateStyle: 'long', timeZone: 'UTC' }),
  });
  return {
    subject,
    bodyHtml: `<p>${escapeHtml(text)}</p>${instructions.trim() && textToHtml(instructions)}`,
  };
}
