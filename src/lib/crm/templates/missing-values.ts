import { MERGE_FIELDS, type MergeField } from './merge-fields';

/** Where a user fills in a merge field, by its first word; a date has its time and venue. */
const PLACES: Record<string, string> = {
  company: 'under Settings',
  account: 'on the account',
  contact: 'on the contact',
  date: 'on the date of the event or opportunity',
  event: 'on the event',
  quote: 'on the quote',
  deposit: 'on the quote',
  invoice: 'on the invoice',
  link: 'by sending a quote or an issued invoice',
};

/** The cause of a refusal: a text uses merge fields that have no value. Its message says which, and where they are filled in. */
export class MissingValues extends Error {
  /** Such as `event.location`. */
  readonly fields: readonly string[];

  constructor(fields: readonly string[]) {
    super(`Fill in ${fields.map(fieldAndPlace).join(', ')}.`);
    this.name = 'MissingValues';
    this.fields = fields;
  }

  /** `the event's venue, the guest count` */
  get names(): string {
    return this.fields.map((field) => MERGE_FIELDS[field as MergeField]).join(', ');
  }
}

function fieldAndPlace(field: string): string {
  const group = /^event\.(date|start_time|end_time|location)$/.test(field) ? 'date' : field.split('.')[0];
  return [MERGE_FIELDS[field as MergeField], PLACES[group ?? '']].filter(Boolean).join(' ');
}
