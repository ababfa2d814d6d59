import { Select, type SelectProps } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type KeyboardEvent, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRecords } from '../../../hooks/records/records';
import { useMay } from '../../../hooks/session/roles';
import { createInPlace } from '../create-in-place';
import { type AnyRow, labelOf, type Reference } from '../entity';
import { offeredBy } from '../list-order';
import { referenceSelect, useReferenced } from './ReferenceName';

interface Properties extends Omit<SelectProps, 'data' | 'onChange' | 'value'> {
  reference: Reference;
  value: string | null;
  onChange: (id: string | null, row: AnyRow | null) => void;
  /** False where only what exists makes sense. */
  canCreate?: boolean;
}

/** Value of the option that creates a record. */
const CREATE = 'create';

/** Autocomplete for a row of another table. What it does not find can be created in place, by those who may. */
export function ReferenceInput({ reference, value, onChange, canCreate = true, ...rest }: Properties) {
  const { t } = useTranslation();
  const may = useMay();
  const [typed, setTyped] = useState('');
  const [debounced] = useDebouncedValue(typed, 150);
  // What Enter or leaving the field asked for before the search was done; leaving empties `typed`.
  const [wanted, setWanted] = useState<{ name: string; left: boolean }>();
  const [unchosen, setUnchosen] = useState('');
  const words = wanted?.name ?? debounced;
  const found = useRecords<typeof reference.table, AnyRow>(reference.table, {
    select: referenceSelect(reference),
    filters: reference.filters ?? [],
    search: { words, columns: reference.label },
    ...offeredBy(reference, words),
    limit: 30,
  });
  const chosen = useReferenced(reference, value);
  const rows = useMemo(() => {
    const byId = new Map<string, AnyRow>();
    for (const row of [...(value ? (chosen.data ?? []) : []), ...(found.data ?? [])]) byId.set(row.id, row);
    return byId;
  }, [chosen.data, found.data, value]);
  const name = wanted?.name ?? typed.trim();
  // Until the database has answered, only what is known to fit: a quick Enter must not choose another record.
  const isSearching = (!wanted && words !== typed) || found.isPlaceholderData || found.isPending;
  const data = [...rows.values()]
    .map((row) => ({ value: row.id, label: labelOf(row, reference) || row.id.slice(0, 8) }))
    .filter(
      ({ value: id, label }) =>
        !isSearching || id === value || label.toLowerCase().includes(name.toLowerCase()),
    );
  const create = () =>
    createInPlace({
      table: reference.table,
      typed: name,
      onCreated: (row) => {
        setUnchosen('');
        onChange(row.id, row);
      },
    });
  const matching = data.filter(({ label }) => label.toLowerCase() === name.toLowerCase());
  const isThere = matching.length > 0;
  const mayCreate = Boolean(canCreate && reference.create && may(reference.create));
  if (mayCreate && !isThere && !isSearching) {
    const what = t(`entity.${reference.table}.one`);
    data.push({ value: CREATE, label: name ? t('picker.create', { name }) : t('picker.new', { what }) });
  }
  // A typed name is not lost: the one record of that name is chosen, by Enter also the only one found; what is not found is created by
  // On Enter: says so if text was left without a choice.
  const settle = () => {
    if (!wanted || isSearching) return;
    setWanted(undefined);
    const records = data.filter(({ value: id }) => id !== CREATE && id !== value);
    const [only] = matching.length === 1 ? matching : wanted.left || records.length > 1 ? [] : records;
    if (only) onChange(only.value, rows.get(only.value) ?? null);
    else if (!wanted.left && records.length === 0 && mayCreate) create();
    else setUnchosen(wanted.name);
  };
  useEffect(settle);
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    rest.onKeyDown?.(event);
    // With an option marked, the list itself chooses that one.
    const isMarked = event.currentTarget.getAttribute('aria-activedescendant');
    if (event.key !== 'Enter' || event.nativeEvent.isComposing || isMarked || typed.trim() === '') return;
    event.preventDefault();
    setWanted({ name: typed.trim(), left: false });
  };
  return (
    <Select
      searchable
      clearable={!rest.required}
      data={data}
      // Already filtered by the database.
      filter={({ options }) => options}
      value={value}
      onSearchChange={(text) => {
        setTyped(data.some((option) => option.label === text) ? '' : text);
        if (text) setUnchosen('');
      }}
      onChange={(id) => {
        setUnchosen('');
        if (id === CREATE) create();
        else onChange(id, id ? (rows.get(id) ?? null) : null);
      }}
      // Focus comes back here after an error or a creation: the list then stays closed.
      openOnFocus={false}
      nothingFoundMessage={isSearching ? t('searching') : t('nothingFound')}
      comboboxProps={{ shadow: 'md' }}
      {...rest}
      error={rest.error ?? (unchosen ? t('picker.unchosen', { name: unchosen }) : undefined)}
      onKeyDown={onKeyDown}
      onBlur={(event) => {
        rest.onBlur?.(event);
        if (typed.trim() !== '' && !wanted) setWanted({ name: typed.trim(), left: true });
      }}
    />
  );
}
