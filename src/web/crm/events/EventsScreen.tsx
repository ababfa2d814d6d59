import { SegmentedControl } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { useScreenSearch } from '../../hooks/screen-search';
import { PageHeader } from '../../ui/PageHeader';
import { Lines, Panel } from '../../ui/Panel';
import { RecordList } from '../../ui/RecordList';
import { events } from '../entities/events';

const EventCalendar = lazy(() => import('./EventCalendar'));

const VIEWS = ['list', 'month', 'week', 'day'] as const;

/** Events as a list or in a calendar. */
export function EventsScreen() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const search = useScreenSearch();
  const as = VIEWS.find((view) => view === search.as) ?? 'list';
  return (
    <>
      <PageHeader
        title={t('nav.events')}
        actions={
          <SegmentedControl
            value={as}
            onChange={(view) => void navigate({ to: '.', search: { ...search, as: view } })}
            data={VIEWS.map((view) => ({ value: view, label: t(`events.as.${view}`) }))}
          />
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
          <EventCalendar as={as} />
        </Suspense>
      )}
    </>
  );
}
