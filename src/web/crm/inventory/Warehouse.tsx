import { Box, Button, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { PackageCheck, ScanLine, Wrench } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { shiftDays, useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records/records';
import type { Filter } from '../../hooks/request/query';
import { LinkTo } from '../../ui/LinkTo';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import today from '../today/Today.module.css';
import { BoothLocations } from './BoothLocations';
import { HandoverButton } from './HandoverButton';
import { HANDOVER, type Handover, itemPath, pending } from './handover';

const ScanItems = lazy(() => import('./ScanItems').then(({ ScanItems }) => ({ default: ScanItems })));

const DAYS = 7;

interface Care {
  id: string;
  name: string;
  asset_tag: string;
  status: string;
  condition: string;
  next_service_due: string | null;
}

/** Warehouse overview: upcoming check-outs and check-ins, locations, and maintenance due. */
export function Warehouse() {
  const { t } = useTranslation();
  const format = useFormat();
  const care = useRecords<'equipment_items', Care>('equipment_items', {
    select: 'id,name,asset_tag,status,condition,next_service_due',
    filters: [
      ['next_service_due', 'lte', shiftDays(format.today, 30)],
      ['status', 'neq', 'retired'],
    ],
    order: [['next_service_due', 'asc']],
    limit: 12,
  });
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Stack>
        <Handovers />
      </Stack>
      <Stack>
        <BoothLocations />
        <Panel title={t('inventory.care')} flush>
          {care.error ? (
            <Failed error={care.error} retry={() => void care.refetch()} />
          ) : care.isPending ? (
            <Lines />
          ) : care.data.length === 0 ? (
            <EmptyState icon={Wrench} title={t('inventory.noCare')} small />
          ) : (
            care.data.map((item) => (
              <div key={item.id} className={today.row}>
                <span className={today.text}>
                  <LinkTo to={`/inventory/equipment/${item.id}`} className={today.title} c="inherit">
                    {item.name}
                  </LinkTo>
                  <span className={today.sub}>{item.asset_tag}</span>
                </span>
                <span className={today.aside}>
                  <StatusBadge value={item.condition} />
                  <Text
                    size="sm"
                    c={
                      item.next_service_due && item.next_service_due < format.today
                        ? 'var(--mantine-color-red-light-color)'
                        : 'dimmed'
                    }
                  >
                    {item.next_service_due && format.fromToday(item.next_service_due)}
                  </Text>
                </span>
              </div>
            ))
          )}
        </Panel>
      </Stack>
    </SimpleGrid>
  );
}

/** Items that are out or go out within days, handled manually or by camera. */
function Handovers() {
  const { t } = useTranslation();
  const format = useFormat();
  const [scanning, { open, close }] = useDisclosure();
  const [wanted, setWanted] = useState('');
  const soon: Filter = ['date.event_date', 'lte', shiftDays(format.today, DAYS)];
  const order = [['date(event_date)', 'asc']] as const;
  const or = pending(format.today);
  const booths = useRecords<'booth_assignments', Handover>(
    'booth_assignments',
    { select: HANDOVER.booth, filters: [soon], or, order },
    { live: true },
  );
  const pieces = useRecords<'equipment_assignments', Handover>(
    'equipment_assignments',
    { select: HANDOVER.equipment, filters: [['booth_assignment_id', 'is', null], soon], or, order },
    { live: true },
  );
  const error = booths.error ?? pieces.error;
  const all: Handover[] = [
    ...(booths.data ?? []).map((row) => ({ ...row, kind: 'booth' as const })),
    ...(pieces.data ?? []).map((row) => ({ ...row, kind: 'equipment' as const })),
  ];
  const words = wanted.trim().toLowerCase();
  const matches = all
    // Omit reservations of past dates that were never checked out.
    .filter(({ status, date }) => status === 'checked_out' || (date?.event_date ?? '') >= format.today)
    .filter(({ item, event }) =>
      `${item?.asset_tag ?? ''} ${item?.name} ${event?.title}`.toLowerCase().includes(words),
    )
    .sort((a, b) => (a.date?.event_date ?? '').localeCompare(b.date?.event_date ?? ''));
  const groups = [
    ['back', matches.filter(({ status }) => status === 'checked_out')],
    ['out', matches.filter(({ status }) => status === 'reserved')],
  ] as const;
  return (
    <Panel
      title={t('inventory.handovers')}
      flush
      aside={
        <Button size="compact-sm" leftSection={<ScanLine size={14} />} onClick={open}>
          {t('inventory.scan')}
        </Button>
      }
    >
      <Group px={18} pb="sm">
        <TextInput
          flex={1}
          value={wanted}
          onChange={(event) => setWanted(event.target.value)}
          placeholder={t('inventory.find')}
          aria-label={t('inventory.find')}
        />
      </Group>
      {error ? (
        <Failed
          error={error}
          retry={() => {
            void booths.refetch();
            void pieces.refetch();
          }}
        />
      ) : booths.isPending || pieces.isPending ? (
        <Lines />
      ) : matches.length === 0 ? (
        <EmptyState icon={PackageCheck} title={t('inventory.nothingOut')} small />
      ) : (
        groups.map(
          ([key, rows]) =>
            rows.length > 0 && (
              <Box key={key}>
                <Text px={18} py={6} size="xs" fw={650} c="dimmed">
                  {t(`inventory.groups.${key}`, { count: rows.length })}
                </Text>
                {rows.map((handover) => (
                  <div key={handover.id} className={today.row}>
                    <span className={today.text}>
                      <LinkTo to={itemPath(handover)} className={today.title} c="inherit">
                        {[handover.item?.asset_tag, handover.item?.name].filter(Boolean).join(' ')}
                      </LinkTo>
                      <span className={today.sub}>
                        {format.day(handover.date?.event_date)}
                        {handover.event && (
                          <>
                            {' '}
                            ·{' '}
                            <LinkTo to={`/events/${handover.event.id}`} inherit c="dimmed" underline="always">
                              {handover.event.title}
                            </LinkTo>
                          </>
                        )}
                      </span>
                    </span>
                    <HandoverButton handover={handover} />
                  </div>
                ))}
              </Box>
            ),
        )
      )}
      {scanning && (
        <Suspense>
          <ScanItems held={all} onClose={close} />
        </Suspense>
      )}
    </Panel>
  );
}
