import { Button, Group, SegmentedControl } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { lazy, Suspense, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useScreenSearch } from '../../hooks/page/screen-search';
import { useMay } from '../../hooks/session/roles';
import { PageHeader } from '../../ui/PageHeader';
import { Lines, Panel } from '../../ui/Panel';
import { useNewKey } from '../../ui/use-new-key';
import { events } from '../entities/events';
import { RecordDrawer } from '../records/RecordDrawer';
import { RecordList } from '../records/RecordList';

const EventCalendar = lazy(() => import('./EventCalendar'));

const VIEWS = ['list', 'month', 'week', 'day'] as const;

/** Events as a list or in a calendar. */
export function EventsScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useScreenSearch();
  const format = useFormat();
  const may = useMay();
  const [adding, setAdding] = useState<string | null>(null);
  const as = VIEWS.find((view) => view === search.as) ?? 'list';
  const add = () => setAdding(search.day ?? format.today);
  useNewKey(as !== 'list' && may('operations') ? add : undefined);
  return (
    <>
      <PageHeader
        title={t('nav.events')}
        actions={
          <Group gap="xs">
            <SegmentedControl
              value={as}
              onChange={(view) => void navigate({ to: '.', search: { ...search, as: view } })}
              data={VIEWS.map((view) => ({ value: view, label: t(`events.as.${view}`) }))}
            />
            {as !== 'list' && may('operations') && (
              <Button leftSection={<Plus size={16} />} onClick={add}>
                {t('calendar.add')}
              </Button>
            )}
          </Group>
        }
      />
      {as === 'list' ? (
        <RecordList entity={events} />
      ) : (
        <Suspense
          fallback={
            <Panel>
              <Lines count={10} />
            </Panel>
          }
        >
          <EventCalendar as={as} onAdd={may('operations') ? setAdding : undefined} />
        </Suspense>
      )}
      <RecordDrawer
        entity={events}
        opened={adding !== null}
        onClose={() => setAdding(null)}
        suggested={{
          event_date: adding?.slice(0, 10),
          ...(adding && adding.length > 10 ? { start_time: adding.slice(11, 16) } : {}),
        }}
        onSaved={(event) => void navigate({ to: `/events/${event.id}` as '/' })}
      />
    </>
  );
}
