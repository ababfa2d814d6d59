import { Alert, Button, Group, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useFormat } from '../../hooks/format';
import {
  useChangeEmail,
  useChangePassword,
  useEndSession,
  useOpenSessions,
} from '../../hooks/session/account';
import { deviceOf } from '../../hooks/session/device';
import { useSignedIn, useSignOut } from '../../hooks/session/session';
import { FormError } from '../../ui/FormError';
import { notifyDone } from '../../ui/notify';
import { Failed, Lines, Panel } from '../../ui/Panel';
import { PasskeySettings } from './PasskeySettings';
import { SecondFactor } from './SecondFactor';

const SHORTEST = 10;

/** The user's own address, password, passkeys, second factor and sessions. */
export function SecuritySettings() {
  const { t } = useTranslation();
  const signOut = useSignOut();
  return (
    <Stack gap="md">
      <EmailPanel />
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

/** The address to sign in with. A new one counts once the link that is mailed to it is opened. */
function EmailPanel() {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const change = useChangeEmail();
  const [email, setEmail] = useState('');
  const wanted = email.trim().toLowerCase();
  return (
    <Panel title={t('field.email')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate({ email: wanted });
        }}
      >
        <Stack maw={460}>
          <Text size="sm">{user.email}</Text>
          {change.isSuccess ? (
            <Alert color="green" role="status">
              {t('settings.security.emailSent', { email: change.variables.email })}
            </Alert>
          ) : (
            <>
              <TextInput
                type="email"
                autoComplete="email"
                label={t('settings.security.newEmail')}
                description={t('settings.security.newEmailText')}
                value={email}
                onChange={(event) => setEmail(event.target.value)}
              />
              <FormError error={change.error} />
              <Group>
                <Button
                  type="submit"
                  variant="default"
                  loading={change.isPending}
                  disabled={!wanted.includes('@') || wanted === user.email}
                >
                  {t('settings.security.changeEmail')}
                </Button>
              </Group>
            </>
          )}
        </Stack>
      </form>
    </Panel>
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
