import { Alert, Button, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { SecretText } from './SecretText';

interface Properties {
  /** What was done, and that the text is shown only now. */
  message: string;
  label: string;
  description?: string;
  value: string;
  onClose: () => void;
  /** Further actions, before the button that closes. */
  children?: ReactNode;
}

/** The content of a dialog that has made a secret or a link: shown once, to be copied. */
export function ShownOnce({ message, onClose, children, ...text }: Properties) {
  const { t } = useTranslation();
  return (
    <Stack>
      <Alert color="green">{message}</Alert>
      <SecretText {...text} />
      <Group justify={children ? 'space-between' : 'flex-end'}>
        {children}
        <Button onClick={onClose}>{t('close')}</Button>
      </Group>
    </Stack>
  );
}
