import { Button } from '@mantine/core';
import { Wrench } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSaveRecord } from '../../hooks/records/changes';
import type { Filter } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { notifyDone } from '../../ui/notify';
import { PageColumns } from '../../ui/PageColumns';
import { OutOfService } from '../availability/OutOfService';
import { boothBookings } from '../entities/events';
import { booths, equipmentItems } from '../entities/inventory';
import type { AnyRow } from '../records/entity';
import { RecordFacts } from '../records/RecordFacts';
import { RecordPage } from '../records/RecordPage';
import { RelatedRecords } from '../records/RelatedRecords';
import { Files } from '../timeline/Files';
import { History } from '../timeline/History';
import { Notes } from '../timeline/Notes';
import { ItemCode, ItemNow } from './ItemNow';
import { PrintLabels } from './PrintLabels';

/** The page of a booth: location, kit and bookings. The QR code on its label links here. */
export function BoothScreen() {
  return (
    <RecordPage
      entity={booths}
      actions={(record) => (
        <>
          <Maintenance record={record} />
          <PrintLabels of="booths" ids={[record.id]} />
        </>
      )}
      tabs={[
        {
          key: 'overview',
          content: (record) => (
            <PageColumns
              main={
                <>
                  <OutOfService thing={record.id} />
                  <ItemNow table="booths" id={record.id} />
                  <Parts record={record} />
                </>
              }
              side={
                <>
                  <RecordFacts entity={booths} record={record} without={['name', 'status']} />
                  <ItemCode of="booths" id={record.id} />
                  <Notes entityType="booth" entityId={record.id} />
                </>
              }
            />
          ),
        },
        { key: 'files', content: (record) => <Files entityType="booth" entityId={record.id} /> },
        { key: 'history', content: (record) => <History kind="booths" record={record} /> },
      ]}
    />
  );
}

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
