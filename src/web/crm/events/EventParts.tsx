import { SimpleGrid, Stack } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/functions';
import type { Filter } from '../../hooks/query';
import { useMay } from '../../hooks/roles';
import type { RecordOf } from '../../ui/entity';
import { type AnyRow, aliasOf, labelOf } from '../../ui/entity';
import { RelatedRecords } from '../../ui/RelatedRecords';
import { StatCard } from '../../ui/StatCard';
import {
  boothAssignments,
  crewAssignments,
  customItems,
  designItems,
  equipmentAssignments,
  eventDates,
  onDateOf,
} from '../entities/events';
import { invoices } from '../entities/money';
import { toBooth } from '../entities/references';
import { HandoverButton } from '../inventory/HandoverButton';
import type { Handover } from '../inventory/handover';

interface Part {
  event: RecordOf<'events'>;
}

/** Filter for the rows of an event, and presets for new ones. */
function useOfEvent(event: RecordOf<'events'>) {
  return useMemo(
    () => ({ filters: [['event_id', 'eq', event.id]] as Filter[], presets: { event_id: event.id } }),
    [event.id],
  );
}

export function Dates({ event }: Part) {
  return <RelatedRecords entity={eventDates} {...useOfEvent(event)} />;
}

export function Crew({ event }: Part) {
  const entity = useMemo(() => onDateOf(crewAssignments, event.id), [event.id]);
  return <RelatedRecords entity={entity} {...useOfEvent(event)} />;
}

export function Booths({ event }: Part) {
  const ofEvent = useOfEvent(event);
  const booths = useMemo(() => onDateOf(boothAssignments, event.id), [event.id]);
  const equipment = useMemo(() => onDateOf(equipmentAssignments, event.id), [event.id]);
  return (
    <Stack>
      <RelatedRecords
        entity={booths}
        {...ofEvent}
        rowActions={(row) => <HandoverButton handover={handoverOf(row)} />}
      />
      <RelatedRecords entity={equipment} {...ofEvent} />
    </Stack>
  );
}

function handoverOf(row: AnyRow): Handover {
  return {
    kind: 'booth',
    id: row.id,
    status: String(row.status),
    checked_out_at: null,
    thing: { id: String(row.booth_id), name: labelOf(row[aliasOf({ name: 'booth_id' })], toBooth) },
    event: null,
    date: null,
  };
}

export function Design({ event }: Part) {
  const ofEvent = useOfEvent(event);
  return (
    <Stack>
      <RelatedRecords entity={designItems} {...ofEvent} />
      <RelatedRecords entity={customItems} {...ofEvent} />
    </Stack>
  );
}

export function EventMoney({ event }: Part) {
  const { t } = useTranslation();
  const may = useMay();
  const format = useFormat();
  const { data } = useAnswer('event_profit', { event_id: event.id }, { enabled: may('money') });
  const profit = data?.[0];
  const presets = useMemo(() => ({ event_id: event.id, account_id: event.account_id }), [event]);
  const { filters } = useOfEvent(event);
  const costs = profit && profit.labour + profit.custom_items + profit.fees + profit.travel;
  return (
    <Stack>
      {may('money') && (
        <SimpleGrid cols={{ base: 2, sm: 4 }}>
          <StatCard label={t('events.profit.revenue')} value={profit && format.money(profit.revenue)} />
          <StatCard label={t('events.profit.labour')} value={profit && format.money(profit.labour)} />
          <StatCard label={t('events.profit.costs')} value={costs !== undefined && format.money(costs)} />
          <StatCard
            label={t('events.profit.profit')}
            value={profit && format.money(profit.profit)}
            note={profit?.margin_percent != null && `${format.number(profit.margin_percent)} %`}
          />
        </SimpleGrid>
      )}
      <RelatedRecords
        entity={invoices}
        filters={filters}
        presets={presets}
        fields={['invoice_number', 'status', 'due_date', 'total', 'balance']}
      />
    </Stack>
  );
}
