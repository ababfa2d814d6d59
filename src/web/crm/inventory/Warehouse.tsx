import { Button, Group, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { PackageCheck, ScanLine, Wrench } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRpc } from '../../hooks/changes';
import { shiftDays, useFormat } from '../../hooks/format';
import { useRecords } from '../../hooks/records';
import { useMay } from '../../hooks/roles';
import { notifyDone } from '../../ui/notify';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import { StatusBadge } from '../../ui/StatusBadge';
import today from '../today/Today.module.css';
import { Scanner } from './Scanner';

const DAYS = 7;

interface Handover {
  id: string;
  status: string;
  booth: { name: string } | null;
  event: { id: string; title: string } | null;
  date: { event_date: string; setup_time: string | null; start_time: string } | null;
}

interface Care {
  id: string;
  name: string;
  asset_tag: string;
  status: string;
  condition: string;
  next_service_due: string | null;
}

/** What goes out and comes back these days, and what needs care. */
export function Warehouse() {
  const { t } = useTranslation();
  const format = useFormat();
  const [scanning, setScanning] = useState(false);
  const [wanted, setWanted] = useState('');
  const { data, error, isPending, refetch } = useRecords<'booth_assignments', Handover>(
    'booth_assignments',
    {
      select:
        'id,status,booth:booths!booth_assignments_booth_id_fkey(name),event:events!booth_assignments_event_id_fkey(id,title),date:event_dates!booth_assignments_event_date_id_fkey!inner(event_date,setup_time,start_time)',
      filters: [
        ['status', 'in', ['reserved', 'checked_out']],
        ['date.event_date', 'lte', shiftDays(format.today, DAYS)],
        ['date.event_date', 'gte', shiftDays(format.today, -DAYS)],
      ],
      order: [['date(event_date)', 'asc']],
    },
    { live: true },
  );
  const care = useRecords<'equipment_items', Care>('equipment_items', {
    select: 'id,name,asset_tag,status,condition,next_service_due',
    filters: [
      ['next_service_due', 'lte', shiftDays(format.today, 30)],
      ['status', 'neq', 'retired'],
    ],
    order: [['next_service_due', 'asc']],
    limit: 12,
  });
  const matches = (data ?? []).filter(
    ({ booth, event }) =>
      !wanted || `${booth?.name} ${event?.title}`.toLowerCase().includes(wanted.toLowerCase()),
  );
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
      <Panel
        title={t('inventory.handovers')}
        flush
        aside={
          <Button
            size="compact-sm"
            variant="light"
            leftSection={<ScanLine size={14} />}
            onClick={() => setScanning(true)}
          >
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
          <Failed error={error} retry={() => void refetch()} />
        ) : isPending ? (
          <Lines />
        ) : matches.length === 0 ? (
          <EmptyState icon={PackageCheck} title={t('inventory.nothingOut')} small />
        ) : (
          matches.map((handover) => <HandoverRow key={handover.id} handover={handover} />)
        )}
      </Panel>
      <Stack>
        <Panel title={t('inventory.care')} flush>
          {care.isPending ? (
            <Lines />
          ) : care.data?.length === 0 ? (
            <EmptyState icon={Wrench} title={t('inventory.noCare')} small />
          ) : (
            care.data?.map((item) => (
              <div key={item.id} className={today.row}>
                <span className={today.text}>
                  <span className={today.title}>{item.name}</span>
                  <span className={today.sub}>{item.asset_tag}</span>
                </span>
                <span className={today.aside}>
                  <StatusBadge value={item.condition} />
                  <Text size="sm" c="dimmed">
                    {item.next_service_due && format.fromToday(item.next_service_due)}
                  </Text>
                </span>
              </div>
            ))
          )}
        </Panel>
      </Stack>
      {scanning && (
        <Scanner
          onFound={(text) => {
            setWanted(text);
            setScanning(false);
          }}
          onClose={() => setScanning(false)}
        />
      )}
    </SimpleGrid>
  );
}

function HandoverRow({ handover }: { handover: Handover }) {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const out = useRpc('check_out_booth');
  const back = useRpc('check_in_booth');
  const { id, status, booth, event, date } = handover;
  const isOut = status === 'checked_out';
  const run = () => {
    const onSuccess = () =>
      notifyDone(t(isOut ? 'inventory.isBack' : 'inventory.isOut', { name: booth?.name }));
    if (isOut) back.mutate({ booth_assignment_id: id, condition: 'good' }, { onSuccess });
    else out.mutate({ booth_assignment_id: id }, { onSuccess });
  };
  return (
    <div className={today.row}>
      <span className={today.text}>
        <span className={today.title}>{booth?.name}</span>
        <span className={today.sub}>
          {format.day(date?.event_date)} · {event?.title}
        </span>
      </span>
      <StatusBadge value={status} />
      {may('checkout') && (
        <Button
          size="xs"
          variant={isOut ? 'default' : 'light'}
          onClick={run}
          loading={out.isPending || back.isPending}
        >
          {isOut ? t('inventory.checkIn') : t('inventory.checkOut')}
        </Button>
      )}
    </div>
  );
}
