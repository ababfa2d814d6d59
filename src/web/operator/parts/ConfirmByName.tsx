import { Code, List, Modal, Stack, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DialogActions } from '../../ui/DialogActions';
import { FormError } from '../../ui/FormError';

interface Properties {
  title: string;
  /** What has to be typed: the tenant's subdomain, or the data source's name. */
  name: string;
  /** What will happen, one sentence each. */
  consequences: readonly string[];
  /** Label of the button. */
  action: string;
  isPending: boolean;
  error?: unknown;
  /** Further inputs, above the name. */
  children?: ReactNode;
  onConfirm: () => void;
  onClose: () => void;
}

/** Confirmation of a dangerous step: lists the consequences, and asks the user to type the name. */
export function ConfirmByName(properties: Properties) {
  const { title, name, consequences, action, isPending, error, children, onConfirm, onClose } = properties;
  const { t } = useTranslation();
  const [typed, setTyped] = useState('');
  return (
    <Modal opened onClose={onClose} title={title}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (typed.trim() === name) onConfirm();
        }}
      >
        <Stack gap="sm">
          <List size="sm" spacing={4}>
            {consequences.map((sentence) => (
              <List.Item key={sentence}>{sentence}</List.Item>
            ))}
          </List>
          {children}
          <TextInput
            label={t('console.typeName')}
            description={<Code>{name}</Code>}
            autoComplete="off"
            autoCapitalize="none"
            spellCheck={false}
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
          />
          <FormError error={error} />
          <DialogActions
            label={action}
            onCancel={onClose}
            isPending={isPending}
            isDisabled={typed.trim() !== name}
            isDangerous
          />
        </Stack>
      </form>
    </Modal>
  );
}
