import { Button } from '@mantine/core';
import { Wrench } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSaveRecord } from '../../hooks/records/changes';
import type { Filter } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { notifyDone } from '../../ui/notify';
import { boothBookings } from '../entities/events';
import { booths, equipmentItems } from '../entities/inventory';
import type { AnyRow } from '../records/entity';
import { RelatedRecords } from '../records/RelatedRecords';
import { ItemScreen } from './ItemScreen';

/** The page of a booth. */
export function BoothScreen() {
  return (
    <ItemScreen
      entity={booths}
      table="booths"
      of="booths"
      entityType="booth"
      action={(record) => <Maintenance record={record} />}
      bookings={(record) => <Parts record={record} />}
    />
  );
}

/** The kit of a booth, and its bookings. */
function Parts({ record }: { record: AnyRow }) {
  const { t } = useTranslation();
  const filters = useMemo((): Filter[] => [['booth_id', 'eq', record.id]], [record.id]);
  const presets = useMemo(() => ({ booth_id: record.id }), [record.id]);
  return (
    <>
      <RelatedRecords
        entity={equipmentItems}
        title={t('inventory.kit')}
        filters={filters}
        presets={presets}
        fields={['name', 'asset_tag', 'status', 'condition', 'next_service_due']}
      />
      <RelatedRecords
        entity={boothBookings}
        filters={filters}
        canAdd={false}
        order={[['per', 'desc']]}
        fields={['event_id', 'event_date_id', 'status', 'checked_in_at', 'condition']}
      />
    </>
  );
}

function Maintenance({ record }: { record: AnyRow }) {
  const { t } = useTranslation();
  const may = useMay();
  const save = useSaveRecord('booths');
  if (!may('operations') || record.status === 'retired') return null;
  const next = record.status === 'ready' ? 'maintenance' : 'ready';
  return (
    <Button
      variant="default"
      leftSection={<Wrench size={15} />}
      loading={save.isPending}
      onClick={() =>
        save.mutate({ id: record.id, changes: { status: next } }, { onSuccess: () => notifyDone(t('saved')) })
      }
    >
      {t(`inventory.become.${next}`)}
    </Button>
  );
}
