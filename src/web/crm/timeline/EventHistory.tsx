import { Button, Group, Text, Timeline } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { History as Clock } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { unwrap } from '../../hooks/database';
import { useFormat } from '../../hooks/format';
import { read } from '../../hooks/functions';
import { usePeople } from '../../hooks/people';
import type { AnyRow } from '../../ui/entity';
import { EmptyState, Failed, Lines, Panel } from '../../ui/Panel';
import classes from './EventHistory.module.css';
import { type ChangeEntry, useChangeWords } from './use-change-words';

const PAGE = 30;

/** Audit trail of an event: dates, crew, booths, designs, checklist, money and contract, newest first. */
export function EventHistory({ event }: { event: AnyRow }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const { headline, fieldOf, wordsOf } = useChangeWords();
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery({
      // Below the `records` key: any change may add an entry.
      queryKey: ['records', 'answer', 'event_history', event.id],
      initialPageParam: undefined as ChangeEntry | undefined,
      queryFn: async ({ pageParam, signal }) => {
        const before = pageParam ? { before: pageParam.changed_at, before_id: pageParam.id } : {};
        const asked = read('event_history', { event_id: event.id, most: PAGE, ...before });
        return unwrap(await asked.abortSignal(signal)) as ChangeEntry[];
      },
      getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)),
    });
  const entries = data?.pages.flat() ?? [];
  const isWhole = data !== undefined && !hasNextPage;
  const begins = entries.at(-1);
  const hasBeginning = begins?.entity === 'events' && begins.action === 'added';
  return (
    <Panel title={t('history.title')}>
      {error && !data ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Lines />
      ) : (
        <>
          {entries.length === 0 && <EmptyState icon={Clock} title={t('changes.none')} small />}
          <Timeline bulletSize={12} lineWidth={2}>
            {entries.map((entry) => (
              <Timeline.Item key={entry.id} title={headline(entry)}>
                {entry.action === 'changed' && (
                  <ul className={classes.fields}>
                    {Object.entries(entry.columns).map(([column, [was, became]]) => (
                      <li key={column}>
                        <span className={classes.field}>{fieldOf(column)}:</span>{' '}
                        <span className={classes.was}>{wordsOf(entry, column, was)}</span> →{' '}
                        <span>{wordsOf(entry, column, became)}</span>
                      </li>
                    ))}
                  </ul>
                )}
                <Text size="sm" c="dimmed">
                  {[
                    format.moment(entry.changed_at),
                    entry.changed_by
                      ? nameOf(entry.changed_by)
                      : t(entry.changed_through === 'client_link' ? 'changes.byClient' : 'changes.byItself'),
                  ].join(' · ')}
                </Text>
              </Timeline.Item>
            ))}
            {isWhole && !hasBeginning && (
              <Timeline.Item title={t('history.created_at')}>
                <Text size="sm" c="dimmed">
                  {[format.moment(String(event.created_at)), nameOf(event.created_by as string | null)]
                    .filter(Boolean)
                    .join(' · ')}
                </Text>
              </Timeline.Item>
            )}
          </Timeline>
          {hasNextPage && (
            <Group justify="center" mt="md">
              <Button
                variant="default"
                size="sm"
                loading={isFetchingNextPage}
                onClick={() => void fetchNextPage()}
              >
                {t('changes.earlier')}
              </Button>
            </Group>
          )}
        </>
      )}
    </Panel>
  );
}
