import { Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useSaveRecord } from '../../hooks/records/changes';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import type { Booked } from './booked';
import { useHoldUntil } from './hold-until';

/** Gives a hold another last day. */
export function ExtendHold({
  booked,
  onClose,
}: {
  booked: Pick<Booked, 'id' | 'booth'>;
  onClose: () => void;
}) {
  const { t } = useTranslation();
  const format = useFormat();
  const { proposed, endOf } = useHoldUntil();
  const [until, setUntil] = useState(proposed);
  const save = useSaveRecord('booth_assignments', { showsFailure: true });
  const run = () =>
    save.mutate(
      { id: booked.id, changes: { status: 'hold', hold_expires_at: endOf(until) } },
      {
        onSuccess: () => {
          notifyDone(t('holds.done', { date: format.date(until) }));
          onClose();
        },
      },
    );
  return (
    <Modal opened onClose={onClose} title={t('holds.extendBooth', { name: booked.booth?.name })}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (until >= format.today) run();
        }}
      >
        <Stack>
          <TextInput
            type="date"
            label={t('holds.untilDay')}
            value={until}
            min={format.today}
            onChange={(event) => setUntil(event.target.value)}
            required
            data-autofocus
          />
          <FormError error={save.error} />
          <DialogActions
            label={t('save')}
            onCancel={onClose}
            isPending={save.isPending}
            isDisabled={until < format.today}
          />
        </Stack>
      </form>
    </Modal>
  );
}
