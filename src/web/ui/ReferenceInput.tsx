import { Select, type SelectProps } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRecords } from '../hooks/records';
import { type AnyRow, labelOf, type Reference } from './entity';

interface Properties extends Omit<SelectProps, 'data' | 'onChange' | 'value'> {
  reference: Reference;
  value: string | null;
  onChange: (id: string | null, row: AnyRow | null) => void;
}

/** Autocomplete for a row of another table. */
export function ReferenceInput({ reference, value, onChange, ...rest }: Properties) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  const [words] = useDebouncedValue(typed, 150);
  const select = `id,version,${reference.label.join(',')}`;
  const first = reference.order ?? reference.label[0] ?? 'id';
  const found = useRecords<typeof reference.table, AnyRow>(reference.table, {
    select,
    filters: reference.filters ?? [],
    search: { words, columns: reference.label },
    order: [[first, 'asc']],
    limit: 30,
  });
  const chosen = useRecords<typeof reference.table, AnyRow>(
    reference.table,
    { select, filters: [['id', 'eq', value ?? '']] },
    { enabled: Boolean(value) },
  );
  const rows = useMemo(() => {
    const byId = new Map<string, AnyRow>();
    for (const row of [...(value ? (chosen.data ?? []) : []), ...(found.data ?? [])]) byId.set(row.id, row);
    return byId;
  }, [chosen.data, found.data, value]);
  const data = [...rows.values()].map((row) => ({
    value: row.id,
    label: labelOf(row, reference) || row.id.slice(0, 8),
  }));
  return (
    <Select
      searchable
      clearable={!rest.required}
      data={data}
      // Already filtered by the database.
      filter={({ options }) => options}
      value={value}
      onSearchChange={(text) => setTyped(data.some((option) => option.label === text) ? '' : text)}
      onChange={(id) => onChange(id, id ? (rows.get(id) ?? null) : null)}
      nothingFoundMessage={found.isFetching ? t('searching') : t('nothingFound')}
      comboboxProps={{ shadow: 'md' }}
      {...rest}
    />
  );
}
