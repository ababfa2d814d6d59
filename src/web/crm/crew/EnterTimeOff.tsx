import { Group, Modal, SegmentedControl, Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { useFormat } from '../../hooks/format';
import { useRpc } from '../../hooks/records/changes';
import { useMay } from '../../hooks/session/roles';
import { useSignedIn } from '../../hooks/session/session';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';

const REASONS = ['vacation', 'sick', 'other'];

/** Form for time off: one's own or, for managers, anyone's. */
export function EnterTimeOff({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const may = useMay();
  const { user } = useSignedIn();
  const { people } = usePeople();
  const enter = useRpc('enter_time_off');
  const remove = useRpc('remove_time_off');
  const [person, setPerson] = useState(user.id);
  const [first, setFirst] = useState(format.today);
  const [last, setLast] = useState(format.today);
  const [reason, setReason] = useState('vacation');
  const [note, setNote] = useState('');
  const save = () =>
    enter.mutate(
      { first_day: first, last_day: last, person, reason, ...(note.trim() ? { note } : {}) },
      {
        onSuccess: (id) => {
          notifyDone(t('timeOff.entered'), () => remove.mutate({ time_off_id: id }));
          onClose();
        },
      },
    );
  return (
    <Modal opened onClose={onClose} title={t('timeOff.enter')}>
      <Stack
        component="form"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        {may('operations') && (
          <Select
            label={t('field.user_id')}
            searchable
            value={person}
            data={people
              .filter(({ status }) => status === 'active')
              .map(({ id, displayName }) => ({ value: id, label: displayName }))}
            onChange={(next) => next && setPerson(next)}
          />
        )}
        <Group grow align="flex-start">
          <TextInput
            type="date"
            label={t('period.from')}
            required
            data-autofocus
            value={first}
            onChange={({ target }) => {
              setFirst(target.value);
              if (target.value > last) setLast(target.value);
            }}
          />
          <TextInput
            type="date"
            label={t('period.to')}
            required
            value={last}
            error={last && last < first ? t('period.backwards') : undefined}
            onChange={({ target }) => setLast(target.value)}
          />
        </Group>
        <div>
          <Text size="sm" fw={500} mb={4} id="time-off-reason">
            {t('timeOff.reason')}
          </Text>
          <SegmentedControl
            fullWidth
            aria-labelledby="time-off-reason"
            value={reason}
            onChange={setReason}
            data={REASONS.map((value) => ({ value, label: t(`option.${value}`) }))}
          />
        </div>
        <Textarea
          label={t('timeOff.note')}
          description={t('timeOff.noteHint')}
          maxLength={500}
          autosize
          minRows={2}
          value={note}
          onChange={({ target }) => setNote(target.value)}
        />
        <FormError error={enter.error} />
        <DialogActions
          label={t('save')}
          onCancel={onClose}
          isPending={enter.isPending}
          isDisabled={!first || !last || last < first}
        />
      </Stack>
    </Modal>
  );
}
