import { Alert, Group, Modal, SegmentedControl, Select, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRecords } from '../../hooks/records/records';
import type { Filter } from '../../hooks/request/query';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { Lines } from '../../ui/Panel';
import { type Handover, type Return, useHandover } from './handover';

const CONDITIONS = ['excellent', 'good', 'fair', 'needs_repair'];

/** Check-in form: missing or damaged parts of the kit, and the condition. */
export function CheckIn({ handover, onClose }: { handover: Handover; onClose: () => void }) {
  const { t } = useTranslation();
  const { checkIn } = useHandover();
  const [condition, setCondition] = useState('good');
  const [states, setStates] = useState<Record<string, string>>({});
  const filters = useMemo((): Filter[] => [['booth_assignment_id', 'eq', handover.id]], [handover.id]);
  const kit = useRecords<
    'equipment_assignments',
    { item: { id: string; name: string; asset_tag: string } | null }
  >(
    'equipment_assignments',
    {
      select: 'id,item:equipment_items!equipment_assignments_equipment_item_id_fkey(id,name,asset_tag)',
      filters,
    },
    { enabled: handover.kind === 'booth' && !handover.kit },
  );
  const parts = handover.kit ?? kit.data;
  const those = (state: string) => Object.keys(states).filter((id) => states[id] === state);
  const take = useMutation({
    meta: { showsFailure: true },
    mutationFn: (back: Return) => checkIn(handover, back),
    onSuccess: (how) => {
      notifyDone(t(`inventory.isBack.${how}`, { name: handover.item?.name, event: handover.event?.title }));
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title={t('handover.title', { name: handover.item?.name })}>
      <Stack>
        <Text size="sm" c="dimmed">
          {handover.event?.title}
        </Text>
        {handover.kind === 'booth' &&
          (kit.isLoading ? (
            <Lines count={3} />
          ) : (
            parts?.map(
              ({ item }) =>
                item && (
                  <Group key={item.id} justify="space-between" gap="xs">
                    <div>
                      <Text size="sm" fw={550}>
                        {item.name}
                      </Text>
                      <Text size="xs" c="dimmed">
                        {item.asset_tag}
                      </Text>
                    </div>
                    <SegmentedControl
                      size="xs"
                      value={states[item.id] ?? 'here'}
                      onChange={(state) => setStates({ ...states, [item.id]: state })}
                      data={['here', 'damaged', 'missing'].map((value) => ({
                        value,
                        label: t(`handover.${value}`),
                      }))}
                      aria-label={item.name}
                    />
                  </Group>
                ),
            )
          ))}
        <Select
          label={t('field.condition')}
          data={CONDITIONS.map((value) => ({ value, label: t(`option.${value}`) }))}
          value={condition}
          onChange={(value) => setCondition(value ?? 'good')}
        />
        {those('missing').length > 0 && <Alert color="orange">{t('handover.incomplete')}</Alert>}
        <FormError error={take.error} />
        <DialogActions
          label={t('inventory.checkIn')}
          onCancel={onClose}
          onConfirm={() => take.mutate({ condition, missing: those('missing'), damaged: those('damaged') })}
          isPending={take.isPending}
        />
      </Stack>
    </Modal>
  );
}
