import { Badge, Button, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChangePassword } from '../../hooks/people';
import { useSignedIn } from '../../hooks/session';
import { notifyDone } from '../../ui/notify';
import { Panel } from '../../ui/Panel';

const SHORTEST = 10;

/** One's own password, and whether a second factor protects the account. */
export function SecuritySettings() {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const [password, setPassword] = useState('');
  const change = useChangePassword();
  return (
    <Panel title={t('settings.security.title')}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          change.mutate(password, {
            onSuccess: () => {
              setPassword('');
              notifyDone(t('saved'));
            },
          });
        }}
      >
        <Stack maw={420}>
          <Group gap="sm">
            <Text size="sm">{t('settings.security.factor')}</Text>
            <Badge color={user.secondFactor ? 'green' : 'gray'} tt="none">
              {user.secondFactor ? t('yes') : t('no')}
            </Badge>
          </Group>
          <PasswordInput
            label={t('settings.security.password')}
            description={t('settings.security.length', { count: SHORTEST })}
            autoComplete="new-password"
            value={password}
            onChange={(e) => setPassword(e.target.value)}
            visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
          />
          <Group>
            <Button type="submit" disabled={password.length < SHORTEST} loading={change.isPending}>
              {t('save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}
