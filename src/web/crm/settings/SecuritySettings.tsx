import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { useChangePassword } from '../../hooks/account';
import { useSignOut } from '../../hooks/session';
import { notifyDone } from '../../ui/notify';
import { Panel } from '../../ui/Panel';
import { SecondFactor } from './SecondFactor';

const SHORTEST = 10;

/** One's own account: password, second factor, sessions. */
export function SecuritySettings() {
  const { t } = useTranslation();
  const signOut = useSignOut();
  return (
    <Stack gap="md">
      <PasswordPanel />
      <SecondFactor />
      <Panel title={t('settings.security.sessions')}>
        <Stack maw={460} align="flex-start">
          <Text size="sm">{t('settings.security.sessionsText')}</Text>
          <Button
            variant="default"
            loading={signOut.isPending}
            onClick={() => signOut.mutate({ everywhere: true })}
          >
            {t('settings.security.signOutEverywhere')}
          </Button>
        </Stack>
      </Panel>
    </Stack>
  );
}

function PasswordPanel() {
  const { t } = useTranslation();
  const change = useChangePassword();
  const form = useForm({
    initialValues: { current: '', password: '' },
    validate: {
      current: (value) => (value ? null : t('signIn.passwordNeeded')),
      password: (value) =>
        value.length < SHORTEST ? t('settings.security.length', { count: SHORTEST }) : null,
    },
  });
  const toggle = { 'aria-label': t('signIn.showPassword') };
  const save = form.onSubmit((passwords) =>
    change.mutate(passwords, {
      onSuccess: () => {
        form.reset();
        notifyDone(t('saved'));
      },
    }),
  );
  return (
    <Panel title={t('settings.security.passwordTitle')}>
      <form onSubmit={save} noValidate>
        <Stack maw={460}>
          <PasswordInput
            label={t('settings.security.current')}
            autoComplete="current-password"
            visibilityToggleButtonProps={toggle}
            {...form.getInputProps('current')}
          />
          <PasswordInput
            label={t('settings.security.password')}
            description={t('settings.security.length', { count: SHORTEST })}
            autoComplete="new-password"
            visibilityToggleButtonProps={toggle}
            {...form.getInputProps('password')}
          />
          <Group>
            <Button type="submit" loading={change.isPending}>
              {t('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
