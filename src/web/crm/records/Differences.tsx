import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { formatOf, useFormat } from '../../hooks/format';
import type { Edit } from '../../hooks/offline/edits';
import { useRecord } from '../../hooks/records/records';
import { fieldOf } from '../entities/field-of';
import { ReferenceName } from './fields/ReferenceName';

type Values = Record<string, unknown>;

interface Properties {
  edit: Extract<Edit, { kind: 'row' }>;
  /** The row as it is now. */
  theirs: Values;
}

/** Both values of each changed column. Amounts of a line are in the currency of its document, to which the edit belongs. */
export function Differences({ edit: { table, changes: mine, group }, theirs }: Properties) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const [owner, id] = group.split(':');
  const isLine = table.endsWith('_line_items');
  const document = useRecord<'quotes', Values>(
    owner as 'quotes',
    isLine ? id : undefined,
    'id,currency',
  ).data;
  const money = (amount: unknown) => formatOf(format, document ?? theirs).money(Number(amount));
  const inWords = (column: string, values: Values): ReactNode => {
    const value = values[column];
    if (value === null || value === undefined || value === '') return '–';
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no');
    const text = String(value);
    const field = fieldOf(table, column);
    switch (field?.kind) {
      case 'reference':
        return field.reference && <ReferenceName reference={field.reference} id={text} />;
      case 'person':
        return nameOf(text);
      case 'date':
        return format.date(text);
      case 'timestamp':
        return format.moment(text);
      case 'time':
        return format.clock(text);
      case 'money':
        return money(value);
      case 'text':
      case 'multiline':
      case 'phone':
        return text;
    }
    // A discount or deposit is in percent or minor units, by the column beside it.
    const isMoney = column === 'unit_price' || values[column.replace(/_value$/, '_type')] === 'amount';
    if (/_value$|_price$/.test(column) && isMoney) return money(value);
    if (Number.isFinite(Number(value))) return format.number(Number(value));
    return t(`option.${text}`, text);
  };
  return Object.keys(mine).map((column) => (
    <Text key={column} size="sm">
      {t(`field.${column}`, column)}: {t('form.yours')} {inWords(column, { ...theirs, ...mine })} ·{' '}
      {t('form.theirs')} {inWords(column, theirs)}
    </Text>
  ));
}
