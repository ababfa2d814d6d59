import { Button, PasswordInput, Stack } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { FormError } from '../ui/FormError';

const SHORTEST = 10;

interface Properties {
  submitLabel: string;
  isPending: boolean;
  error: Error | null;
  /** Whether to ask for the current password. */
  asksCurrent?: boolean;
  onChosen: (passwords: { current: string; password: string }) => void;
}

/** New password, entered twice. */
export function ChoosePasswordForm({
  submitLabel,
  isPending,
  error,
  asksCurrent = false,
  onChosen,
}: Properties) {
  const { t } = useTranslation();
  const form = useForm({
    initialValues: { current: '', password: '', again: '' },
    validate: {
      current: (value) => (value || !asksCurrent ? null : t('signIn.passwordNeeded')),
      password: (value) => (value.length < SHORTEST ? t('signIn.choose.length', { count: SHORTEST }) : null),
      again: (value, { password }) => (value === password ? null : t('signIn.choose.differs')),
    },
  });
  const toggle = { 'aria-label': t('signIn.showPassword') };
  return (
    <form onSubmit={form.onSubmit(({ current, password }) => onChosen({ current, password }))} noValidate>
      <Stack gap="md">
        <FormError error={error} />
        {asksCurrent && (
          <PasswordInput
            label={t('signIn.choose.current')}
            autoComplete="current-password"
            size="md"
            visibilityToggleButtonProps={toggle}
            {...form.getInputProps('current')}
          />
        )}
        <PasswordInput
          label={t('signIn.choose.password')}
          description={t('signIn.choose.length', { count: SHORTEST })}
          autoComplete="new-password"
          size="md"
          data-autofocus
          visibilityToggleButtonProps={toggle}
          {...form.getInputProps('password')}
        />
        <PasswordInput
          label={t('signIn.choose.again')}
          autoComplete="new-password"
          size="md"
          visibilityToggleButtonProps={toggle}
          {...form.getInputProps('again')}
        />
        <Button type="submit" size="md" loading={isPending}>
          {submitLabel}
        </Button>
      </Stack>
    </form>
  );
}
