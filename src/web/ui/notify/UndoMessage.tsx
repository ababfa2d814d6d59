import { Button, Group, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

/** The button goes with its first click: the notification still fades away then, and a second click must not undo again. */
export function UndoMessage({ message, undo }: { message: string; undo: () => void }) {
  const { t } = useTranslation();
  const [taken, setTaken] = useState(false);
  const take = () => {
    setTaken(true);
    undo();
  };
  return (
    <Group justify="space-between" wrap="nowrap">
      <Text size="sm">{message}</Text>
      {!taken && (
        <Button size="compact-sm" variant="light" onClick={take}>
          {t('undo')}
        </Button>
      )}
    </Group>
  );
}
