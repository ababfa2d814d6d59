import { Button, Group } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

/** The two buttons at the end of a dialog or form. Without `onConfirm` the second submits the form. */
export function DialogActions({
  label,
  cancelLabel,
  onCancel,
  onConfirm,
  isPending,
  isDisabled,
  isDangerous,
  size,
  focus,
}: {
  label: ReactNode;
  cancelLabel?: ReactNode;
  onCancel: () => void;
  onConfirm?: () => void;
  isPending?: boolean;
  isDisabled?: boolean;
  isDangerous?: boolean;
  size?: 'xs';
  /** The button that has the focus when the dialog opens. */
  focus?: 'cancel' | 'action';
}) {
  const { t } = useTranslation();
  const sized = size ? { size } : {};
  return (
    <Group justify="flex-end" gap={size ?? 'md'}>
      <Button
        {...sized}
        variant="default"
        onClick={onCancel}
        data-autofocus={focus === 'cancel' || undefined}
      >
        {cancelLabel ?? t('cancel')}
      </Button>
      <Button
        {...sized}
        {...(onConfirm ? { onClick: onConfirm } : { type: 'submit' })}
        {...(isDangerous ? { color: 'red' } : {})}
        loading={isPending ?? false}
        disabled={isDisabled ?? false}
        data-autofocus={focus === 'action' || undefined}
      >
        {label}
      </Button>
    </Group>
  );
}
