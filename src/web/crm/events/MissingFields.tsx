import { Alert, List } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { missingWords } from '../../ui/notify/missing-words';

/** Merge fields of a text that have no value, and where they are filled in. */
export function MissingFields({ missing }: { missing: readonly string[] }) {
  const { t } = useTranslation();
  if (missing.length === 0) return null;
  return (
    <Alert color="yellow" title={t('contracts.missing')} role="status">
      <List size="sm">
        {missingWords(missing).map((text) => (
          <List.Item key={text}>{text}</List.Item>
        ))}
      </List>
    </Alert>
  );
}
