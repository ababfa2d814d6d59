import { Button, Group, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { CalendarPlus, Hourglass } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { useDealDays } from '../../hooks/dates/day-states';
import { useFormat } from '../../hooks/format';
import { useSaveRecord } from '../../hooks/records/changes';
import { useRecord, useRecords } from '../../hooks/records/records';
import { useMay } from '../../hooks/session/roles';
import { notifyDone } from '../../ui/notify';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import { DayStateBadge } from '../records/fields/DayState';
import { type Booked, isActive } from './booked';
import { ExtendHold } from './ExtendHold';
import { HoldBooths } from './HoldBooths';

interface DateOfDeal {
  id: string;
  event_date: string;
  booths: Booked[];
}

/** The dates of a deal: whether they are free, and the booths that are held or reserved for them. */
export function Holds({ opportunityId }: { opportunityId: string }) {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const [holding, { open, close }] = useDisclosure();
  const deal = useRecord('opportunities', opportunityId, 'id,closed_at,converted_event_id').data;
  const { data, error, isPending, refetch } = useRecords<'event_dates', DateOfDeal>(
    'event_dates',
    {
      select:
        'id,event_date,booths:booth_assignments!booth_assignments_event_date_id_fkey(id,status,hold_expires_at,created_by,overbooked,booth:booths!booth_assignments_booth_id_fkey(name))',
      filters: [
        ['opportunity_id', 'eq', opportunityId],
        ['status', 'neq', 'cancelled'],
      ],
      order: [['event_date', 'asc']],
    },
    { live: true },
  );
  const states = useDealDays(opportunityId).data;
  const canHold =
    may('sales') && deal?.closed_at === null && deal.converted_event_id === null && (data ?? []).length > 0;
  return (
    <Panel
      title={t('holds.title')}
      aside={
        canHold && (
          <Button size="compact-sm" variant="light" leftSection={<Hourglass size={14} />} onClick={open}>
            {t('holds.hold')}
          </Button>
        )
      }
    >
      {error ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Lines count={2} />
      ) : data.length === 0 ? (
        <EmptyState icon={CalendarPlus} title={t('holds.noDate')} small />
      ) : (
        <Stack gap="md">
          {data.map((date) => {
            const state = states?.find(({ event_date_id }) => event_date_id === date.id);
            const booths = date.booths.filter(isActive);
            return (
              <Stack key={date.id} gap={6}>
                <Group justify="space-between" gap="xs">
                  <Text fw={550}>{format.date(date.event_date)}</Text>
                  {state && <DayStateBadge {...state} />}
                </Group>
                {booths.length === 0 && state && (
                  <Text size="sm" c="dimmed">
                    {t('dayState.booths', { free: state.free, count: state.booths })}
                  </Text>
                )}
                {booths.map((booth) => (
                  <HeldBooth key={booth.id} booked={booth} />
                ))}
              </Stack>
            );
          })}
        </Stack>
      )}
      {holding && <HoldBooths opportunityId={opportunityId} onClose={close} />}
    </Panel>
  );
}

function HeldBooth({ booked }: { booked: Booked }) {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const { nameOf } = usePeople();
  const save = useSaveRecord('booth_assignments');
  const [extending, setExtending] = useState(false);
  const { id, status, hold_expires_at, created_by, booth, overbooked } = booked;
  const name = booth?.name ?? '';
  const release = () =>
    save.mutate(
      { id, changes: { status: 'cancelled' } },
      {
        onSuccess: () =>
          notifyDone(t('holds.released', { name }), () =>
            save.mutate({ id, changes: { status: 'hold', hold_expires_at } }),
          ),
      },
    );
  return (
    <Stack gap={4}>
      <Group gap="xs">
        <Text size="sm">{name}</Text>
        {status !== 'hold' && <StatusBadge value={status} />}
        {overbooked && <StatusBadge value="overbooked" />}
      </Group>
      {status === 'hold' && (
        <>
          <Text size="sm" c="dimmed">
            {t(created_by ? 'holds.untilBy' : 'holds.until', {
              moment: format.moment(hold_expires_at),
              name: nameOf(created_by),
            })}
          </Text>
          {may('sales') && (
            <Group gap="xs">
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => setExtending(true)}
                aria-label={t('holds.extendBooth', { name })}
              >
                {t('holds.extend')}
              </Button>
              <Button
                size="compact-xs"
                variant="default"
                onClick={release}
                loading={save.isPending}
                aria-label={t('holds.releaseBooth', { name })}
              >
                {t('holds.release')}
              </Button>
            </Group>
          )}
        </>
      )}
      {extending && <ExtendHold booked={booked} onClose={() => setExtending(false)} />}
    </Stack>
  );
}
