import { Alert, Code, Group } from '@mantine/core';
import { useTranslation } from 'react-i18next';

/** Merge fields without a value in this event. Fill them in at the event, or they are left out of the text. */
export function MissingFields({ missing }: { missing: readonly string[] }) {
  const { t } = useTranslation();
  if (missing.length === 0) return null;
  return (
    <Alert color="yellow" title={t('contracts.missing')} role="status">
      <Group gap="xs">
        {missing.map((field) => (
          <Code key={field}>{`{{${field}}}`}</Code>
        ))}
      </Group>
    </Alert>
  );
}
