import { Badge, Button, Group, Modal, SimpleGrid, Stack, Text, TextInput, ThemeIcon } from '@mantine/core';
import { Check, X } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { shiftDays, useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/records/functions';
import { FormError } from '../../ui/FormError';
import { inLanguage } from '../../ui/notify';
import { Lines } from '../../ui/Panel';
import { toLocation } from '../entities/references';
import { ReferenceInput } from '../records/fields/ReferenceInput';

const toPackage = { table: 'packages', label: ['name'], filters: [['is_active', 'is', true]] } as const;

export interface Part {
  ok: boolean;
  reason: string;
  /** Of equipment: what there is too little of. */
  missing?: { name: string; needed: number; free: number }[];
}

/** Result of `check_availability`. */
export interface Availability {
  available: boolean;
  dates: { event_date: string; booths: Part; kit: Part; crew: Part; travel: Part }[];
  alternatives: { shift_days: number; event_dates: string[] }[];
}

export const PARTS = ['booths', 'kit', 'crew', 'travel'] as const;

/** Availability check for a date, package and place. The database answers with reasons and alternative dates. */
export function CanWeTakeIt({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [day, setDay] = useState(shiftDays(format.today, 14));
  const [start, setStart] = useState('18:00');
  const [end, setEnd] = useState('22:00');
  const [packageId, setPackage] = useState<string | null>(null);
  const [locationId, setLocation] = useState<string | null>(null);
  const asked = opened && Boolean(day && start && end);
  const { data, error, isFetching } = useAnswer<'check_availability', Availability>(
    'check_availability',
    {
      dates: [{ event_date: day, start_time: start, end_time: end }],
      ...(packageId ? { package_id: packageId } : {}),
      ...(locationId ? { location_id: locationId } : {}),
    },
    { enabled: asked },
  );
  const answer = asked ? data : undefined;
  return (
    <Modal opened={opened} onClose={onClose} title={t('availability.ask')} size="lg">
      <Stack>
        <SimpleGrid cols={{ base: 1, xs: 3 }}>
          <TextInput
            type="date"
            label={t('field.event_date')}
            value={day}
            onChange={(e) => setDay(e.target.value)}
            data-autofocus
          />
          <TextInput
            type="time"
            label={t('field.start_time')}
            value={start}
            onChange={(e) => setStart(e.target.value)}
          />
          <TextInput
            type="time"
            label={t('field.end_time')}
            value={end}
            onChange={(e) => setEnd(e.target.value)}
          />
        </SimpleGrid>
        <SimpleGrid cols={{ base: 1, xs: 2 }}>
          <ReferenceInput
            canCreate={false}
            label={t('option.package')}
            placeholder={t('availability.anyBooth')}
            reference={toPackage}
            value={packageId}
            onChange={setPackage}
          />
          <ReferenceInput
            canCreate={false}
            label={t('field.location_id')}
            reference={toLocation}
            value={locationId}
            onChange={setLocation}
          />
        </SimpleGrid>
        <FormError error={error} />
        {!answer && isFetching && <Lines count={3} />}
        {answer && (
          <Stack gap="sm" aria-live="polite">
            <Badge size="xl" color={answer.available ? 'green' : 'red'} tt="none">
              {answer.available ? t('availability.yes') : t('availability.no')}
            </Badge>
            {answer.dates.map((date) => (
              <Reasons key={date.event_date} date={date} />
            ))}
            {answer.alternatives.length > 0 && (
              <div>
                <Text size="sm" fw={600} mb={6}>
                  {t('availability.instead')}
                </Text>
                <Group gap="xs">
                  {answer.alternatives.map(({ shift_days, event_dates }) => (
                    <Button
                      key={shift_days}
                      variant="light"
                      size="compact-md"
                      onClick={() => setDay(event_dates[0] ?? day)}
                    >
                      {event_dates.map((date) => format.day(date)).join(', ')}
                    </Button>
                  ))}
                </Group>
              </div>
            )}
          </Stack>
        )}
      </Stack>
    </Modal>
  );
}

/** The conditions for a date, each met or not, with its reason. */
export function Reasons({ date }: { date: Availability['dates'][number] }) {
  const { t } = useTranslation();
  const reasonOf = ({ missing = [], reason }: Part) =>
    missing.length > 0
      ? t('availability.short', {
          list: missing
            .map(({ name, ...numbers }) => `${name} (${t('availability.shortOf', numbers)})`)
            .join(', '),
        })
      : inLanguage(reason);
  return (
    <Stack gap={8}>
      {PARTS.map((part) => (
        <Group key={part} gap="sm" wrap="nowrap" align="flex-start">
          <ThemeIcon size={22} radius="xl" color={date[part].ok ? 'green' : 'red'} variant="light">
            {date[part].ok ? <Check size={13} aria-label={t('yes')} /> : <X size={13} aria-label={t('no')} />}
          </ThemeIcon>
          <Text size="sm">
            <b>{t(`availability.parts.${part}`)}.</b> {reasonOf(date[part])}
          </Text>
        </Group>
      ))}
    </Stack>
  );
}
