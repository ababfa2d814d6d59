import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { useSettings } from '../../hooks/company/settings';
import { formatOf, useFormat } from '../../hooks/format';
import { kindOf } from './change-kinds';

/** An entry of a record's history, as the database returns it. */
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

/** Describes the entries of a history in the user's language. */
export function useChangeWords() {
  const { t, i18n } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const { settings } = useSettings();

  /** Formats a value as a form would show it. */
  const wordsOf = ({ entity, names, subject }: ChangeEntry, column: string, value: unknown): string => {
    if (value === null || value === undefined || value === '') return t('changes.empty');
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
    const money = (amount: unknown) => formatOf(format, subject).money(Number(amount));
    if (Array.isArray(value)) {
      // A payment plan, or a list of words.
      const parts = value.map((part: unknown) =>
        isInstalment(part)
          ? `${part.label} ${money(part.amount)}`
          : String(t(`option.${part}`, String(part))),
      );
      return value.every((part) => typeof part !== 'object' || isInstalment(part))
        ? parts.join(', ') || t('changes.empty')
        : t('changes.more');
    }
    if (typeof value === 'object') return t('changes.more');
    const text = String(value);
    // Days from one on, until before another.
    const [, from, until] = /^\[(\d{4}-\d\d-\d\d),(\d{4}-\d\d-\d\d)?\)$/.exec(text) ?? [];
    if (from) return [format.date(from), until ? format.date(until) : '…'].join(' – ');
    if (entity === 'users' && column === 'role') return t(`role.${text}`, text);
    if (column === 'key') return t(`changes.setting.${text}`, text.replaceAll('_', ' '));
    // `paid` is a boolean on a custom item, but an amount on an invoice.
    switch (kindOf(entity, column)) {
      case 'money':
        return money(value);
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
      case 'stage':
        return settings.pipeline.stages.find(({ key }) => key === text)?.name ?? text;
      case 'person':
        return nameOf(text);
      default: {
        if (typeof value === 'number') return format.number(value);
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
      const what = i18n.exists(`changes.entity.${entry.entity}`)
        ? t(`changes.entity.${entry.entity}`)
        : t(`entity.${entry.entity}.one`);
      return t(`changes.${entry.action}`, { what: about ? `${what}: ${about}` : what });
    },
    fieldOf: (column: string) =>
      i18n.exists(`field.${column}`)
        ? t(`field.${column}`)
        : t(`changes.field.${column}`, column.replaceAll('_', ' ')),
    wordsOf,
  };
}

const isInstalment = (part: unknown): part is { label: string; amount: number } =>
  typeof part === 'object' && part !== null && 'label' in part && 'amount' in part;
