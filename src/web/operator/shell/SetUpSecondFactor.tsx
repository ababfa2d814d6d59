import { Alert, Button, Group, Stack } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Enrolment } from '@/server/sign-in/account';
import { useBeginSecondFactor } from '../../hooks/session/account';
import { useSignedIn, useSignOut } from '../../hooks/session/session';
import { Enrol, RecoveryCodes } from '../../sign-in/EnrolSecondFactor';
import { SessionFrame } from '../../sign-in/SessionFrame';

/** Operators act with a second factor only: sets one up at the first sign-in, or asks to sign in again with it. */
export function SetUpSecondFactor({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const { user } = useSignedIn();
  const [hadOne] = useState(user.secondFactor);
  const [enrolment, setEnrolment] = useState<Enrolment>();
  const [codes, setCodes] = useState<string[]>();
  const begin = useBeginSecondFactor();
  const signOut = useSignOut();
  return (
    <SessionFrame title={t('console.factor.title')} text={t('console.factor.text')}>
      <Stack>
        {hadOne && <Alert color="yellow">{t('console.factor.again')}</Alert>}
        {codes && (
          <>
            <RecoveryCodes codes={codes} />
            <Button onClick={onDone}>{t('console.factor.continue')}</Button>
          </>
        )}
        {!hadOne && !codes && !enrolment && (
          <Button
            loading={begin.isPending}
            onClick={() => begin.mutate(undefined, { onSuccess: setEnrolment })}
          >
            {t('console.factor.begin')}
          </Button>
        )}
        {enrolment && !codes && <Enrol enrolment={enrolment} onDone={setCodes} />}
        {!codes && (
          <Group>
            <Button variant="subtle" onClick={() => signOut.mutate({})}>
              {t('signOut')}
            </Button>
          </Group>
        )}
      </Stack>
    </SessionFrame>
  );
}
