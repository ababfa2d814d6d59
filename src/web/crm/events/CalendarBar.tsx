import { Group, Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { useRecords } from '../../hooks/records/records';
import { toBooth } from '../entities/references';
import { ReferenceInput } from '../records/fields/ReferenceInput';
import type { CalendarFilter } from './calendar-entries';
import classes from './EventCalendar.module.css';

interface Properties {
  filter: CalendarFilter;
  onChange: (filter: CalendarFilter) => void;
}

/** Above the calendar: filters by booth and crew, and what colors and patterns mean. */
export function CalendarBar({ filter, onChange }: Properties) {
  const { t } = useTranslation();
  const { people } = usePeople();
  const categories = useRecords('event_categories', {
    select: 'id,name,color',
    filters: [['is_active', 'is', true]],
    order: [['display_order', 'asc']],
  }).data;
  return (
    <Group justify="space-between" gap="sm" mb="sm">
      <Group gap="xs">
        <ReferenceInput
          size="xs"
          w={170}
          aria-label={t('calendar.booth')}
          placeholder={t('calendar.booth')}
          reference={toBooth}
          value={filter.booth}
          onChange={(booth) => onChange({ ...filter, booth })}
        />
        <Select
          size="xs"
          w={170}
          aria-label={t('calendar.person')}
          placeholder={t('calendar.person')}
          data={people
            .filter(({ status }) => status !== 'disabled')
            .map(({ id, displayName }) => ({ value: id, label: displayName }))}
          value={filter.person}
          onChange={(person) => onChange({ ...filter, person })}
          clearable
          searchable
        />
      </Group>
      <ul className={classes.legend} aria-label={t('calendar.legend')}>
        {(['firm', 'tentative', 'hold'] as const).map((look) => (
          <li key={look}>
            <span className={classes.sample} data-look={look} aria-hidden /> {t(`calendar.look.${look}`)}
          </li>
        ))}
        {categories?.map(({ id, name, color }) => (
          <li key={id}>
            <span className={classes.sample} style={{ background: color ?? undefined }} aria-hidden /> {name}
          </li>
        ))}
      </ul>
    </Group>
  );
}
