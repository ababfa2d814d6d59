import { Alert, Button, Group } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { explain } from '../../ui/notify';
import { Failed, Lines } from '../../ui/Panel';
import { Ago } from './Ago';

/**
 * What a query has read, in all its states. What is shown stays while it is read again, and when that fails: a line then says
 * of when it is.
 */
export function QueryView<Answer>({
  query,
  lines = 5,
  children,
}: {
  query: UseQueryResult<Answer>;
  /** Lines of the loading skeleton. */
  lines?: number;
  children: (answer: Answer) => ReactNode;
}) {
  const { data, error, refetch } = query;
  if (data !== undefined) {
    return (
      <>
        <Outdated query={query} />
        {children(data)}
      </>
    );
  }
  if (error) return <Failed error={error} retry={() => void refetch()} />;
  return <Lines count={lines} />;
}

/** Says that what is shown could not be read again, why, and of when it is. */
export function Outdated({
  query: { data, error, dataUpdatedAt, refetch, isFetching },
}: {
  query: Pick<UseQueryResult, 'data' | 'error' | 'dataUpdatedAt' | 'refetch' | 'isFetching'>;
}) {
  const { t } = useTranslation();
  if (data === undefined || !error) return null;
  return (
    <Alert color="yellow" mb="sm" role="status" title={t('console.outdated')}>
      <Group gap="sm">
        <span>
          {explain(error)} {t('console.asOf')} <Ago at={new Date(dataUpdatedAt).toISOString()} />
        </span>
        <Button size="compact-xs" variant="default" loading={isFetching} onClick={() => void refetch()}>
          {t('tryAgain')}
        </Button>
      </Group>
    </Alert>
  );
}
