import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Field } from '../entity';
import type { useListState } from './use-list-state';

interface Properties {
  field: Field;
  state: ReturnType<typeof useListState>;
  /** Shows a label, where there is room for it. */
  isLabelled?: boolean;
}

/** Filters a list by the values of a choice field. */
export function ChoiceFilter({ field, state, isLabelled = false }: Properties) {
  const { t } = useTranslation();
  const { search, change } = state;
  const name = t(`field.${field.name}`);
  return (
    <Select
      {...(isLabelled ? { label: name } : { 'aria-label': name, w: 140, visibleFrom: 'sm' as const })}
      placeholder={isLabelled ? t('all') : name}
      value={search.f?.[field.name] ?? null}
      data={(field.choices ?? []).map((choice) => ({ value: choice, label: t(`option.${choice}`, choice) }))}
      onChange={(value) => {
        const { [field.name]: _, ...others } = search.f ?? {};
        const f = value ? { ...others, [field.name]: value } : others;
        change({ f: Object.keys(f).length > 0 ? f : undefined } as never);
      }}
      clearable
      clearButtonProps={{ 'aria-label': t('list.clear') }}
    />
  );
}
