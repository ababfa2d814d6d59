import { Button, Modal, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Wrench } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { shiftDays, useFormat } from '../../hooks/format';
import { useSaveRecord } from '../../hooks/records/changes';
import type { Filter } from '../../hooks/request/query';
import { useMay } from '../../hooks/session/roles';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { equipmentBookings } from '../entities/events';
import { equipmentItems } from '../entities/inventory';
import type { AnyRow } from '../records/entity';
import { RelatedRecords } from '../records/RelatedRecords';
import { ItemScreen } from './ItemScreen';

/** The page of an equipment item. */
export function EquipmentScreen() {
  return (
    <ItemScreen
      entity={equipmentItems}
      table="equipment_items"
      of="equipment"
      entityType="equipment_item"
      action={(record) => <ServiceDone record={record} />}
      bookings={(record) => <Bookings record={record} />}
    />
  );
}

function Bookings({ record }: { record: AnyRow }) {
  const filters = useMemo((): Filter[] => [['equipment_item_id', 'eq', record.id]], [record.id]);
  return (
    <RelatedRecords
      entity={equipmentBookings}
      filters={filters}
      canAdd={false}
      order={[['per', 'desc']]}
      fields={['event_id', 'event_date_id', 'quantity', 'status', 'condition']}
    />
  );
}

const HALF_A_YEAR = 182;
const CONDITIONS = ['excellent', 'good', 'fair', 'needs_repair'] as const;

/** Records a maintenance and its next due date. */
function ServiceDone({ record }: { record: AnyRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const save = useSaveRecord('equipment_items', { showsFailure: true });
  const note = useSaveRecord('notes');
  const [opened, { open, close }] = useDisclosure();
  const [next, setNext] = useState(shiftDays(format.today, HALF_A_YEAR));
  const [condition, setCondition] = useState<string>('good');
  const [done, setDone] = useState('');
  if (!may('operations')) return null;
  const run = () =>
    save.mutate(
      {
        id: record.id,
        version: record.version,
        changes: {
          condition,
          next_service_due: next || null,
          status: record.status === 'maintenance' ? 'available' : String(record.status),
        },
      },
      {
        onSuccess: () => {
          const content = [t('service.note', { date: format.date(format.today) }), done.trim()]
            .filter(Boolean)
            .join(' ');
          note.mutate({ changes: { entity_type: 'equipment_item', entity_id: record.id, content } });
          notifyDone(t('saved'));
          close();
        },
      },
    );
  return (
    <>
      <Button variant="default" leftSection={<Wrench size={15} />} onClick={open}>
        {t('service.done')}
      </Button>
      <Modal opened={opened} onClose={close} title={t('service.title', { name: String(record.name) })}>
        <Stack>
          <Textarea
            label={t('service.what')}
            value={done}
            onChange={(event) => setDone(event.target.value)}
            autosize
            minRows={2}
            data-autofocus
          />
          <Select
            label={t('field.condition')}
            data={CONDITIONS.map((value) => ({ value, label: t(`option.${value}`) }))}
            value={condition}
            onChange={(value) => setCondition(value ?? 'good')}
          />
          <TextInput
            type="date"
            label={t('field.next_service_due')}
            value={next}
            onChange={(event) => setNext(event.target.value)}
          />
          <FormError error={save.error} />
          <DialogActions label={t('save')} onCancel={close} onConfirm={run} isPending={save.isPending} />
        </Stack>
      </Modal>
    </>
  );
}
