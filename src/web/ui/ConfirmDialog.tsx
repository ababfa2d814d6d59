import { Button, Group, Modal, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Question } from './confirm';

/** Asks for confirmation, then runs the action. */
export function ConfirmDialog({ question, onEnd }: { question: Question; onEnd: () => void }) {
  const { t } = useTranslation();
  return (
    <Modal opened onClose={onEnd} title={question.title}>
      <Text size="sm" mb="sm">
        {question.text}
      </Text>
      {question.notice}
      <Group justify="flex-end" mt="lg" gap="sm">
        <Button variant="default" onClick={onEnd} data-autofocus={question.destructive || undefined}>
          {t('cancel')}
        </Button>
        <Button
          {...(question.destructive ? { color: 'red' } : {})}
          data-autofocus={!question.destructive || undefined}
          onClick={() => {
            onEnd();
            question.onConfirm();
          }}
        >
          {question.action}
        </Button>
      </Group>
    </Modal>
  );
}
