import { formatMoney } from '@/lib/money';

/** A notice as the database keeps it. */
export interface Notice {
  kind: string;
  entity_type: string;
  entity_id: string;
  subject: {
    number?: string;
    name?: string;
    person?: string;
    email?: string;
    /** Minor units. */
    amount?: number;
    currency?: string;
    /** ISO date. */
    date?: string;
    text?: string;
  };
}

interface Said {
  number: string;
  name: string;
  person: string;
  amount: string;
  date: string;
}

type Titles = Record<string, (said: Said) => string>;

const en: Titles = {
  inquiry: ({ person, date }) => `New inquiry from ${person}${date && ` for ${date}`}`,
  quote_accepted: ({ person, number, amount, name }) =>
    `${person || 'The client'} accepted quote ${number}${amount && ` (${amount})`}: ${name}`,
  quote_declined: ({ number, name }) => `Quote ${number} was declined: ${name}`,
  contract_signed: ({ person, number }) => `${person || 'The client'} signed contract ${number}`,
  contract_declined: ({ number }) => `Contract ${number} was declined`,
  payment_received: ({ number, amount, name }) =>
    `Payment received for invoice ${number}${amount && `: ${amount}`} (${name})`,
  payment_failed: ({ number, amount, name }) =>
    `A payment failed for invoice ${number}${amount && `: ${amount}`} (${name})`,
  question_asked: ({ name }) => `A client asked a question: ${name}`,
  crew_invited: ({ name, date }) => `You are invited to work at ${name}${date && ` on ${date}`}`,
  shift_changed: ({ name, date }) => `Your shift at ${name} has changed${date && `: it is on ${date}`}`,
  shift_cancelled: ({ name, date }) => `Your shift at ${name}${date && ` on ${date}`} is canceled`,
  mail_failed: ({ person, name }) => `Not delivered to ${person}: ${name}`,
};

const de: Titles = {
  inquiry: ({ person, date }) => `Neue Anfrage von ${person}${date && ` für ${date}`}`,
  quote_accepted: ({ person, number, amount, name }) =>
    `${person || 'Der Kunde'} hat Angebot ${number} angenommen${amount && ` (${amount})`}: ${name}`,
  quote_declined: ({ number, name }) => `Angebot ${number} wurde abgelehnt: ${name}`,
  contract_signed: ({ person, number }) => `${person || 'Der Kunde'} hat Vertrag ${number} unterschrieben`,
  contract_declined: ({ number }) => `Vertrag ${number} wurde abgelehnt`,
  payment_received: ({ number, amount, name }) =>
    `Zahlung für Rechnung ${number} eingegangen${amount && `: ${amount}`} (${name})`,
  payment_failed: ({ number, amount, name }) =>
    `Eine Zahlung für Rechnung ${number} ist fehlgeschlagen${amount && `: ${amount}`} (${name})`,
  question_asked: ({ name }) => `Ein Kunde hat eine Frage: ${name}`,
  crew_invited: ({ name, date }) => `Einladung zum Einsatz bei ${name}${date && ` am ${date}`}`,
  shift_changed: ({ name, date }) =>
    `Ihr Einsatz bei ${name} hat sich geändert${date && `: Er ist am ${date}`}`,
  shift_cancelled: ({ name, date }) => `Ihr Einsatz bei ${name}${date && ` am ${date}`} entfällt`,
  mail_failed: ({ person, name }) => `Nicht zugestellt an ${person}: ${name}`,
};

/** A notice in words. @param language of the reader @param locale of the company: how it writes money */
export function noticeText(
  { kind, subject }: Notice,
  language: string,
  locale: string,
): { title: string; text: string[]; open: string } {
  const isGerman = language.toLowerCase().startsWith('de');
  const { number = '', name = '', person = '', amount, currency, date, text } = subject;
  const said: Said = {
    number,
    name,
    person,
    amount: amount === undefined || !currency ? '' : formatMoney(amount, currency, isGerman ? 'de' : locale),
    date: date
      ? new Date(`${date}T00:00:00Z`).toLocaleDateString(isGerman ? 'de-DE' : locale, {
          dateStyle: 'long',
          timeZone: 'UTC',
        })
      : '',
  };
  const title = (isGerman ? de : en)[kind]?.(said) ?? `${name} ${number}`.trim();
  return { title, text: text ? [text] : [], open: isGerman ? 'In Marquee öffnen' : 'Open in Marquee' };
}
