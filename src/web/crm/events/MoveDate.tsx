import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSaveRecord } from '../../hooks/changes';
import { useFormat } from '../../hooks/format';
import { useAnswer } from '../../hooks/functions';
import { explain, notifyDone } from '../../ui/notify';
import { Lines } from '../../ui/Panel';
import { type Availability, Reasons } from '../availability/CanWeTakeIt';

export interface Move {
  dateId: string;
  eventId: string;
  title: string;
  /** `YYYY-MM-DD` */
  from: string;
  to: string;
  startTime: string;
  endTime: string;
  /** Puts the entry back where it was. */
  takeBack: () => void;
}

/** What moving a date would mean, before it happens: bookings and deadlines move with it, or it is refused. */
export function MoveDate({ move, onClose }: { move: Move; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const save = useSaveRecord('event_dates');
  const answer = useAnswer<'check_availability', Availability>('check_availability', {
    dates: [{ event_date: move.to, start_time: move.startTime, end_time: move.endTime }],
    without_event: move.eventId,
  });
  const cancel = () => {
    move.takeBack();
    onClose();
  };
  const run = () =>
    save.mutate(
      { id: move.dateId, changes: { event_date: move.to } },
      {
        onSuccess: () => {
          const undo = () => save.mutate({ id: move.dateId, changes: { event_date: move.from } });
          notifyDone(t('events.moved', { date: format.day(move.to) }), undo);
          onClose();
        },
      },
    );
  const [date] = answer.data?.dates ?? [];
  return (
    <Modal opened onClose={cancel} title={t('events.move.title', { title: move.title })}>
      <Stack>
        <Text>
          {format.day(move.from)} → <b>{format.day(move.to)}</b>
        </Text>
        <Text size="sm" c="dimmed">
          {t('events.move.text')}
        </Text>
        {date ? <Reasons date={date} /> : <Lines count={3} />}
        {save.error && <Alert color="red">{explain(save.error)}</Alert>}
        <Group justify="flex-end">
          <Button variant="default" onClick={cancel}>
            {t('cancel')}
          </Button>
          <Button onClick={run} loading={save.isPending}>
            {t('events.move.run')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
