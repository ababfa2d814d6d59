import { Alert, Button, List, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatIn, useFormat } from '../../hooks/format';
import { useRpc } from '../../hooks/records/changes';
import { useRecords } from '../../hooks/records/records';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { eventDates } from '../entities/events';
import { isActive } from '../holds/booked';
import type { RecordOf } from '../records/entity';
import { RecordDrawer } from '../records/RecordDrawer';

interface Properties {
  deal: RecordOf<'opportunities'>;
  opened: boolean;
  onClose: () => void;
}

/** Previews what winning an opportunity creates, then converts it in one transaction. */
export function ConvertOpportunity({ deal, opened, onClose }: Properties) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const [title, setTitle] = useState('');
  const [adding, { open: addDate, close: closeDate }] = useDisclosure();
  const convert = useRpc('convert_opportunity', { showsFailure: true });
  const ofDeal = { filters: [['opportunity_id', 'eq', deal.id]] as const };
  const standing = [...ofDeal.filters, ['status', 'neq', 'cancelled']] as const;
  const dates =
    useRecords('event_dates', { filters: standing, order: [['event_date', 'asc']] }, { enabled: opened })
      .data ?? [];
  const holds = useRecords(
    'booth_assignments',
    {
      filters: [
        ['event_date_id', 'in', dates.map(({ id }) => id)],
        ['status', 'in', ['hold', 'reserved']],
      ],
    },
    { enabled: opened && dates.length > 0 },
  ).data;
  const accepted = useRecords(
    'quotes',
    { filters: [...ofDeal.filters, ['status', 'eq', 'accepted']] },
    { enabled: opened },
  ).data?.[0];
  const run = () =>
    convert.mutate(
      { opportunity_id: deal.id, ...(title ? { event_title: title } : {}) },
      {
        onSuccess: (event) => {
          notifyDone(t('opportunity.converted'));
          onClose();
          void navigate({ to: `/events/${event.id}` as '/' });
        },
      },
    );
  if (adding) {
    return (
      <RecordDrawer entity={eventDates} opened presets={{ opportunity_id: deal.id }} onClose={closeDate} />
    );
  }
  return (
    <Modal opened={opened} onClose={onClose} title={t('opportunity.convertTitle')}>
      <Stack>
        {dates.length === 0 ? (
          <Alert color="orange">
            <Stack align="flex-start" gap="xs">
              {t('opportunity.needsDate')}
              <Button size="xs" onClick={addDate}>
                {t('opportunity.addDate')}
              </Button>
            </Stack>
          </Alert>
        ) : (
          <>
            <Text size="sm" c="dimmed">
              {t('opportunity.convertText')}
            </Text>
            <List size="sm" spacing={6}>
              <List.Item>
                {t('opportunity.carriesDates', {
                  dates: dates.map((date) => format.day(date.event_date)).join(', '),
                })}
              </List.Item>
              <List.Item>
                {t('opportunity.carriesHolds', { count: holds?.filter(isActive).length ?? 0 })}
              </List.Item>
              <List.Item>
                {accepted
                  ? t('opportunity.carriesQuote', {
                      number: accepted.quote_number,
                      amount: formatIn(format, accepted.currency).money(accepted.total),
                    })
                  : t('opportunity.noQuote')}
              </List.Item>
              <List.Item>{t('opportunity.makesChecklist')}</List.Item>
            </List>
            <TextInput
              label={t('opportunity.eventTitle')}
              placeholder={deal.name}
              value={title}
              onChange={(event) => setTitle(event.target.value)}
            />
          </>
        )}
        <FormError error={convert.error} />
        <DialogActions
          label={t('opportunity.convert')}
          onCancel={onClose}
          onConfirm={run}
          isPending={convert.isPending}
          isDisabled={dates.length === 0}
          focus="action"
        />
      </Stack>
    </Modal>
  );
}
