import { useTranslation } from 'react-i18next';
import { formatIn, useFormat } from '../../hooks/format';
import { usePeople } from '../../hooks/people';
import type { Entity, FieldKind } from '../../ui/entity';
import {
  boothAssignments,
  crewAssignments,
  customItems,
  designItems,
  equipmentAssignments,
  eventDates,
  events,
} from '../entities/events';
import { contracts, invoices } from '../entities/money';

/** An entry of an event's history, as the database returns it. */
export interface ChangeEntry {
  id: string;
  entity: string;
  entity_id: string;
  /** Columns that identify the row for a reader. */
  subject: Record<string, unknown>;
  action: 'added' | 'changed' | 'removed';
  /** Old and new value of each changed column. */
  columns: Record<string, [unknown, unknown]>;
  changed_at: string;
  changed_by: string | null;
  /** The origin of a change that no user made. */
  changed_through: 'client_link' | null;
  /** Names of referenced rows, by id. */
  names: Record<string, string>;
}

const ENTITIES = new Map<string, Entity>(
  (
    [
      events,
      eventDates,
      crewAssignments,
      boothAssignments,
      equipmentAssignments,
      designItems,
      customItems,
      invoices,
      contracts,
    ] as unknown as Entity[]
  ).map((entity) => [entity.table, entity]),
);

/** Kinds of columns that are in no form. */
const KINDS: Record<string, FieldKind> = {
  amount: 'money',
  fee: 'money',
  paid: 'money',
  total: 'money',
  rate_snapshot: 'money',
  cost: 'money',
  method: 'choice',
  kind: 'choice',
  user_id: 'person',
  owner_id: 'person',
  designer_id: 'person',
};

/** Describes the entries of an event's history in the user's language. */
export function useChangeWords() {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();

  const kindOf = (entity: string, column: string): FieldKind =>
    KINDS[column] ??
    ENTITIES.get(entity)?.fields.find(({ name }) => name === column)?.kind ??
    (/_at$/.test(column) ? 'timestamp' : /_date$/.test(column) ? 'date' : 'text');

  /** Formats a value as a form would show it. */
  const wordsOf = ({ entity, names, subject }: ChangeEntry, column: string, value: unknown): string => {
    if (value === null || value === undefined || value === '') return t('changes.empty');
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
    if (typeof value === 'object') return t('changes.more');
    const text = String(value);
    // `paid` is a boolean on a custom item, but an amount on an invoice.
    switch (kindOf(entity, column)) {
      case 'money': {
        const currency = typeof subject.currency === 'string' ? subject.currency : format.currency;
        return formatIn(format, currency).money(Number(value));
      }
      case 'number':
      case 'percent':
        return format.number(Number(value));
      case 'date':
        return format.date(text);
      case 'timestamp':
        return format.moment(text);
      case 'time':
        return format.clock(text);
      case 'choice':
        return t(`option.${text}`, text);
      case 'person':
        return nameOf(text);
      default: {
        const name = names[text];
        // A name that is a date stands for an event date.
        if (name && /^\d{4}-\d\d-\d\d$/.test(name)) return format.day(name);
        return name ?? (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(text) ? t('changes.gone') : text);
      }
    }
  };

  const subjectOf = (entry: ChangeEntry): string =>
    Object.entries(entry.subject)
      // Omit what is redundant: an amount shows its currency, and an event's page its title.
      .filter(
        ([column, value]) =>
          value !== null && value !== '' && column !== 'currency' && entry.entity !== 'events',
      )
      .map(([column, value]) => wordsOf(entry, column, value))
      .join(' · ');

  return {
    /** “Booth: reserved”, “Crew: Ada · Lead attendant · 12 June: changed”. */
    headline: (entry: ChangeEntry) => {
      const about = subjectOf(entry);
      const what = t(`changes.entity.${entry.entity}`);
      return t(`changes.${entry.action}`, { what: about ? `${what}: ${about}` : what });
    },
    fieldOf: (column: string) =>
      i18n.exists(`field.${column}`)
        ? t(`field.${column}`)
        : t(`changes.field.${column}`, column.replaceAll('_', ' ')),
    wordsOf,
  };
}
