import { ActionIcon, Button, Group, SegmentedControl } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { CalendarSearch, ChevronLeft, ChevronRight } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { shiftDays, useFormat } from '../../hooks/format';
import { type ScreenSearch, useScreenSearch } from '../../hooks/page/screen-search';
import { useMay } from '../../hooks/session/roles';
import { PageHeader } from '../../ui/PageHeader';
import { CanWeTakeIt } from './CanWeTakeIt';
import { Overbookings } from './Overbookings';
import { Timeline } from './Timeline';

const DAYS = { week: 7, fortnight: 14, month: 28 } as const;

/** Timeline of booths, equipment and people, by day. */
export function AvailabilityScreen() {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const navigate = useNavigate();
  const search = useScreenSearch();
  const [checkOpen, { open, close }] = useDisclosure();
  const span = (search.as ?? 'fortnight') as keyof typeof DAYS;
  const days = DAYS[span] ?? DAYS.fortnight;
  const first = search.day ?? format.today;
  const go = (changes: ScreenSearch) =>
    void navigate({ to: '.', search: { ...search, ...changes }, replace: true });
  return (
    <>
      <PageHeader
        title={t('nav.availability')}
        subtitle={`${format.day(first)} – ${format.day(shiftDays(first, days - 1))}`}
        actions={
          <Group gap="xs">
            <SegmentedControl
              value={span}
              onChange={(as) => go({ as })}
              data={Object.keys(DAYS).map((key) => ({ value: key, label: t(`availability.${key}`) }))}
            />
            <Group gap={4} wrap="nowrap">
              <ActionIcon
                variant="default"
                size={36}
                aria-label={t('availability.earlier')}
                onClick={() => go({ day: shiftDays(first, -7) })}
              >
                <ChevronLeft size={17} />
              </ActionIcon>
              <Button variant="default" onClick={() => go({ day: format.today })}>
                {t('todayShort')}
              </Button>
              <ActionIcon
                variant="default"
                size={36}
                aria-label={t('availability.later')}
                onClick={() => go({ day: shiftDays(first, 7) })}
              >
                <ChevronRight size={17} />
              </ActionIcon>
            </Group>
            {may('sales') && (
              <Button leftSection={<CalendarSearch size={16} />} onClick={open}>
                {t('availability.ask')}
              </Button>
            )}
          </Group>
        }
      />
      <Overbookings from={first} to={shiftDays(first, days - 1)} />
      <Timeline first={first} days={days} />
      <CanWeTakeIt opened={checkOpen} onClose={close} />
    </>
  );
}
