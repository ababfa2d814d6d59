import { Alert, Button, Checkbox, Group, Modal, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { CalendarX2, ReceiptText } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatIn, useFormat } from '../../hooks/format';
import { useRpc } from '../../hooks/records/changes';
import { useRecords } from '../../hooks/records/records';
import { useMay } from '../../hooks/session/roles';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone, notifyProblem } from '../../ui/notify';
import { Panel } from '../../ui/Panel';
import classes from '../availability/Overbookings.module.css';
import type { RecordOf } from '../records/entity';
import { RowLink } from '../today/RowLink';
import { useOpenInvoices } from './open-invoices';

/** Remaining steps for a canceled or postponed event. Renders nothing for other events. */
export function CalledOff({ event }: { event: RecordOf<'events'> }) {
  if (event.status === 'postponed') return <Postponed event={event} />;
  if (event.status === 'cancelled') return <LeftOpen event={event} />;
  return null;
}

/** Says that nothing is held for a postponed event, and sets its new date. */
function Postponed({ event }: { event: RecordOf<'events'> }) {
  const { t } = useTranslation();
  const may = useMay();
  const [opened, { open, close }] = useDisclosure();
  return (
    <Alert color="orange" mb="md" icon={<CalendarX2 size={18} />} title={t('postponed.title')}>
      <Group justify="space-between">
        <Text size="sm">{t('postponed.text')}</Text>
        {may('operations') && (
          <Button size="compact-sm" onClick={open}>
            {t('postponed.setDate')}
          </Button>
        )}
      </Group>
      {opened && <NewDate event={event} onClose={close} />}
    </Alert>
  );
}

function NewDate({ event, onClose }: { event: RecordOf<'events'>; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const reschedule = useRpc('reschedule_event', { showsFailure: true });
  const [day, setDay] = useState('');
  const [times, setTimes] = useState<{ start_time?: string; end_time?: string }>({});
  const [reserves, setReserves] = useState(true);
  const { data } = useRecords('event_dates', {
    filters: [['event_id', 'eq', event.id]],
    order: [
      ['event_date', 'asc'],
      ['start_time', 'asc'],
    ],
    limit: 1,
  });
  const former = data?.[0];
  const submit = (submitted: FormEvent) => {
    submitted.preventDefault();
    reschedule.mutate(
      { event_id: event.id, event_date: day, ...times, reserve: reserves },
      {
        onSuccess: (answer) => {
          const { taken } = answer as { taken: string[] };
          if (taken.length > 0)
            notifyProblem(t('postponed.taken', { date: format.day(day), names: taken.join(', ') }));
          else notifyDone(t(reserves ? 'postponed.reserved' : 'postponed.dated', { date: format.day(day) }));
          onClose();
        },
      },
    );
  };
  return (
    <Modal opened onClose={onClose} title={t('postponed.setDate')}>
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            type="date"
            label={t('field.event_date')}
            required
            value={day}
            onChange={(e) => setDay(e.target.value)}
            data-autofocus
          />
          <SimpleGrid cols={2}>
            {(['start_time', 'end_time'] as const).map((name) => (
              <TextInput
                key={name}
                type="time"
                label={t(`field.${name}`)}
                value={times[name] ?? former?.[name].slice(0, 5) ?? ''}
                onChange={(e) => setTimes({ ...times, [name]: e.target.value })}
              />
            ))}
          </SimpleGrid>
          <Checkbox
            label={t('postponed.reserve')}
            checked={reserves}
            onChange={(e) => setReserves(e.currentTarget.checked)}
          />
          <FormError error={reschedule.error} />
          <DialogActions label={t('save')} onCancel={onClose} isPending={reschedule.isPending} />
        </Stack>
      </form>
    </Modal>
  );
}

/** Invoices of a cancelled event that still ask for money. */
function LeftOpen({ event }: { event: RecordOf<'events'> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { data } = useOpenInvoices(event.id);
  if (!data || data.length === 0) return null;
  return (
    <div className={classes.frame}>
      <Panel
        title={t('cancelling.left')}
        flush
        aside={<ReceiptText size={18} color="var(--mantine-color-orange-light-color)" aria-hidden />}
      >
        {data.map(({ id, status, invoice_number, balance, currency }) => (
          <RowLink
            key={id}
            to={`/invoices/${id}`}
            title={invoice_number ?? t(`option.${status}`)}
            text={t('cancelling.leftText')}
            aside={formatIn(format, currency).money(balance)}
            wraps
          />
        ))}
      </Panel>
    </div>
  );
}
