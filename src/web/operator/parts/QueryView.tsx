import { Alert, Button, Group } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { explain } from '../../ui/notify';
import { Failed, Lines } from '../../ui/Panel';
import { Ago } from './Ago';

/**
 * Renders a query in each of its states. During a refetch, and after a failed one, the former data stay; a line then says
 * how old they are.
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

/** Warns that a refetch has failed, why, and how old the data are. */
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
