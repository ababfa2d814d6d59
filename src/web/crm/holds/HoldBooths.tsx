import { Modal, Radio, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useRpc } from '../../hooks/records/changes';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { toBooth, toBoothType } from '../entities/references';
import { ReferenceInput } from '../records/fields/ReferenceInput';
import { useHoldUntil } from './hold-until';

const WHAT = ['quote', 'type', 'booth'] as const;

/** Holds booths for all dates of a deal: what its quote needs, any booth of a type, or a certain booth. */
export function HoldBooths({ opportunityId, onClose }: { opportunityId: string; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { proposed, endOf } = useHoldUntil();
  const [what, setWhat] = useState<(typeof WHAT)[number]>('quote');
  const [typeId, setType] = useState<string | null>(null);
  const [boothId, setBooth] = useState<string | null>(null);
  const [until, setUntil] = useState(proposed);
  const hold = useRpc('hold_booths', { showsFailure: true });
  const ready = until >= format.today && (what === 'quote' || (what === 'type' ? typeId : boothId) !== null);
  const run = () =>
    hold.mutate(
      {
        opportunity_id: opportunityId,
        expires_at: endOf(until),
        ...(what === 'type' && typeId ? { booth_type_id: typeId } : {}),
        ...(what === 'booth' && boothId ? { booth_id: boothId } : {}),
      },
      {
        onSuccess: () => {
          notifyDone(t('holds.done', { date: format.date(until) }));
          onClose();
        },
      },
    );
  return (
    <Modal opened onClose={onClose} title={t('holds.dialog')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (ready) run();
        }}
      >
        <Stack>
          <Radio.Group
            label={t('holds.what')}
            value={what}
            onChange={(value) => setWhat(value as typeof what)}
          >
            <Stack gap="xs" mt="xs">
              {WHAT.map((value, index) => (
                <Radio
                  key={value}
                  value={value}
                  label={t(`holds.of.${value}`)}
                  {...(index === 0 ? { 'data-autofocus': true } : {})}
                />
              ))}
            </Stack>
          </Radio.Group>
          {what === 'type' && (
            <ReferenceInput
              label={t('field.booth_type_id')}
              reference={toBoothType}
              value={typeId}
              onChange={setType}
            />
          )}
          {what === 'booth' && (
            <ReferenceInput
              label={t('field.booth_id')}
              reference={toBooth}
              value={boothId}
              onChange={setBooth}
            />
          )}
          <TextInput
            type="date"
            label={t('holds.untilDay')}
            description={t('holds.untilText')}
            value={until}
            min={format.today}
            onChange={(event) => setUntil(event.target.value)}
            required
          />
          <FormError error={hold.error} />
          <DialogActions
            label={t('holds.hold')}
            onCancel={onClose}
            isPending={hold.isPending}
            isDisabled={!ready}
          />
        </Stack>
      </form>
    </Modal>
  );
}
