import { Badge, Button, Group, Stack, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Enrolment } from '@/server/sign-in/account';
import {
  useBeginSecondFactor,
  useRemoveSecondFactor,
  useRenewRecoveryCodes,
} from '../../hooks/session/account';
import { useSignedIn } from '../../hooks/session/session';
import { Enrol, PasswordField, RecoveryCodes } from '../../sign-in/EnrolSecondFactor';
import { notifyDone } from '../../ui/notify';
import { Panel } from '../../ui/Panel';

/** So few codes are left that new ones should be made. */
const FEW_CODES = 3;

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
        {user.secondFactor && !recoveryCodes && (
          <>
            <RenewRecoveryCodes left={user.recoveryCodes} onRenewed={setRecoveryCodes} />
            <TurnOff />
          </>
        )}
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

/** How many codes are left, and new ones: the earlier ones are void then. */
function RenewRecoveryCodes({ left, onRenewed }: { left: number; onRenewed: (codes: string[]) => void }) {
  const { t } = useTranslation();
  const renew = useRenewRecoveryCodes();
  return (
    <Stack gap="xs">
      <Text size="sm" {...(left < FEW_CODES ? { c: 'red', fw: 500 } : {})}>
        {t('proof.codesLeft', { count: left })}
      </Text>
      <Group>
        <Button
          variant="default"
          loading={renew.isPending}
          onClick={() =>
            renew.mutate(undefined, { onSuccess: ({ recoveryCodes }) => onRenewed(recoveryCodes) })
          }
        >
          {t('proof.newCodes')}
        </Button>
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
