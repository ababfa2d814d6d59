import { Button, Group, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export function UndoMessage({ message, undo }: { message: string; undo: () => void }) {
  const { t } = useTranslation();
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm">{message}</Text>
      <Button size="compact-sm" variant="light" onClick={undo}>
        {t('undo')}
      </Button>
    </Group>
  );
}
