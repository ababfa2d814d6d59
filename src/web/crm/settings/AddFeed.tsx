import { Modal, Radio, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CalendarFeedAnswer, OpenedFeed } from '@/server/api/connections/calendars';
import { useAddFeed } from '../../hooks/company/connections';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { toBooth } from '../entities/references';
import { ReferenceInput } from '../records/fields/ReferenceInput';

interface Properties {
  onClose: () => void;
  onOpened: (feed: OpenedFeed) => void;
}

/** Creates a calendar feed. */
export function AddFeed({ onClose, onOpened }: Properties) {
  const { t } = useTranslation();
  const add = useAddFeed();
  const [name, setName] = useState('');
  const [subject, setSubject] = useState('user');
  const [boothId, setBooth] = useState<string | null>(null);
  const [detail, setDetail] = useState<CalendarFeedAnswer['detail']>('full');
  const isComplete = name.trim() !== '' && (subject === 'user' || boothId !== null);
  const save = () =>
    add.mutate(
      { name: name.trim(), detail, ...(subject === 'booth' && boothId ? { boothId } : {}) },
      {
        onSuccess: (feed) => {
          onClose();
          onOpened(feed);
        },
      },
    );
  return (
    <Modal opened onClose={onClose} title={t('feeds.add')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Stack>
          <TextInput
            label={t('field.name')}
            description={t('feeds.nameText')}
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.target.value)}
            data-autofocus
            required
          />
          <Radio.Group label={t('feeds.of')} value={subject} onChange={setSubject}>
            <Stack gap="xs" mt="xs">
              <Radio value="user" label={t('feeds.mine')} />
              <Radio value="booth" label={t('feeds.ofBooth')} />
            </Stack>
          </Radio.Group>
          {subject === 'booth' && (
            <ReferenceInput
              canCreate={false}
              label={t('field.booth_id')}
              required
              reference={toBooth}
              value={boothId}
              onChange={setBooth}
            />
          )}
          <Radio.Group
            label={t('feeds.shows')}
            value={detail}
            onChange={(value) => setDetail(value as CalendarFeedAnswer['detail'])}
          >
            <Stack gap="xs" mt="xs">
              <Radio value="full" label={t('feeds.detail.full')} />
              <Radio value="busy" label={t('feeds.detail.busy')} />
            </Stack>
          </Radio.Group>
          <FormError error={add.error} />
          <DialogActions
            label={t('add')}
            onCancel={onClose}
            isPending={add.isPending}
            isDisabled={!isComplete}
          />
        </Stack>
      </form>
    </Modal>
  );
}
