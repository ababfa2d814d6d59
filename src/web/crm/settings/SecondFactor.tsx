import { Badge, Button, Code, CopyButton, Group, PasswordInput, PinInput, Stack, Text } from '@mantine/core';
import encodeQR from 'qr';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Enrolment } from '@/server/sign-in/account';
import { useBeginSecondFactor, useConfirmSecondFactor, useRemoveSecondFactor } from '../../hooks/account';
import { useSignedIn } from '../../hooks/session';
import { notifyDone } from '../../ui/notify';
import { Panel } from '../../ui/Panel';

/** Enables the second factor (scan, confirm a code, save recovery codes) or disables it. */
export function SecondFactor() {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const [enrolment, setEnrolment] = useState<Enrolment>();
  const [recoveryCodes, setRecoveryCodes] = useState<string[]>();
  const begin = useBeginSecondFactor();
  return (
    <Panel title={t('settings.security.factor')}>
      <Stack maw={460}>
        <Group gap="sm">
          <Badge color={user.secondFactor ? 'green' : 'gray'} tt="none">
            {user.secondFactor ? t('settings.security.on') : t('settings.security.off')}
          </Badge>
        </Group>
        <Text size="sm">{t('settings.security.factorText')}</Text>
        {recoveryCodes && <RecoveryCodes codes={recoveryCodes} />}
        {user.secondFactor && !recoveryCodes && <TurnOff />}
        {!user.secondFactor && !enrolment && (
          <Group>
            <Button
              variant="default"
              loading={begin.isPending}
              onClick={() => begin.mutate(undefined, { onSuccess: setEnrolment })}
            >
              {t('settings.security.turnOn')}
            </Button>
          </Group>
        )}
        {enrolment && (
          <Enrol
            enrolment={enrolment}
            onDone={(codes) => {
              setEnrolment(undefined);
              setRecoveryCodes(codes);
            }}
          />
        )}
      </Stack>
    </Panel>
  );
}

function Enrol({ enrolment, onDone }: { enrolment: Enrolment; onDone: (recoveryCodes: string[]) => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const [current, setCurrent] = useState('');
  const confirm = useConfirmSecondFactor();
  const picture = encodeQR(enrolment.uri, 'svg');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate(
          { token: enrolment.token, code, current },
          { onSuccess: ({ recoveryCodes }) => onDone(recoveryCodes) },
        );
      }}
    >
      <Stack>
        <Text size="sm">{t('settings.security.scan')}</Text>
        <img
          src={`data:image/svg+xml;utf8,${encodeURIComponent(picture)}`}
          alt={t('settings.security.picture')}
          width={180}
          height={180}
          style={{ background: 'white', padding: 8, borderRadius: 8 }}
        />
        <Text size="sm">
          {t('settings.security.type')} <Code>{enrolment.secret.match(/.{1,4}/g)?.join(' ')}</Code>
        </Text>
        <div>
          <Text size="sm" fw={500} mb={6}>
            {t('signIn.code')}
          </Text>
          <PinInput length={6} type="number" oneTimeCode aria-label={t('signIn.code')} onChange={setCode} />
        </div>
        <PasswordField value={current} onChange={setCurrent} />
        <Group>
          <Button type="submit" disabled={code.length < 6 || !current} loading={confirm.isPending}>
            {t('settings.security.confirm')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function RecoveryCodes({ codes }: { codes: string[] }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>
        {t('settings.security.recovery')}
      </Text>
      <Code block>{codes.join('\n')}</Code>
      <Group>
        <CopyButton value={codes.join('\n')}>
          {({ copied, copy }) => (
            <Button variant="default" onClick={copy}>
              {copied ? t('settings.security.copied') : t('settings.security.copy')}
            </Button>
          )}
        </CopyButton>
      </Group>
    </Stack>
  );
}

function TurnOff() {
  const { t } = useTranslation();
  const [current, setCurrent] = useState('');
  const remove = useRemoveSecondFactor();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        remove.mutate(
          { current },
          {
            onSuccess: () => {
              setCurrent('');
              notifyDone(t('saved'));
            },
          },
        );
      }}
    >
      <Stack>
        <PasswordField value={current} onChange={setCurrent} />
        <Group>
          <Button type="submit" variant="default" disabled={!current} loading={remove.isPending}>
            {t('settings.security.turnOff')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function PasswordField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation();
  return (
    <PasswordInput
      label={t('settings.security.current')}
      autoComplete="current-password"
      visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
