import { Button, Group, Menu } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { ChevronDown, Printer } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { serverAddress } from '../../hooks/page/address';
import { useRpc, useSaveRecord } from '../../hooks/records/changes';
import { useMay } from '../../hooks/session/roles';
import { useSignedIn } from '../../hooks/session/session';
import { confirm } from '../../ui/confirm';
import { notifyDone } from '../../ui/notify';
import { PageColumns } from '../../ui/PageColumns';
import { StatusBadge } from '../../ui/StatusBadge';
import { OutOfService } from '../availability/OutOfService';
import { Overbookings } from '../availability/Overbookings';
import { events } from '../entities/events';
import type { RecordOf } from '../records/entity';
import { RecordFacts } from '../records/RecordFacts';
import { RecordPage } from '../records/RecordPage';
import { Files } from '../timeline/Files';
import { History } from '../timeline/History';
import { Messages } from '../timeline/Messages';
import { Notes } from '../timeline/Notes';
import { CalledOff } from './CalledOff';
import { CancelEvent } from './CancelEvent';
import { Checklist } from './Checklist';
import { Contracts } from './Contracts';
import { EventGlance } from './EventGlance';
import { Booths, Crew, Dates, Design, EventMoney } from './EventParts';
import { EventReadiness } from './EventReadiness';

/** The page of an event. */
export function EventScreen() {
  const format = useFormat();
  const may = useMay();
  const { user } = useSignedIn();
  return (
    <RecordPage<RecordOf<'events'>>
      entity={events}
      badge={(event) => (
        <Group gap={6}>
          <StatusBadge value={event.status} size="lg" />
          <StatusBadge value={event.priority} size="lg" />
        </Group>
      )}
      subtitle={(event) =>
        [
          event.event_number,
          // A postponed event has no date: what stands there is the former one.
          event.start_date &&
            event.status !== 'postponed' &&
            `${format.day(event.start_date)} · ${format.fromToday(event.start_date)}`,
        ]
          .filter(Boolean)
          .join(' · ')
      }
      actions={(event) => <EventActions event={event} />}
      summary={(event) =>
        user.role !== 'staff' && (
          <>
            <CalledOff event={event} />
            <Overbookings eventId={event.id} />
            <OutOfService eventId={event.id} />
          </>
        )
      }
      tabs={[
        {
          key: 'overview',
          content: (event) => (
            <PageColumns
              main={
                <>
                  <EventGlance event={event} />
                  {user.role !== 'staff' && <EventReadiness event={event} />}
                  <RecordFacts entity={events} record={event} without={['title', 'status', 'event_number']} />
                </>
              }
              side={
                <>
                  <Checklist eventId={event.id} compact />
                  <Notes entityType="event" entityId={event.id} />
                </>
              }
            />
          ),
        },
        { key: 'dates', content: (event) => <Dates event={event} /> },
        { key: 'crew', content: (event) => <Crew event={event} /> },
        { key: 'booths', content: (event) => <Booths event={event} /> },
        { key: 'design', content: (event) => <Design event={event} /> },
        { key: 'checklist', content: (event) => <Checklist eventId={event.id} /> },
        { key: 'money', shown: may('prices'), content: (event) => <EventMoney event={event} /> },
        { key: 'contract', shown: may('prices'), content: (event) => <Contracts eventId={event.id} /> },
        {
          key: 'messages',
          shown: may('prices'),
          content: (event) => <Messages link="event_id" id={event.id} />,
        },
        { key: 'files', content: (event) => <Files entityType="event" entityId={event.id} /> },
        { key: 'history', content: (event) => <History kind="events" record={event} /> },
      ]}
    />
  );
}

const NEXT_STATUSES: Record<string, readonly string[]> = {
  tentative: ['confirmed', 'postponed', 'cancelled'],
  confirmed: ['in_progress', 'completed', 'postponed', 'cancelled'],
  in_progress: ['completed'],
  postponed: ['tentative', 'cancelled'],
  completed: ['confirmed'],
  cancelled: ['tentative'],
};

function EventActions({ event }: { event: RecordOf<'events'> }) {
  const { t } = useTranslation();
  const may = useMay();
  const save = useSaveRecord('events');
  const navigate = useNavigate();
  const markBriefed = useRpc('mark_briefed');
  const makeChecklist = useRpc('make_checklist');
  const [cancelling, setCancelling] = useState(false);
  const become = (status: string) => {
    const before = event.status;
    save.mutate(
      { id: event.id, changes: { status } },
      {
        onSuccess: () =>
          notifyDone(t(status === 'postponed' ? 'postponed.done' : 'saved'), () =>
            save.mutate({ id: event.id, changes: { status: before } }),
          ),
      },
    );
  };
  const choose = (status: string) => {
    if (status === 'cancelled') setCancelling(true);
    else if (status === 'postponed')
      confirm({
        title: t('postponed.ask'),
        text: t('postponed.askText'),
        action: t('events.become.postponed'),
        onConfirm: () => become(status),
      });
    else become(status);
  };
  const document = (name: string) =>
    window.open(serverAddress(`/api/documents/events/${event.id}/${name}`), '_blank');
  return (
    <>
      <Menu position="bottom-end" shadow="md">
        <Menu.Target>
          <Button variant="default" leftSection={<Printer size={15} />}>
            {t('events.print')}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void navigate({ to: `/brief/${event.id}` as '/' })}>
            {t('brief.open')}
          </Menu.Item>
          <Menu.Item onClick={() => document('crew-brief.pdf')}>{t('events.crewBrief')}</Menu.Item>
          <Menu.Item onClick={() => document('packing-list.pdf')}>{t('events.packingList')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {may('operations') && (
        <Menu position="bottom-end" shadow="md">
          <Menu.Target>
            <Button rightSection={<ChevronDown size={15} />} loading={save.isPending}>
              {t('events.next')}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {NEXT_STATUSES[event.status]?.map((status) => (
              <Menu.Item key={status} onClick={() => choose(status)}>
                {t(`events.become.${status}`)}
              </Menu.Item>
            ))}
            <Menu.Divider />
            {!event.briefed_at && (
              <Menu.Item onClick={() => markBriefed.mutate({ event_id: event.id })}>
                {t('events.briefed')}
              </Menu.Item>
            )}
            <Menu.Item onClick={() => makeChecklist.mutate({ event_id: event.id })}>
              {t('events.makeChecklist')}
            </Menu.Item>
          </Menu.Dropdown>
        </Menu>
      )}
      {cancelling && <CancelEvent event={event} onClose={() => setCancelling(false)} />}
    </>
  );
}
