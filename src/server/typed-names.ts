// Names that visitors and clients type. Mails in the company's name repeat them, to addresses that are not proven.
import { RequestError } from './errors';

/** What a mail program makes a link of. */
const LINK = /https?:|www\.|[<>\\]|\S\/\S|\.\p{L}{2,}/iu;
/** Initials, titles and forms of companies, which may stand before a name without a space: `J.Smith`, `Dr.Weber`, `Weber & Co.KG`. */
const ABBREVIATIONS = /(?<![\p{L}\d.-])((\p{L}|co|dipl|dr|ing|jr|mag|med|mr|mrs|ms|prof|sr|st)\.)+/giu;

export function hasLink(name: string): boolean {
  return LINK.test(name.replace(ABBREVIATIONS, ''));
}

/** @throws RequestError `name_with_link` */
export function refuseLinks(...names: string[]): void {
  if (!names.some(hasLink)) return;
  throw new RequestError('name_with_link', 'The name contains what looks like a web address.', {
    hint: 'Enter your name alone.',
  });
}
