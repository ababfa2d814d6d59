import { Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import { useChangePassword, useEndSession, useOpenSessions } from '../../hooks/session/account';
import { deviceOf } from '../../hooks/session/device';
import { useSignOut } from '../../hooks/session/session';
import { notifyDone } from '../../ui/notify';
import { Failed, Lines, Panel } from '../../ui/Panel';
import { PasskeySettings } from './PasskeySettings';
import { SecondFactor } from './SecondFactor';

const SHORTEST = 10;

/** The user's own password, passkeys, second factor and sessions. */
export function SecuritySettings() {
  const { t } = useTranslation();
  const signOut = useSignOut();
  return (
    <Stack gap="md">
      <PasswordPanel />
      <PasskeySettings />
      <SecondFactor />
      <Panel title={t('settings.security.sessions')}>
        <Stack maw={560} align="flex-start">
          <OpenSessions />
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

function OpenSessions() {
  const { t } = useTranslation();
  const format = useFormat();
  const { data, isPending, error } = useOpenSessions();
  const end = useEndSession();
  if (error) return <Failed error={error} />;
  if (isPending) return <Lines count={2} />;
  return data.sessions.map((session) => (
    <Group key={session.id} justify="space-between" wrap="nowrap" w="100%">
      <div>
        <Text size="sm" fw={500}>
          {deviceOf(session.userAgent) || t(`settings.security.kinds.${session.kind}`)}
          {session.current && ` · ${t('settings.security.thisSession')}`}
        </Text>
        <Text size="xs" c="dimmed">
          {t('settings.security.lastUsed', {
            when: format.moment(session.lastUsedAt),
            address: session.address ?? '',
          })}
        </Text>
      </div>
      {!session.current && (
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          loading={end.isPending && end.variables === session.id}
          onClick={() => end.mutate(session.id)}
        >
          {t('settings.security.endSession')}
        </Button>
      )}
    </Group>
  ));
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
