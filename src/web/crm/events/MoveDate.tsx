import { Alert, List, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { useFormat } from '../../hooks/format';
import { useSaveRecord } from '../../hooks/records/changes';
import { useAnswer } from '../../hooks/records/functions';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { Lines } from '../../ui/Panel';

/** A date with start and end, in the event's local time. */
export interface Times {
  /** `YYYY-MM-DD` */
  event_date: string;
  start_time: string;
  end_time: string;
  setup_time: string | null;
}

export interface Move {
  dateId: string;
  title: string;
  from: Times;
  to: Times;
  /** Moves the calendar entry back to its previous place. */
  takeBack: () => void;
}

/** Result of `preview_move`. */
interface Preview {
  is_refused: boolean;
  conflicts: {
    kind: string;
    id: string;
    name?: string;
    event?: string;
    taken?: string;
    away?: [string, string];
    /** Of equipment that is counted. */
    needed?: number;
    free?: number;
  }[];
  booths: string[];
  equipment: number;
  people: string[];
  deadlines: number;
}

/** Preview of moving a date: what moves with it, and the conflicts that prevent it. */
export function MoveDate({ move, onClose }: { move: Move; onClose: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const save = useSaveRecord('event_dates', { showsFailure: true });
  const undo = useSaveRecord('event_dates');
  const { dateId, from, to } = move;
  const { setup_time, ...times } = to;
  const { data: preview, error } = useAnswer<'preview_move', Preview>('preview_move', {
    event_date_id: dateId,
    ...times,
    ...(setup_time ? { setup_time } : {}),
  });
  const cancel = () => {
    move.takeBack();
    onClose();
  };
  const run = () =>
    save.mutate(
      { id: dateId, changes: to },
      {
        onSuccess: ({ version }) => {
          const takeBack = () => undo.mutate({ id: dateId, version, changes: from });
          notifyDone(t('events.moved', { date: format.day(to.event_date) }), takeBack);
          onClose();
        },
      },
    );
  const inWords = ({ event_date, start_time, end_time }: Times) =>
    `${format.day(event_date)}, ${format.clock(start_time)} – ${format.clock(end_time)}`;
  const isRefused = preview?.is_refused === true && preview.conflicts.length > 0;
  const failure = save.error ?? error;
  return (
    <Modal opened onClose={cancel} title={t('events.move.title', { title: move.title })}>
      <Stack>
        <Text>
          {inWords(from)} → <b>{inWords(to)}</b>
        </Text>
        {preview ? <Consequences preview={preview} /> : !error && <Lines count={3} />}
        <FormError error={failure} />
        <DialogActions
          label={t('events.move.run')}
          onCancel={cancel}
          onConfirm={run}
          isPending={save.isPending}
          isDisabled={!preview || isRefused}
          focus="cancel"
        />
      </Stack>
    </Modal>
  );
}

function Consequences({ preview }: { preview: Preview }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const { booths, people, equipment, deadlines, conflicts } = preview;
  const along = [
    booths.length > 0 && t('events.move.booths', { names: booths.join(', ') }),
    equipment > 0 && t('events.move.equipment', { count: equipment }),
    people.length > 0 && t('events.move.people', { names: people.map(nameOf).join(', ') }),
    deadlines > 0 && t('events.move.deadlines', { count: deadlines }),
  ].filter((text) => text !== false);
  return (
    <>
      <div>
        <Text size="sm" fw={600}>
          {t(along.length > 0 ? 'events.move.along' : 'events.move.nothing')}
        </Text>
        <List size="sm">
          {along.map((text) => (
            <List.Item key={text}>{text}</List.Item>
          ))}
        </List>
      </div>
      {conflicts.length > 0 && (
        <Alert
          color={preview.is_refused ? 'red' : 'orange'}
          title={t(preview.is_refused ? 'events.move.refused' : 'events.move.overbooks')}
        >
          <List size="sm">
            {conflicts.map(({ kind, id, name, event, taken, away, needed, free }) => (
              <List.Item key={kind + id + (event ?? '')}>
                {away
                  ? t('events.move.away', { name: nameOf(id), days: format.days(...away) })
                  : needed !== undefined
                    ? t('events.move.short', { name, needed, free })
                    : t('events.move.taken', { name: name ?? nameOf(id), event: event ?? '–', time: taken })}
              </List.Item>
            ))}
          </List>
        </Alert>
      )}
    </>
  );
}
