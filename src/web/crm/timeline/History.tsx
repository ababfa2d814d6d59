import { Button, Group, Text, Timeline } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { usePeople } from '../../hooks/company/people';
import { useFormat } from '../../hooks/format';
import { read } from '../../hooks/records/functions';
import { unwrap } from '../../hooks/request/database';
import type { TableName } from '../../hooks/request/query';
import { Failed, Lines, Panel } from '../../ui/Panel';
import classes from './History.module.css';
import { type ChangeEntry, useChangeWords } from './use-change-words';

const PAGE = 30;

interface Properties {
  /** The record's table, or `people`. */
  kind: TableName | 'people';
  record: { id: string; created_at?: unknown; created_by?: unknown };
}

/** Who changed what of a record, and of what belongs to it, in words, newest first. */
export function History({ kind, record }: Properties) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const { headline } = useChangeWords();
  const { data, error, isPending, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } =
    useInfiniteQuery({
      // Below the `records` key: any change may add an entry.
      queryKey: ['records', 'answer', 'record_history', kind, record.id],
      initialPageParam: undefined as ChangeEntry | undefined,
      queryFn: async ({ pageParam, signal }) => {
        const before = pageParam ? { before: pageParam.changed_at, before_id: pageParam.id } : {};
        const asked = read('record_history', { kind, record_id: record.id, most: PAGE, ...before });
        return unwrap(await asked.abortSignal(signal)) as ChangeEntry[];
      },
      getNextPageParam: (page) => (page.length < PAGE ? undefined : page.at(-1)),
    });
  const entries = data?.pages.flat() ?? [];
  const isWhole = data !== undefined && !hasNextPage;
  const begins = entries.at(-1);
  const hasBeginning = begins?.entity === kind && begins.action === 'added';
  return (
    <Panel title={t('history.title')}>
      {error && !data ? (
        <Failed error={error} retry={() => void refetch()} />
      ) : isPending ? (
        <Lines />
      ) : (
        <>
          {isWhole && entries.length === 0 && record.created_at === undefined && (
            <Text c="dimmed">{t('changes.none')}</Text>
          )}
          <Timeline bulletSize={12} lineWidth={2}>
            {entries.map((entry) => (
              <Timeline.Item key={entry.id} title={headline(entry)}>
                <Entry entry={entry} />
              </Timeline.Item>
            ))}
            {isWhole && !hasBeginning && record.created_at !== undefined && (
              <Timeline.Item title={t('history.created_at')}>
                <Text size="sm" c="dimmed">
                  {[format.moment(String(record.created_at)), nameOf(record.created_by as string | null)]
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

/** What an entry changed, when, and by whom. */
export function Entry({ entry }: { entry: ChangeEntry }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { nameOf } = usePeople();
  const { fieldOf, wordsOf } = useChangeWords();
  return (
    <>
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
    </>
  );
}
