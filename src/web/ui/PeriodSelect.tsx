import { Group, Select, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { customPeriod, PERIODS, type Period } from '../hooks/dates/period';

interface Properties {
  period: Period;
  onChoose: (key: string) => void;
}

/** Selects a month, quarter or year by name, or any date range. */
export function PeriodSelect({ period, onChoose }: Properties) {
  const { t } = useTranslation();
  return (
    <Group gap="xs">
      <Select
        aria-label={t('period.title')}
        w={170}
        value={period.name}
        data={[...PERIODS, 'custom'].map((name) => ({ value: name, label: t(`period.${name}`) }))}
        onChange={(name) => {
          if (name) onChoose(name === 'custom' ? customPeriod(period.from, period.to).key : name);
        }}
      />
      {period.name === 'custom' && <Days period={period} onChoose={onChoose} />}
    </Group>
  );
}

/** Date range inputs. A date that is incomplete or invalid while typing is not reported. */
function Days({ period, onChoose }: Properties) {
  const { t } = useTranslation();
  const [days, setDays] = useState({ from: period.from, to: period.to });
  const wrong = days.from !== '' && days.to !== '' && days.to < days.from;
  const change = (changes: Partial<typeof days>) => {
    const next = { ...days, ...changes };
    setDays(next);
    if (next.from >= '1990' && next.to >= next.from) onChoose(customPeriod(next.from, next.to).key);
  };
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <TextInput
        type="date"
        aria-label={t('period.from')}
        value={days.from}
        onChange={({ target }) => change({ from: target.value })}
      />
      <TextInput
        type="date"
        aria-label={t('period.to')}
        value={days.to}
        error={wrong ? t('period.backwards') : undefined}
        onChange={({ target }) => change({ to: target.value })}
      />
    </Group>
  );
}
