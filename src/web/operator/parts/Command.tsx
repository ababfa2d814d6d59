import { ActionIcon, Code, CopyButton, Group, Text } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { useTranslation } from 'react-i18next';

/** The command that shows or does the same as this page, with a button that copies it. */
export function Command({ text, label }: { text: string; label?: string }) {
  const { t } = useTranslation();
  return (
    <Group gap={6} wrap="nowrap" maw="100%" mt="xs">
      <Text size="xs" c="dimmed" style={{ flex: 'none' }}>
        {label ?? t('console.command')}
      </Text>
      <Code style={{ overflowWrap: 'anywhere' }}>{text}</Code>
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <ActionIcon
            variant="subtle"
            color="gray"
            size="sm"
            onClick={copy}
            aria-label={copied ? t('copied') : t('console.copy', { what: text })}
          >
            {copied ? <Check size={14} /> : <Copy size={14} />}
          </ActionIcon>
        )}
      </CopyButton>
    </Group>
  );
}
