import { Pill } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useRecords } from '../../../hooks/records/records';
import { type AnyRow, type Field, labelOf, type Reference } from '../entity';
import type { useListState } from './use-list-state';

interface Properties {
  field: Field & { reference: Reference };
  state: ReturnType<typeof useListState>;
}

/** Says that a list shows only the rows of one record, such as an account's events; can be removed. */
export function ReferenceFilter({ field, state: { search, change } }: Properties) {
  const { t } = useTranslation();
  const { reference, name } = field;
  const { [name]: id = '', ...others } = search.f ?? {};
  const { data } = useRecords<typeof reference.table, AnyRow>(reference.table, {
    select: `id,${reference.label.join(',')}`,
    filters: [['id', 'eq', id]],
  });
  return (
    <Pill
      size="lg"
      withRemoveButton
      onRemove={() => change({ f: Object.keys(others).length > 0 ? others : undefined } as never)}
      removeButtonProps={{ 'aria-label': t('list.showAll'), 'aria-hidden': false, tabIndex: 0 }}
    >
      {t(`field.${name}`)}: {labelOf(data?.[0], reference) || '…'}
    </Pill>
  );
}

/** Fields by whose record the list is filtered. */
export function referencesIn(fields: readonly Field[], f: Readonly<Record<string, string>> = {}) {
  return fields.filter(
    (field): field is Field & { reference: Reference } => field.reference !== undefined && field.name in f,
  );
}
