import { Button, Group, Text } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** After this time a skeleton is complemented by a message, ms. */
const PATIENCE_MS = 6_000;

/** Within a skeleton: says after a few seconds that there is no answer yet, and repeats what is on its way. */
export function StillLoading() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [isLate, setLate] = useState(false);
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: begins again with each attempt
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [attempt]);
  if (!isLate) return null;
  const tryAgain = () => {
    setLate(false);
    setAttempt(attempt + 1);
    void client.cancelQueries({ type: 'active', predicate: ({ state }) => state.data === undefined });
    void client.refetchQueries({ type: 'active', predicate: ({ state }) => state.data === undefined });
  };
  return (
    <Group gap="sm" role="status">
      <Text size="sm" c="dimmed">
        {t('offline.slow')}
      </Text>
      <Button size="compact-xs" variant="default" onClick={tryAgain}>
        {t('tryAgain')}
      </Button>
    </Group>
  );
}
