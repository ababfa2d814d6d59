import { SimpleGrid, Stack } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatIn, useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/records/functions';
import type { Filter } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
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
import { toBooth, toDateOf, toEquipmentItem, toStaffRole } from '../entities/references';
import { HandoverButton } from '../inventory/HandoverButton';
import type { Handover } from '../inventory/handover';
import { CopyClientLink } from '../mail/CopyClientLink';
import type { RecordOf } from '../records/entity';
import { type AnyRow, aliasOf, labelOf } from '../records/entity';
import { RelatedRecords } from '../records/RelatedRecords';
import { useOnlyChoice } from './use-only-choice';

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

const CREW_ROLES: Filter[] = [
  ['is_active', 'eq', true],
  ['type', 'eq', 'event_staff'],
];

export function Crew({ event }: Part) {
  const entity = useMemo(() => onDateOf(crewAssignments, event.id), [event.id]);
  const suggested = {
    event_date_id: useOnlyChoice(toDateOf(event.id)),
    staff_role_id: useOnlyChoice({ ...toStaffRole, filters: CREW_ROLES }),
  };
  return <RelatedRecords entity={entity} {...useOfEvent(event)} suggested={suggested} />;
}

export function Booths({ event }: Part) {
  const ofEvent = useOfEvent(event);
  const booths = useMemo(() => onDateOf(boothAssignments, event.id), [event.id]);
  const equipment = useMemo(() => onDateOf(equipmentAssignments, event.id), [event.id]);
  const suggested = { event_date_id: useOnlyChoice(toDateOf(event.id)) };
  return (
    <Stack>
      <RelatedRecords
        entity={booths}
        {...ofEvent}
        suggested={suggested}
        rowActions={(row) => <HandoverButton handover={handoverOf('booth', row, event)} />}
      />
      <RelatedRecords
        entity={equipment}
        {...ofEvent}
        suggested={suggested}
        rowActions={(row) =>
          // A booth's kit goes out with its booth.
          row.booth_assignment_id === null && (
            <HandoverButton handover={handoverOf('equipment', row, event)} />
          )
        }
      />
    </Stack>
  );
}

function handoverOf(kind: Handover['kind'], row: AnyRow, event: RecordOf<'events'>): Handover {
  const [column, reference] =
    kind === 'booth' ? (['booth_id', toBooth] as const) : (['equipment_item_id', toEquipmentItem] as const);
  return {
    kind,
    id: row.id,
    status: String(row.status),
    checked_out_at: null,
    item: { id: String(row[column]), name: labelOf(row[aliasOf({ name: column })], reference) },
    event: { id: event.id, title: event.title },
    date: (row[aliasOf({ name: 'event_date_id' })] as Handover['date'] | undefined) ?? null,
  };
}

export function Design({ event }: Part) {
  const { t } = useTranslation();
  const may = useMay();
  const ofEvent = useOfEvent(event);
  return (
    <Stack>
      <RelatedRecords
        entity={designItems}
        {...ofEvent}
        aside={
          may('sales') && (
            <CopyClientLink
              size="compact-sm"
              path={`/api/events/${event.id}/design-link`}
              text={t('client.designLinkText')}
            />
          )
        }
      />
      <RelatedRecords entity={customItems} {...ofEvent} />
    </Stack>
  );
}

export function EventMoney({ event }: Part) {
  const { t } = useTranslation();
  const may = useMay();
  const format = useFormat();
  const { data } = useAnswer('event_profit', { event_id: event.id }, { enabled: may('money') });
  const presets = useMemo(() => ({ event_id: event.id, account_id: event.account_id }), [event]);
  const { filters } = useOfEvent(event);
  /** A figure in each currency. */
  const figure = (of: (profit: NonNullable<typeof data>[number]) => number) =>
    data?.map((profit) => formatIn(format, profit.currency).money(of(profit))).join(' + ');
  const [only, ...others] = data ?? [];
  return (
    <Stack>
      {may('money') && (
        <SimpleGrid cols={{ base: 2, sm: 4 }}>
          <StatCard label={t('events.profit.revenue')} value={figure(({ revenue }) => revenue)} />
          <StatCard label={t('events.profit.labour')} value={figure(({ labour }) => labour)} />
          <StatCard
            label={t('events.profit.costs')}
            value={figure(({ labour, custom_items, fees, travel }) => labour + custom_items + fees + travel)}
          />
          <StatCard
            label={t('events.profit.profit')}
            value={figure(({ profit }) => profit)}
            note={others.length === 0 && only?.margin_percent != null && format.rate(only.margin_percent)}
          />
        </SimpleGrid>
      )}
      <RelatedRecords
        entity={invoices}
        filters={filters}
        presets={presets}
        fields={['invoice_number', 'status', 'next_due_date', 'total', 'balance']}
      />
    </Stack>
  );
}
