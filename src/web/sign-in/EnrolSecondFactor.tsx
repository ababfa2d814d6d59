import { Button, Code, Group, PasswordInput, PinInput, Stack, Text } from '@mantine/core';
import encodeQR from 'qr';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Enrolment } from '@/server/sign-in/account';
import { useConfirmSecondFactor } from '../hooks/session/account';
import { CopyTextButton } from '../ui/CopyTextButton';

/** Shows the secret of a second factor, and confirms it by its first code. */
export function Enrol({
  enrolment,
  onDone,
}: {
  enrolment: Enrolment;
  onDone: (recoveryCodes: string[]) => void;
}) {
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
        <Text size="sm">{t('factor.scan')}</Text>
        <img
          src={`data:image/svg+xml;utf8,${encodeURIComponent(picture)}`}
          alt={t('factor.picture')}
          width={180}
          height={180}
          style={{ background: 'white', padding: 8, borderRadius: 8 }}
        />
        <Text size="sm">
          {t('factor.type')} <Code>{enrolment.secret.match(/.{1,4}/g)?.join(' ')}</Code>
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
            {t('factor.confirm')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Recovery codes, which are shown once. */
export function RecoveryCodes({ codes }: { codes: string[] }) {
  const { t } = useTranslation();
  return (
    <Stack gap="xs">
      <Text size="sm" fw={500}>
        {t('factor.recovery')}
      </Text>
      <Code block>{codes.join('\n')}</Code>
      <Group>
        <CopyTextButton text={codes.join('\n')} label={t('factor.copy')} />
      </Group>
    </Stack>
  );
}

export function PasswordField({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation();
  return (
    <PasswordInput
      label={t('factor.current')}
      autoComplete="current-password"
      visibilityToggleButtonProps={{ 'aria-label': t('signIn.showPassword') }}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}
