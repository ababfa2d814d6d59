import { Select, type SelectProps } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useSaveSetting, useSettings } from '../../../hooks/company/settings';
import { useMay } from '../../../hooks/session/roles';

interface Properties extends Omit<SelectProps, 'data' | 'onChange' | 'value'> {
  /** The setting that holds the list. */
  setting: 'lead_sources';
  value: string | null;
  onChange: (value: string | null) => void;
}

/** One of the company's own words. Who may change settings adds a new word to the list by typing it. */
export function ListedInput({ setting, value, onChange, ...rest }: Properties) {
  const { t } = useTranslation();
  const may = useMay();
  const { settings } = useSettings();
  const save = useSaveSetting(setting);
  const [typed, setTyped] = useState('');
  const listed = settings[setting];
  // A value from before, or from an import, stays selectable.
  const known = value && !listed.includes(value) ? [...listed, value] : listed;
  const word = typed.trim();
  const same = known.find((one) => one.toLowerCase() === word.toLowerCase());
  const adds = word !== '' && same === undefined && may('settings');
  /** What was typed is not lost where no option was clicked. */
  const written = same ?? (adds ? word : value);
  const choose = (next: string | null) => {
    if (next && !known.includes(next)) save.mutate([...listed, next]);
    if (next !== value) onChange(next);
  };
  return (
    <Select
      searchable
      clearable
      data={[
        ...known.map((one) => ({ value: one, label: one })),
        ...(adds ? [{ value: word, label: t('picker.create', { name: word }) }] : []),
      ]}
      filter={({ options, search }) =>
        options.filter(
          (option) => 'label' in option && option.label.toLowerCase().includes(search.trim().toLowerCase()),
        )
      }
      value={value}
      onSearchChange={setTyped}
      onChange={choose}
      onKeyDown={({ key }) => key === 'Enter' && choose(written)}
      // Cancelling leaves the field too: the list learns a word only when it is chosen.
      onBlur={() => written !== value && onChange(written)}
      nothingFoundMessage={t('nothingFound')}
      {...rest}
    />
  );
}
